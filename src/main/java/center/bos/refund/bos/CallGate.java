package center.bos.refund.bos;

import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.Optional;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

import jakarta.inject.Singleton;

import org.jboss.logging.Logger;

import center.bos.refund.config.RefundConfig;

/**
 * Decides when the next call may be made: at most {@code refund.concurrency} at once, {@code refund.rate} a second, and
 * one probe at a time while calls fail. After a failure no new call is begun before one in flight has been answered or
 * all have ended, and the first calls after a start or an outage are few and become more with each answer, so an outage
 * costs the rows in flight when it began and the probes.
 */
@Singleton
public class CallGate {
    private static final Logger LOG = Logger.getLogger(CallGate.class);
    /** The turn of a row that has to let all go first who wait when it comes. */
    static final long BEHIND_ALL = Long.MAX_VALUE;
    private static final long LONG = TimeUnit.HOURS.toNanos(1);
    /** From any time on, as {@link System#nanoTime()} counts. */
    private static final long NEVER = Long.MAX_VALUE / 2;
    private static final Duration QUIET = Duration.ofMinutes(1);
    /** Sixteen times as many calls from one round trip to the next, so 256 are in flight after two. */
    private static final int GROWTH = 15;

    private final int concurrency;
    private final ReentrantLock state = new ReentrantLock();
    private final Pace pace;
    private final OutageWatch watch = new OutageWatch();
    private final Queue<Ticket> waiting = new PriorityQueue<>();
    private long tickets;
    private long highestTurn;
    private final Condition closing = state.newCondition();
    private boolean closed;
    private int inFlight;
    /** Calls that may be in flight: 1 at first, {@link #GROWTH} more with each answer. */
    private int window = 1;
    private long lastHeld;
    private Instant holdLogged = Instant.MIN;

    CallGate(RefundConfig config) {
        concurrency = config.concurrency();
        pace = new Pace(config.rate());
    }

    /** A place in the line of those who wait. */
    private static final class Ticket implements Comparable<Ticket> {
        private static final Comparator<Ticket> ORDER = Comparator.<Ticket>comparingLong(ticket -> ticket.turn)
                .thenComparingLong(ticket -> ticket.number);

        private final Thread thread = Thread.currentThread();
        private long turn;
        /** Its place among those of its turn. */
        private long number;
        /** The number of its call, 0 until that may begin. */
        private volatile long call;
        /** When its thread looks again by itself, as {@link System#nanoTime()}. */
        private long looksAt;

        Ticket(long turn) {
            this.turn = turn;
        }

        @Override
        public int compareTo(Ticket other) {
            return ORDER.compare(this, other);
        }
    }

    /**
     * Waits until a call may be made.
     *
     * @param notBefore earliest time, as {@link System#nanoTime()}
     * @param turn who has the lowest goes first, and of those who have the same, who came first; or {@link #BEHIND_ALL}
     * @return the call's number; they are counted from 1
     * @throws GateClosed if the process is stopping
     */
    long enter(long notBefore, long turn) throws InterruptedException, GateClosed {
        waitUntil(notBefore);
        Ticket ticket = new Ticket(turn);
        try {
            for (long wait = join(ticket); wait > 0; wait = look(ticket)) {
                if (wait == LONG) {
                    LockSupport.park(this); // a virtual thread's time limit costs a timer
                } else {
                    LockSupport.parkNanos(this, wait);
                }
                if (ticket.call == 0 && Thread.interrupted()) {
                    throw new InterruptedException();
                }
            }
            return ticket.call;
        } catch (InterruptedException | GateClosed e) {
            withdraw(ticket);
            throw e;
        }
    }

    private long join(Ticket ticket) throws GateClosed {
        state.lock();
        try {
            ticket.number = ++tickets;
            if (ticket.turn == BEHIND_ALL) {
                ticket.turn = highestTurn;
            }
            highestTurn = Math.max(highestTurn, ticket.turn);
            waiting.add(ticket);
            return look(ticket);
        } finally {
            state.unlock();
        }
    }

    /** Nanoseconds until that place in the line should be looked at again, 0 when its call may begin. */
    private long look(Ticket ticket) throws GateClosed {
        if (ticket.call != 0) {
            return 0;
        }
        state.lock();
        try {
            admit();
            if (ticket.call != 0) {
                return 0;
            }
            if (closed) {
                throw new GateClosed();
            }
            long now = System.nanoTime();
            long wait = ticket == waiting.peek() ? Math.max(nanosToWait(now), 1) : LONG;
            ticket.looksAt = now + (wait == LONG ? NEVER : wait);
            return wait;
        } finally {
            state.unlock();
        }
    }

    private void withdraw(Ticket ticket) {
        state.lock();
        try {
            if (ticket.call != 0) {
                leave(false);
            } else {
                waiting.remove(ticket);
                admit();
            }
        } finally {
            state.unlock();
        }
    }

    /** Lets all calls begin that may, and the first of the rest know when it is to look again. */
    private void admit() {
        long now = System.nanoTime();
        Ticket first = waiting.peek();
        while (first != null && !closed && nanosToWait(now) <= 0) {
            waiting.remove();
            pace.take(now);
            inFlight++;
            first.call = watch.begins(now);
            LockSupport.unpark(first.thread);
            first = waiting.peek();
        }
        if (first != null && first.thread != Thread.currentThread()) {
            long wait = nanosToWait(now);
            if (wait < LONG && now + wait - first.looksAt < 0) { // else whoever leaves lets it begin
                first.looksAt = now;
                LockSupport.unpark(first.thread);
            }
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

    private long nanosToWait(long now) {
        if (inFlight >= (watch.failing() ? concurrency : window)) {
            return LONG;
        }
        return Math.max(pace.nanosToWait(now), watch.nanosToWait(now, inFlight));
    }

    /**
     * Ends what {@link #enter(long, long)} began.
     *
     * @param called whether a call was made; a slot of the rate that was not used goes to the next
     */
    void leave(boolean called) {
        state.lock();
        try {
            inFlight--;
            if (!called) {
                pace.giveBack();
            }
            admit();
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
            if (watch.answered(call)) {
                window = Math.min(window + GROWTH, concurrency);
                admit();
            }
        } finally {
            state.unlock();
        }
    }

    /** Whether BOS answered a call that began after that one. */
    boolean answeredAfter(long call) {
        state.lock();
        try {
            return watch.lastAnswered() > call;
        } finally {
            state.unlock();
        }
    }

    /** The number of the call that began last. */
    long lastBegun() {
        state.lock();
        try {
            return watch.lastBegun();
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
            if (watch.failed(call, reason, inFlight)) {
                window = 1;
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
            watch.answered(call);
            pace.pauseUntil(System.nanoTime() + time.toNanos());
            if (call > lastHeld) {
                lastHeld = watch.lastBegun();
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
            return watch.outage();
        } finally {
            state.unlock();
        }
    }

    /** Lets no further call begin; those in flight go on. */
    public void close() {
        state.lock();
        try {
            closed = true;
            waiting.forEach(ticket -> LockSupport.unpark(ticket.thread));
            closing.signalAll();
        } finally {
            state.unlock();
        }
    }
}
