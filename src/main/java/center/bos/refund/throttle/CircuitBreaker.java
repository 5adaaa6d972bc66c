// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.throttle;

import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import org.jboss.logging.Logger;

import center.bos.refund.model.Trouble;

/**
 * A circuit breaker. Closed: calls begin; three failures in a row open it. Open: no call begins. Half-open, after a pause: one probe
 * decides. Calls are numbered as they begin, since a late answer tells of the time in which its call began. Not thread-safe. Times
 * are monotonic nanoseconds.
 */
final class CircuitBreaker {
    /** No limit of its own. */
    static final int ANY = Integer.MAX_VALUE;
    /** The longest time between the starts of two probes, so that a hanging one does not delay the end of an outage. */
    static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(8);
    private static final long FIRST_PAUSE = TimeUnit.SECONDS.toNanos(1);
    private static final int LARGEST_SHIFT = 4;
    private static final int FAILURES_TO_OPEN = 3;
    private static final Logger LOG = Logger.getLogger(Throttle.class);

    private final InstantSource clock;
    private State state = new Closed();
    private long begun;
    private long lastBegunAt;
    /** Results of calls up to this number are older than the outage or its end, and are ignored. */
    private long outdated;
    private long lastAnswered;
    private long lastFailed;
    private boolean reached;
    private Trouble outage;

    CircuitBreaker(InstantSource clock) {
        this.clock = clock;
    }

    /** A state of the breaker. */
    private sealed interface State {
        /** Nanoseconds until a call may begin by time alone, with that many in flight; not positive when one may now. */
        long nanosToWait(long now, int inFlight);

        default State begins(long now) {
            return this;
        }

        State answered();

        State failed(long call, String reason, long now, int inFlight);
    }

    /** Calls begin; failures in a row are counted. */
    private final class Closed implements State {
        private int failures;
        /** Calls with a higher number began after the first of the failures in a row: they are probes. */
        private long begunAtFirstFailure;

        /** After a failure no call begins before one in flight is answered or all have ended; hanging ones are ignored. */
        @Override
        public long nanosToWait(long now, int inFlight) {
            return failures == 0 || inFlight == 0 ? 0 : lastBegunAt + LONGEST_PAUSE - now;
        }

        @Override
        public State answered() {
            failures = 0;
            return this;
        }

        @Override
        public State failed(long call, String reason, long now, int inFlight) {
            if (failures++ == 0) {
                begunAtFirstFailure = begun;
            }
            // with hanging calls a probe is never the only call in flight
            if (failures < FAILURES_TO_OPEN || inFlight > 1 && call <= begunAtFirstFailure) {
                return this;
            }
            LOG.warnf("Paused, trying one call at a time: %s", reason);
            outage = new Trouble(clock.instant(), reason, reached);
            outdated = begun;
            return new Open(0, lastBegunAt + pause(0));
        }
    }

    /** Calls fail: one at a time may begin. */
    private abstract sealed class Failing implements State {
        final int probes;

        Failing(int probes) {
            this.probes = probes;
        }

        /** Waits for a call in flight, unless it hangs. */
        @Override
        public long nanosToWait(long now, int inFlight) {
            return inFlight > 0 ? lastBegunAt + LONGEST_PAUSE - now : 0;
        }

        @Override
        public final State answered() {
            return closed();
        }

        @Override
        public final State failed(long call, String reason, long now, int inFlight) {
            outage = new Trouble(outage.since(), reason, outage.reachedBefore());
            return new Open(probes + 1, lastBegunAt + pause(probes + 1));
        }
    }

    /** No call begins until the pause is over. */
    private final class Open extends Failing {
        private final long until;

        Open(int probes, long until) {
            super(probes);
            this.until = until;
        }

        @Override
        public long nanosToWait(long now, int inFlight) {
            return Math.max(super.nanosToWait(now, inFlight), until - now);
        }

        @Override
        public State begins(long now) {
            if (until - now > 0) { // it began before the breaker opened, so it is no probe
                outdated = begun + 1;
                return this;
            }
            return new HalfOpen(probes);
        }
    }

    /** A probe is under way. */
    private final class HalfOpen extends Failing {
        HalfOpen(int probes) {
            super(probes);
        }
    }

    private static long pause(int probes) {
        return Math.min(FIRST_PAUSE << Math.min(probes, LARGEST_SHIFT), LONGEST_PAUSE);
    }

    private State closed() {
        LOG.infof("BOS answers again; going on after %d s",
                Duration.between(outage.since(), clock.instant()).toSeconds());
        outage = null;
        outdated = begun;
        return new Closed();
    }

    /** How many calls may begin, with that many in flight: {@link #ANY}, 1 or 0. */
    int permits(long now, int inFlight) {
        return nanosToWait(now, inFlight) > 0 ? 0 : isFailing() ? 1 : ANY;
    }

    /** Nanoseconds until a call may begin by time alone; not positive when one may now. */
    long nanosToWait(long now, int inFlight) {
        return state.nanosToWait(now, inFlight);
    }

    /** A call begins; returns its number, counted from 1. */
    long begins(long now) {
        lastBegunAt = now;
        state = state.begins(now);
        return ++begun;
    }

    /**
     * BOS answered a call.
     *
     * @return false for a late answer to a call that began before the outage was noticed
     */
    boolean answered(long call) {
        reached = true;
        if (call <= outdated) {
            return false;
        }
        lastAnswered = Math.max(lastAnswered, call);
        if (call > lastFailed) { // else it began before one that failed since, so it is out of date
            state = state.answered();
        }
        return true;
    }

    /**
     * A call failed.
     *
     * @param inFlight calls in flight, this one included
     * @return whether it begins an outage
     */
    boolean failed(long call, String reason, long now, int inFlight) {
        if (call <= outdated) {
            return false;
        }
        lastFailed = Math.max(lastFailed, call);
        boolean wasClosed = outage == null;
        state = state.failed(call, reason, now, inFlight);
        return wasClosed && outage != null;
    }

    /** Whether the last result is a failure. */
    boolean isFailing() {
        return outage != null || state instanceof Closed closed && closed.failures > 0;
    }

    long lastBegun() {
        return begun;
    }

    /** The highest number of a call that BOS answered. */
    long lastAnswered() {
        return lastAnswered;
    }

    Optional<Trouble> outage() {
        return Optional.ofNullable(outage);
    }
}
