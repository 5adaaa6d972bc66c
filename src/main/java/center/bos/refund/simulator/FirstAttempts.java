// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulator;

import java.util.LinkedHashMap;
import java.util.Map;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Variable;

/** Remembers the last 10,000 pairs that were tried. */
@Singleton
@Named("simulatorAttempts")
public final class FirstAttempts {
    private static final int REMEMBERED = 10_000;

    private final Map<String, Boolean> tried = new LinkedHashMap<>() {
        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
            return size() > REMEMBERED;
        }
    };

    /** Tells whether this is the first attempt for a pair of ids, and remembers it. */
    public synchronized boolean isFirst(@Variable("pair") String pair) {
        return tried.putIfAbsent(pair, true) == null;
    }
}
