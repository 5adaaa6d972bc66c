package center.bos.refund.bos;

import java.util.concurrent.TimeUnit;

/**
 * The slots of {@code refund.rate}. Lateness of up to 100 ms is made up for, at one and a half times the rate, so that late
 * timers and short stalls neither add up to a lower rate nor end in a burst. Guarded by the gate's lock.
 */
final class Pace {
    /** In any span the calls are at most these many nanoseconds' worth more than the rate: 1 % of 10 s. */
    private static final long LARGEST_CATCH_UP = TimeUnit.MILLISECONDS.toNanos(100);
    private static final double CATCH_UP_PACE = 1.5;
    /** What timers are late by at every rate; calls closer together than timers can tell apart go together. */
    private static final long TIMER = TimeUnit.MILLISECONDS.toNanos(5);

    private final Slots mean;
    private final Slots peak;

    /** That many calls a second; 0 means no limit. */
    Pace(double rate) {
        double interval = rate > 0 ? TimeUnit.SECONDS.toNanos(1) / rate : 0;
        mean = new Slots((long) interval, LARGEST_CATCH_UP);
        peak = new Slots((long) (interval / CATCH_UP_PACE), TIMER);
    }

    /** One slot an interval, however late each was taken, up to a tolerance. */
    private static final class Slots {
        private final long interval;
        private final long tolerance;
        private long next = System.nanoTime();

        Slots(long interval, long tolerance) {
            this.interval = interval;
            this.tolerance = tolerance;
        }

        void take(long now) {
            next = Math.max(next, now - tolerance) + interval;
        }

        void giveBack() {
            next -= interval;
        }
    }

    /** Nanoseconds until the next call may be made; not positive when it may be now. */
    long nanosToWait(long now) {
        return Math.max(mean.next, peak.next) - now;
    }

    /** A call begins. */
    void take(long now) {
        mean.take(now);
        peak.take(now);
    }

    /** A call that had begun was not made. */
    void giveBack() {
        mean.giveBack();
        peak.giveBack();
    }

    /** Leaves out the slots before that time, as {@link System#nanoTime()}. */
    void pauseUntil(long time) {
        mean.next = Math.max(mean.next, time);
    }
}
