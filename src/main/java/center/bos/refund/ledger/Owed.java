// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.model.RowOutcome;

/** The outbox as the consumers use it that deliver it: they read it, mark it, and wait for more. */
final class Owed {
    private final LedgerDatabase database;
    private final Dispatcher dispatcher;
    private final Outbox outbox;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition more = lock.newCondition();
    private volatile long wakes;

    Owed(LedgerDatabase database, Dispatcher dispatcher, Outbox outbox) {
        this.database = database;
        this.dispatcher = dispatcher;
        this.outbox = outbox;
    }

    /** Whether this process has the lease of a channel, and so delivers its outcomes. */
    boolean isMine(Outbox.Channel channel) {
        return !database.dialect().isShared()
                || dispatcher.change(turn -> Outbox.lease(turn, channel));
    }

    /** The undelivered entries of a channel after that number, the oldest first. */
    List<Outbox.Owed> next(Outbox.Channel channel, long after, int limit) {
        return database.query(jdbc -> outbox.next(jdbc, channel, after, limit));
    }

    /** The outcomes of a batch, in the order of its lines; empty while a row is open again: its end adds another reply. */
    Optional<List<RowOutcome>> outcomes(String batch) {
        return database.query(jdbc -> Outbox.outcomes(jdbc, batch));
    }

    /** Deletes delivered entries. */
    void delivered(List<Long> numbers) {
        dispatcher.<Void>change(turn -> {
            Outbox.delivered(turn, numbers);
            return null;
        });
    }

    long count() {
        return database.query(jdbc -> {
            long count = 0;
            for (Outbox.Channel channel : Outbox.Channel.values()) {
                count += Outbox.count(jdbc, channel);
            }
            return count;
        });
    }

    /** Signals that entries may have been added. */
    void wake() {
        lock.lock();
        try {
            wakes++;
            more.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** How many signals there were. */
    long wakes() {
        return wakes;
    }

    /** Waits for the next signal after the first {@code seen}, or for that time. */
    void await(long nanos, long seen) throws InterruptedException {
        lock.lock();
        try {
            if (wakes == seen) {
                more.awaitNanos(nanos);
            }
        } finally {
            lock.unlock();
        }
    }
}
