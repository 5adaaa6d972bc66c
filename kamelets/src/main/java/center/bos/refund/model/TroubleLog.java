// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;

/** Logs a recurring problem once, and every 10 minutes while it lasts. */
public final class TroubleLog {
    private static final Duration SAID_AGAIN = Duration.ofMinutes(10);

    private final Consumer<String> log;
    private final LongSupplier nanoTime;
    private final Map<String, Long> said = new HashMap<>();

    /** For that log. */
    public TroubleLog(Consumer<String> log) {
        this(log, System::nanoTime);
    }

    TroubleLog(Consumer<String> log, LongSupplier nanoTime) {
        this.log = log;
        this.nanoTime = nanoTime;
    }

    /** Logs the line, unless it was logged in the last 10 minutes. */
    public synchronized void say(String line) {
        long now = nanoTime.getAsLong();
        said.values().removeIf(before -> now - before >= SAID_AGAIN.toNanos());
        if (said.putIfAbsent(line, now) == null) {
            log.accept(line);
        }
    }
}
