// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.throttle;

import java.util.concurrent.TimeUnit;

/**
 * The rate limiter of {@code refund.rate}. A delay of up to 100 ms is caught up at one and a half times the rate, so that late
 * timers and short stalls neither lower the rate nor end in a burst. Not thread-safe. Times are monotonic nanoseconds.
 */
final class RateLimiter {
    /** In any span the calls are at most these many nanoseconds' worth more than the rate: 1 % of 10 s. */
    private static final long LARGEST_CATCH_UP = TimeUnit.MILLISECONDS.toNanos(100);
    private static final double CATCH_UP_PACE = 1.5;
    /** The usual lateness of timers; calls closer together than that begin together. */
    private static final long TIMER = TimeUnit.MILLISECONDS.toNanos(5);

    private final Slots mean;
    private final Slots peak;

    /** Allows that many calls a second from now on; 0 means no limit. */
    RateLimiter(double rate, long now) {
        double interval = rate > 0 ? TimeUnit.SECONDS.toNanos(1) / rate : 0;
        mean = new Slots((long) interval, LARGEST_CATCH_UP, now);
        peak = new Slots((long) (interval / CATCH_UP_PACE), TIMER, now);
    }

    /** One slot for each interval, however late it was taken, up to a tolerance. */
    private static final class Slots {
        private final long interval;
        private final long tolerance;
        private long next;

        Slots(long interval, long tolerance, long now) {
            this.interval = interval;
            this.tolerance = tolerance;
            this.next = now;
        }

        int due(long now, int most) {
            long first = Math.max(next, now - tolerance);
            if (first > now) {
                return 0;
            }
            return interval == 0 ? most : (int) Math.min(most, 1 + (now - first) / interval);
        }

        void take(long now) {
            next = Math.max(next, now - tolerance) + interval;
        }
    }

    /** How many slots are due, {@code most} at most. */
    int permits(long now, int most) {
        return Math.min(mean.due(now, most), peak.due(now, most));
    }

    /** Nanoseconds until the next slot; not positive when one is due. */
    long nanosToWait(long now) {
        return Math.max(mean.next, peak.next) - now;
    }

    /** Skips the slots before that time; they are not caught up. */
    void skipTo(long time) {
        mean.next = Math.max(mean.next, time);
    }

    /** A call begins. */
    void take(long now) {
        mean.take(now);
        peak.take(now);
    }
}
