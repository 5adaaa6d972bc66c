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
 * all have ended, so an outage costs the rows in flight when it began and the probes.
 */
@ApplicationScoped
public class CallGate {
    private static final Logger LOG = Logger.getLogger(CallGate.class);
    private static final int FAILURES_TO_PAUSE = 3;
    private static final Duration FIRST_BACKOFF = Duration.ofSeconds(1);
    private static final Duration LONGEST_BACKOFF = Duration.ofSeconds(8);
    private static final long LONG_NANOS = TimeUnit.HOURS.toNanos(1);

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
     * @throws GateClosed if the process is stopping
     */
    void enter(long notBefore, boolean urgent) throws InterruptedException, GateClosed {
        waitUntil(notBefore);
        state.lock();
        try {
            Ticket ticket = new Ticket(urgent, tickets++, state.newCondition());
            waiting.add(ticket);
            try {
                awaitTurn(ticket);
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

    private void awaitTurn(Ticket ticket) throws InterruptedException, GateClosed {
        for (long wait = nanosToWait(ticket); wait > 0 && !closed; wait = nanosToWait(ticket)) {
            ticket.turn().awaitNanos(wait);
        }
        if (closed) {
            throw new GateClosed();
        }
        // One slot may be made up for, so that late timers do not add up to a lower rate.
        nextSlot = Math.max(nextSlot, System.nanoTime() - intervalNanos) + intervalNanos;
        inFlight++;
    }

    private long nanosToWait(Ticket ticket) {
        if (ticket != waiting.first() || inFlight >= concurrency || failuresInARow > 0 && inFlight > 0) {
            return LONG_NANOS;
        }
        long now = System.nanoTime();
        return Math.max(failuresInARow > 0 ? probeAt - now : 0, nextSlot - now);
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

    /** BOS answered as it should, whatever the answer says of the row. */
    void answered() {
        state.lock();
        try {
            reached = true;
            failuresInARow = 0;
            probesFailed = 0;
            if (outage != null) {
                LOG.infof("BOS answers again; going on after %d s",
                        Duration.between(outage.since(), Instant.now()).toSeconds());
                outage = null;
            }
            wakeFirst();
        } finally {
            state.unlock();
        }
    }

    /**
     * A call failed in a way that the next one is likely to fail as well.
     *
     * @param reason for the operator; holds no secret and no customer's data
     */
    void failed(String reason) {
        state.lock();
        try {
            failuresInARow++;
            if (inFlight <= 1 && failuresInARow >= FAILURES_TO_PAUSE) {
                long backoff = FIRST_BACKOFF.toNanos() << Math.min(probesFailed++, 10);
                probeAt = System.nanoTime() + Math.min(backoff, LONGEST_BACKOFF.toNanos());
            } else {
                probeAt = System.nanoTime();
            }
            if (failuresInARow >= FAILURES_TO_PAUSE) {
                if (outage == null) {
                    LOG.warnf("Paused, trying one call at a time: %s", reason);
                }
                outage = new Outage(outage == null ? Instant.now() : outage.since(), reason, reached);
            }
        } finally {
            state.unlock();
        }
    }

    /** BOS asked to be left alone for a while. */
    void holdFor(Duration time) {
        state.lock();
        try {
            nextSlot = Math.max(nextSlot, System.nanoTime() + time.toNanos());
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
