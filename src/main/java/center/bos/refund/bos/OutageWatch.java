package center.bos.refund.bos;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import org.jboss.logging.Logger;

/**
 * Tells from how calls end when an outage begins, when its next probe is due and when it is over. Calls are numbered as
 * they begin, since an answer that comes late tells of the time in which its call began. Guarded by the gate's lock.
 */
final class OutageWatch {
    private static final Logger LOG = Logger.getLogger(CallGate.class);
    private static final int FAILURES_TO_PAUSE = 3;
    private static final long FIRST_BACKOFF = TimeUnit.SECONDS.toNanos(1);
    /** From the start of one probe to that of the next, so that a probe that hangs does not delay the resumption. */
    private static final long LONGEST_BACKOFF = TimeUnit.SECONDS.toNanos(8);
    private static final int LARGEST_SHIFT = 4;

    private long begun;
    private long lastBegunAt;
    /** What calls up to this number tell is older than the outage, or than its end. */
    private long outdated;
    private long lastAnswered;
    private long lastFailed;
    private int failuresInARow;
    /** Calls with a higher number began after the first of the failures in a row: they are tries. */
    private long begunAtFirstFailure;
    private int probesFailed;
    private long probeAt;
    private boolean reached;
    private Outage outage;

    /** A call begins; returns its number, counted from 1. */
    long begins(long now) {
        lastBegunAt = now;
        return ++begun;
    }

    /** The number of the call that began last. */
    long lastBegun() {
        return begun;
    }

    /** The highest number of a call that BOS answered. */
    long lastAnswered() {
        return lastAnswered;
    }

    /** Whether the last that was heard is a failure. */
    boolean failing() {
        return failuresInARow > 0;
    }

    Optional<Outage> outage() {
        return Optional.ofNullable(outage);
    }

    /** Nanoseconds until the next call may be made, with that many in flight; only failures make it wait. */
    long nanosToWait(long now, int inFlight) {
        if (!failing()) {
            return 0;
        }
        long answer = inFlight > 0 ? lastBegunAt + LONGEST_BACKOFF - now : 0;
        return Math.max(answer, probeAt - now);
    }

    /**
     * BOS answered a call.
     *
     * @return false for one that began before the trouble was noticed and whose answer only comes late
     */
    boolean answered(long call) {
        reached = true;
        if (call <= outdated) {
            return false;
        }
        lastAnswered = Math.max(lastAnswered, call);
        if (call < lastFailed) {
            return true; // begun before one that failed since, so it tells nothing of now
        }
        failuresInARow = 0;
        probesFailed = 0;
        if (outage != null) {
            LOG.infof("BOS answers again; going on after %d s",
                    Duration.between(outage.since(), Instant.now()).toSeconds());
            outage = null;
            outdated = begun;
        }
        return true;
    }

    /**
     * A call failed.
     *
     * @param inFlight calls in flight, this one included
     * @return whether an outage begins with it
     */
    boolean failed(long call, String reason, int inFlight) {
        if (call <= outdated) {
            return false;
        }
        if (failuresInARow++ == 0) {
            begunAtFirstFailure = begun;
        }
        lastFailed = Math.max(lastFailed, call);
        probeAt = System.nanoTime();
        // calls that hang for longer than the tries are apart are never alone
        boolean begins = outage == null && failuresInARow >= FAILURES_TO_PAUSE
                && (inFlight <= 1 || call > begunAtFirstFailure);
        if (begins) {
            LOG.warnf("Paused, trying one call at a time: %s", reason);
            outage = new Outage(Instant.now(), reason, reached);
            outdated = begun;
        }
        if (outage != null) {
            outage = new Outage(outage.since(), reason, outage.reachedBefore());
            long backoff = FIRST_BACKOFF << Math.min(probesFailed++, LARGEST_SHIFT);
            probeAt = lastBegunAt + Math.min(backoff, LONGEST_BACKOFF);
        }
        return begins;
    }
}
