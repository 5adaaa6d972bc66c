package center.bos.refund.bos;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;

import center.bos.refund.config.RefundConfig;

/**
 * Decides when the next call may be made: at most {@code refund.concurrency} at once, {@code refund.rate} a second, and
 * one probe at a time while calls fail. After a failure no new call is begun before one in flight has been answered or
 * all have ended, and the first calls after a start or an outage are few and become more with each answer, so an outage
 * costs the rows in flight when it began and the probes.
 */
@ApplicationScoped
public class CallGate {
    private static final Logger LOG = Logger.getLogger(CallGate.class);
    private static final int FAILURES_TO_PAUSE = 3;
    private static final long FIRST_BACKOFF = TimeUnit.SECONDS.toNanos(1);
    /** From the start of one probe to that of the next, so that a probe that hangs does not delay the resumption. */
    private static final long LONGEST_BACKOFF = TimeUnit.SECONDS.toNanos(8);
    private static final int LARGEST_SHIFT = 4;
    /** Lateness that is made up for, so that late timers do not add up to a lower rate. */
    private static final long LARGEST_CATCH_UP = TimeUnit.MILLISECONDS.toNanos(50);
    private static final long LONG = TimeUnit.HOURS.toNanos(1);
    private static final Duration QUIET = Duration.ofMinutes(1);

    private final int concurrency;
    private final long intervalNanos;
    private final ReentrantLock state = new ReentrantLock();
    /** Those who wait, in the order in which their calls begin; only the first is ever woken. */
    private final TreeSet<Ticket> waiting = new TreeSet<>();
    private long tickets;
    private final Condition closing = state.newCondition();
    private boolean closed;
    private long nextSlot = System.nanoTime();
    private int inFlight;
    /** Calls that may be in flight: 1 at first, one more with each answer. */
    private int window = 1;
    /** Calls begun so far; the number of the call that began last. */
    private long begun;
    private long lastBegunAt;
    /** What calls up to this number tell is older than the outage, or than its end. */
    private long outdated;
    private long lastAnswered;
    private long lastFailed;
    private long lastHeld;
    private Instant holdLogged = Instant.MIN;
    private int failuresInARow;
    private int probesFailed;
    private long probeAt;
    private boolean reached;
    private Outage outage;

    /**
     * A time in which calls fail.
     *
     * @param since when it was noticed
     * @param reason why the last call failed
     * @param reachedBefore whether any call had been answered before, since the process started
     */
    public record Outage(Instant since, String reason, boolean reachedBefore) {
    }

    CallGate(RefundConfig config) {
        concurrency = config.concurrency();
        intervalNanos = config.rate() > 0 ? (long) (TimeUnit.SECONDS.toNanos(1) / config.rate()) : 0;
    }

    /** A place in the line: a caller who waits for one answer comes before the rows of batches, else first come first. */
    private record Ticket(boolean urgent, long number, Condition turn) implements Comparable<Ticket> {
        @Override
        public int compareTo(Ticket other) {
            return urgent == other.urgent ? Long.compare(number, other.number) : urgent ? -1 : 1;
        }
    }

    /**
     * Waits until a call may be made.
     *
     * @param notBefore earliest time, as {@link System#nanoTime()}
     * @param urgent whether it goes before those that are not
     * @return the call's number; they are counted from 1
     * @throws GateClosed if the process is stopping
     */
    long enter(long notBefore, boolean urgent) throws InterruptedException, GateClosed {
        waitUntil(notBefore);
        state.lock();
        try {
            Ticket ticket = new Ticket(urgent, tickets++, state.newCondition());
            waiting.add(ticket);
            try {
                return awaitTurn(ticket);
            } finally {
                waiting.remove(ticket);
                wakeFirst();
            }
        } finally {
            state.unlock();
        }
    }

    private void waitUntil(long notBefore) throws InterruptedException {
        if (notBefore - System.nanoTime() <= 0) {
            return;
        }
        state.lock();
        try {
            for (long wait = notBefore - System.nanoTime(); wait > 0 && !closed; wait = notBefore - System.nanoTime()) {
                closing.awaitNanos(wait);
            }
        } finally {
            state.unlock();
        }
    }

    private long awaitTurn(Ticket ticket) throws InterruptedException, GateClosed {
        for (long wait = nanosToWait(ticket); wait > 0 && !closed; wait = nanosToWait(ticket)) {
            ticket.turn().awaitNanos(wait);
        }
        if (closed) {
            throw new GateClosed();
        }
        lastBegunAt = System.nanoTime();
        nextSlot = Math.max(nextSlot, lastBegunAt - Math.max(intervalNanos, LARGEST_CATCH_UP)) + intervalNanos;
        inFlight++;
        return ++begun;
    }

    private long nanosToWait(Ticket ticket) {
        if (ticket != waiting.first() || inFlight >= (failuresInARow > 0 ? concurrency : window)) {
            return LONG;
        }
        long now = System.nanoTime();
        long wait = nextSlot - now;
        if (failuresInARow > 0) {
            long answer = inFlight > 0 ? lastBegunAt + LONGEST_BACKOFF - now : 0;
            wait = Math.max(wait, Math.max(answer, probeAt - now));
        }
        return wait;
    }

    private void wakeFirst() {
        if (!waiting.isEmpty()) {
            waiting.first().turn().signal();
        }
    }

    /**
     * Ends what {@link #enter(long, boolean)} began.
     *
     * @param called whether a call was made; a slot of the rate that was not used goes to the next
     */
    void leave(boolean called) {
        state.lock();
        try {
            inFlight--;
            if (!called) {
                nextSlot -= intervalNanos;
            }
            wakeFirst();
        } finally {
            state.unlock();
        }
    }

    /**
     * BOS answered as it should, whatever the answer says of the row.
     *
     * @param call the call's number
     */
    void answered(long call) {
        state.lock();
        try {
            if (endsTrouble(call)) {
                window = Math.min(window + 1, concurrency);
                wakeFirst();
            }
        } finally {
            state.unlock();
        }
    }

    /** Returns false for a call that was sent before the trouble was noticed and whose answer only comes late. */
    private boolean endsTrouble(long call) {
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

    /** Whether BOS answered a call that began after that one. */
    boolean answeredAfter(long call) {
        state.lock();
        try {
            return lastAnswered > call;
        } finally {
            state.unlock();
        }
    }

    /** The number of the call that began last. */
    long lastBegun() {
        state.lock();
        try {
            return begun;
        } finally {
            state.unlock();
        }
    }

    /**
     * A call failed in a way that the next one is likely to fail as well.
     *
     * @param call the call's number
     * @param reason for the operator; holds no secret and no customer's data
     */
    void failed(long call, String reason) {
        state.lock();
        try {
            if (call <= outdated) {
                return;
            }
            failuresInARow++;
            lastFailed = Math.max(lastFailed, call);
            probeAt = System.nanoTime();
            if (outage == null && failuresInARow >= FAILURES_TO_PAUSE && inFlight <= 1) {
                LOG.warnf("Paused, trying one call at a time: %s", reason);
                outage = new Outage(Instant.now(), reason, reached);
                outdated = begun;
                window = 1;
            }
            if (outage != null) {
                outage = new Outage(outage.since(), reason, outage.reachedBefore());
                long backoff = FIRST_BACKOFF << Math.min(probesFailed++, LARGEST_SHIFT);
                probeAt = lastBegunAt + Math.min(backoff, LONGEST_BACKOFF);
            }
        } finally {
            state.unlock();
        }
    }

    /**
     * BOS asked to be left alone for a while; afterwards half as many calls are made at once.
     *
     * @param call the number of the call that it answered so
     * @param time how long nobody calls
     */
    void holdFor(long call, Duration time) {
        state.lock();
        try {
            endsTrouble(call);
            nextSlot = Math.max(nextSlot, System.nanoTime() + time.toNanos());
            if (call > lastHeld) {
                lastHeld = begun;
                window = Math.max(1, window / 2);
                if (holdLogged.isBefore(Instant.now().minus(QUIET))) {
                    holdLogged = Instant.now();
                    LOG.infof("BOS asks for a pause of %d s; this is said once a minute", time.toSeconds());
                }
            }
        } finally {
            state.unlock();
        }
    }

    /** The outage of this moment, if there is one. */
    public Optional<Outage> outage() {
        state.lock();
        try {
            return Optional.ofNullable(outage);
        } finally {
            state.unlock();
        }
    }

    /** Lets no further call begin; those in flight go on. */
    public void close() {
        state.lock();
        try {
            closed = true;
            waiting.forEach(ticket -> ticket.turn().signal());
            closing.signalAll();
        } finally {
            state.unlock();
        }
    }
}
