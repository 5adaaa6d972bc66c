// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import jakarta.enterprise.context.ApplicationScoped;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;

/**
 * A cache of the latest answers. A request that accepts an answer of some age ({@code Cache-Control: max-age=1}, as the console's do)
 * may get that of another caller, so that the ledger is queried once a second, however many ask.
 */
@ApplicationScoped
class Snapshots {
    private static final Duration LONGEST = Duration.ofSeconds(2);
    private static final int MOST = 200;
    private static final Pattern MAX_AGE = Pattern.compile("(?i)max-age=([0-9]{1,9})");

    private final Map<String, Snapshot> latest = new LinkedHashMap<>();

    private record Snapshot(long nanos, String json) {
    }

    /** An answer that is young enough for the request. */
    synchronized Optional<String> find(HttpServerRequest request) {
        Snapshot snapshot = latest.get(request.uri());
        String control = request.getHeader("Cache-Control");
        if (snapshot == null || control == null || !isReading(request)) {
            return Optional.empty();
        }
        Matcher age = MAX_AGE.matcher(control);
        long most = age.find() ? Math.min(Long.parseLong(age.group(1)), LONGEST.toSeconds()) : 0;
        return System.nanoTime() - snapshot.nanos() < Duration.ofSeconds(most).toNanos()
                ? Optional.of(snapshot.json())
                : Optional.empty();
    }

    /** Keeps the answer to a request that only reads. */
    synchronized void keep(HttpServerRequest request, String json) {
        latest.remove(request.uri());
        latest.put(request.uri(), new Snapshot(System.nanoTime(), json));
        if (latest.size() > MOST) {
            latest.remove(latest.keySet().iterator().next());
        }
    }

    /** Discards all answers after a change. */
    synchronized void clear() {
        latest.clear();
    }

    static boolean isReading(HttpServerRequest request) {
        return request.method() == HttpMethod.GET || request.method() == HttpMethod.HEAD;
    }
}
