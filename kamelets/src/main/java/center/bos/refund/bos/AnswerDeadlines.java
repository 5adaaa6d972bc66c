// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.http.HttpRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Cancels calls whose whole answer does not arrive in time. One thread checks all of them, so a call costs no timer. */
final class AnswerDeadlines {
    /** The longest delay of a cancellation. */
    private static final long LOOK_MILLIS = 25;

    private static final Logger LOG = LoggerFactory.getLogger(AnswerDeadlines.class);

    private final long limitNanos;
    private final Set<Call> running = ConcurrentHashMap.newKeySet();

    AnswerDeadlines(Duration limit) {
        limitNanos = limit.toNanos();
        ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "answer-deadlines");
            thread.setDaemon(true);
            return thread;
        });
        looks.scheduleWithFixedDelay(this::look, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    /** A call in progress. */
    static final class Call {
        private final HttpRequest request;
        private final long end;
        private volatile boolean late;

        private Call(HttpRequest request, long end) {
            this.request = request;
            this.end = end;
        }

        /** Whether it was cancelled by the deadline. */
        boolean isLate() {
            return late;
        }

        private void cancel() {
            late = true;
            if (request instanceof Cancellable cancellable) {
                cancellable.cancel();
            }
        }
    }

    /** Starts the deadline of a call. */
    Call begin(HttpRequest request) {
        Call call = new Call(request, System.nanoTime() + limitNanos);
        running.add(call);
        return call;
    }

    /** Ends the deadline. */
    void end(Call call) {
        running.remove(call);
    }

    private void look() {
        long now = System.nanoTime();
        for (Call call : running) {
            if (now - call.end >= 0 && running.remove(call)) {
                try {
                    call.cancel();
                } catch (RuntimeException | Error e) { // a failure to close one must not end the checks of the others
                    LOG.debug("cancelling a call", e);
                }
            }
        }
    }
}
