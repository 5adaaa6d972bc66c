// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

import org.jboss.logging.Logger;

import center.bos.refund.database.LedgerClock;
import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.model.DueRow;
import center.bos.refund.node.Epoch;
import center.bos.refund.throttle.Throttle;

/**
 * The ledger's one thread. It works in turns, each one transaction: it commits the writes that arrived during the last turn
 * (group commit), and takes as many rows as may be called now. After the commit it starts the calls of the taken rows and
 * notifies waiting callers. While the database cannot be written, callers wait, and nothing is sent.
 */
final class Dispatcher implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Dispatcher.class);
    private static final long TRANSIENT_PAUSE_MILLIS = 5;
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;
    /** A commit that takes longer counts as a problem, although it may still end. */
    private static final Duration LONG_COMMIT = Duration.ofSeconds(8);
    private static final Duration WATCH = Duration.ofSeconds(1);
    /** With the 25 s in which Camel stops, a stop takes less than 30 s while the database does not answer. */
    private static final Duration END_IN_TROUBLE = Duration.ofSeconds(2);
    private static final Duration END = Duration.ofSeconds(10);

    private final Turns turns;
    private final Throttle throttle;
    private final LedgerClock clock;
    private final LedgerTrouble trouble = new LedgerTrouble();
    private final TurnMeters meters = new TurnMeters();
    private final Consumer<Turn> afterCommit;
    private final Thread thread = new Thread(this::run, "ledger");
    private final WriteQueue queue;
    private final DueTimes times;
    private volatile Consumer<DueRow> calls;
    private volatile Set<Long> batches;
    private volatile long writingSince;
    private volatile boolean closing;
    private volatile boolean closed;
    /** The writes of the current turn, taken from the queue. */
    private final List<Write<?>> group = new ArrayList<>();
    /** The last turn failed: the same writes, perhaps none, are tried again, because its commit may have succeeded. */
    private boolean again;
    private final Backoff backoff = new Backoff(FIRST_PAUSE_MILLIS, LONGEST_PAUSE_MILLIS);
    /** The pause before a failed turn is tried again. */
    private long pauseMillis;

    /**
     * Makes a dispatcher; it works after {@link #start()}, or one {@link #turn()} at a time.
     *
     * @param pauses the times until rows are due that wait in the ledger already
     * @param afterCommit called after each commit
     */
    Dispatcher(Turns turns, Throttle throttle, LedgerClock clock, List<Duration> pauses,
            Consumer<Turn> afterCommit) {
        this.turns = turns;
        this.throttle = throttle;
        this.clock = clock;
        this.queue = new WriteQueue(clock, thread);
        this.afterCommit = afterCommit;
        this.times = new DueTimes(turns, clock, pauses);
        throttle.onChange(queue::wake);
    }

    /** Starts the dispatcher's thread. */
    void start() {
        thread.setDaemon(true);
        thread.start();
        Thread watch = new Thread(this::watch, "ledger-watch");
        watch.setDaemon(true);
        watch.start();
    }

    /**
     * Starts taking rows, or stops it.
     *
     * @param begin starts the call of a row on another thread; null stops taking rows
     */
    void callWith(Consumer<DueRow> begin) {
        calls = begin;
        lookAgain();
    }

    /** Takes only rows of the batches with these numbers from now on. */
    void only(Set<Long> numbers) {
        batches = Set.copyOf(numbers);
        lookAgain();
    }

    private void lookAgain() {
        times.lookAgain();
        queue.wake();
    }

    /**
     * Adds a write to the queue; returns its result after the commit.
     *
     * @throws LedgerUnavailable if the ledger is closed before that
     * @throws LedgerRefused if the database refuses this write for good
     */
    <T> T write(Write<T> write) {
        handIn(write);
        return write.await();
    }

    /** Runs a change in a turn; returns the result of its statements after the commit. */
    <T> T change(Write.Statements<T> statements) {
        return write(new Write.Change<>(statements));
    }

    /** Adds a write to the queue; {@link Write#await()} returns after its commit. */
    void handIn(Write<?> write) {
        if (closing) {
            throw trouble.closed();
        }
        queue.add(write);
        if (closed) { // closing may have missed this write
            throw trouble.closed();
        }
    }

    /** Checks how long the current commit takes, for all waiting callers. */
    private void watch() {
        try {
            while (!closed) {
                TimeUnit.NANOSECONDS.sleep(WATCH.toNanos());
                long since = writingSince;
                if (since != 0 && clock.nanos() - since > LONG_COMMIT.toNanos()) {
                    trouble.stuck(LONG_COMMIT);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether this process still owns the rows that it took under that epoch: its last heartbeat is recent enough. */
    boolean holds(long epoch) {
        Epoch now = turns.epoch();
        return now.number() == epoch && now.age().compareTo(Epoch.SENDS) < 0;
    }

    /** Why nothing can be written now, and whether another process has taken the node's name. */
    LedgerTrouble trouble() {
        return trouble;
    }

    private void run() {
        try {
            while (!closing || isAnythingLeft() && trouble.text() == null) {
                if (!again) {
                    queue.await(nanosToTurn(), this::isNews);
                }
                if (!turn() && !closing) {
                    TimeUnit.MILLISECONDS.sleep(pauseMillis);
                }
            }
            if (!trouble.isReplaced()) {
                turns.end();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            trouble.over(e);
            throw e;
        } finally {
            closing = true;
            closed = true;
            turns.disconnect();
            group.forEach(write -> write.failed(trouble.closed()));
            queue.fail(trouble.closed());
        }
    }

    boolean isAnythingLeft() {
        return again || !group.isEmpty() || !queue.isEmpty();
    }

    private boolean isNews() {
        return closing || times.isToLookAgain();
    }

    /** Nanoseconds until the next turn is due if no write arrives before. */
    long nanosToTurn() {
        long beat = Epoch.INTERVAL.toNanos() - turns.epoch().age().toNanos();
        if (calls == null) {
            return beat;
        }
        return Math.min(beat, Math.max(times.nanosToNext(), throttle.nanosToNextPermit()));
    }

    /**
     * Runs one turn: commits the waiting writes, and takes rows if calls may begin now.
     *
     * @return false if the transaction failed; the next turn then tries the same again
     */
    boolean turn() {
        if (!again) {
            gather();
        }
        int most = mostToTake();
        if (!again && group.isEmpty() && !turns.isDue() && (most == 0 || !isAnyDue())) {
            return true;
        }
        return commit(most);
    }

    private void gather() {
        queue.moveTo(group);
        for (Write<?> write : group) {
            if (write instanceof Write.Settle) {
                throttle.end(); // the end of this call and the rows taken in this turn are committed together
            } else {
                times.dueNow();
            }
        }
    }

    /** How many rows may be taken in this turn; 0 if none can be due. */
    private int mostToTake() {
        boolean reached = times.isReached(); // read before `calls`: whoever sets `calls` asks for another look afterwards
        return calls == null || closing || !reached ? 0 : throttle.permits();
    }

    /** Whether a row is due. On a shared ledger an idle node looks often, so this look writes nothing. */
    private boolean isAnyDue() {
        try {
            boolean any = turns.isAnyDue();
            if (!any) {
                times.noneDue();
            }
            return any;
        } catch (SQLException e) {
            return true; // the turn fails too, and reports it
        }
    }

    private boolean commit(int most) {
        try {
            writingSince = clock.nanos();
            Turn turn = turns.run(group, most, batches);
            meters.committed(turn, Duration.ofNanos(clock.nanos() - writingSince));
            again = false;
            trouble.well();
            List<Write<?>> written = List.copyOf(group);
            group.clear();
            backoff.reset();
            done(written, turn, most);
            return true;
        } catch (SQLException | RuntimeException e) {
            turns.disconnect();
            return refused(e);
        } finally {
            writingSince = 0;
        }
    }

    private void done(List<Write<?>> written, Turn turn, int most) {
        turn.committed();
        for (Write<?> write : written) {
            if (write instanceof Write.Settle settle && settle.settlement instanceof Settlement.DueAgain again) {
                times.dueAfter(again.pause());
            }
        }
        if (most > 0) {
            if (turn.taken().size() < most && !turn.mayHaveMadeRowsDue()) {
                times.noneDue();
            } else {
                times.dueNow();
            }
        }
        Consumer<DueRow> begin = Optional.ofNullable(calls).orElse(this::giveBack); // stopped after the turn began
        for (DueRow row : turn.taken()) {
            DueRow call = row.as(throttle.begin());
            try {
                begin.accept(call);
            } catch (RejectedExecutionException e) { // the threads of calls have ended, and callers are notified all the same
                giveBack(call);
            }
        }
        written.forEach(Write::durable);
        afterCommit.accept(turn);
    }

    private void giveBack(DueRow row) {
        queue.add(new Write.Settle(row,
                new Settlement.DueAgain(Duration.ZERO, row.attempts(), row.retries(), false, false)));
    }

    private boolean refused(Exception e) {
        if (LedgerRefused.isPermanent(e)) {
            again = false;
            apart(e);
            return true;
        }
        SQLException failure = (SQLException) e;
        Write.Change<?> change = turns.failed();
        if (change != null && LedgerRefused.isSqlError(failure)) {
            LOG.error("The ledger refuses a statement: its write fails, all others are tried again", e);
            group.remove(change);
            change.failed(new LedgerRefused(e));
            again = !group.isEmpty();
            pauseMillis = 0;
            return group.isEmpty();
        }
        again = true;
        trouble.refused(failure);
        pauseMillis = LedgerTrouble.isTransient(failure) ? TRANSIENT_PAUSE_MILLIS : backoff.next();
        if (closing && !LedgerTrouble.isTransient(failure)) {
            LedgerUnavailable unavailable = LedgerUnavailable.of("the ledger cannot be written", e);
            group.forEach(write -> write.failed(unavailable));
            group.clear();
        }
        return false;
    }

    /** Commits the writes of the group one by one: one that the database refuses for good must not hold up the others. */
    private void apart(Exception cause) {
        if (group.size() <= 1) {
            LOG.error("The ledger refuses a write: it fails, all others are not affected", cause);
            group.forEach(write -> write.failed(new LedgerRefused(cause)));
            group.clear();
            return;
        }
        List<Write<?>> all = List.copyOf(group);
        for (Write<?> write : all) {
            group.clear();
            group.add(write);
            while (!commit(0) && !group.isEmpty()) { // given up only where the ledger cannot be written while it closes
                LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(pauseMillis));
            }
        }
    }

    /** Stops writing, because another process runs under the node's name. */
    void replaced() {
        trouble.replaced();
        closing = true;
    }

    /** Commits the queued writes and stops; does not wait long for a commit that is stuck. */
    @Override
    public void close() {
        closing = true;
        LockSupport.unpark(thread);
        try {
            thread.join((trouble.text() == null ? END : END_IN_TROUBLE).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
