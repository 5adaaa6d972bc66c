package center.bos.refund.ledger;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import org.jboss.logging.Logger;

/**
 * The ledger's one writer. Callers hand it a write and wait; it commits together all that gathered while the commit
 * before was under way, and shortly after. While the database refuses, every caller waits and so nothing is sent.
 */
final class GroupCommit implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(GroupCommit.class);
    /** More at once would send all who wait on their way in one wave, and the calls in flight with them. */
    private static final int LARGEST_GROUP = 100;
    /** From the end of one commit to the next, where few writes come. */
    private static final Duration GATHER = Duration.ofNanos(500_000);
    private static final int MOST_TO_WAIT_FOR = 16;
    /** A commit of fewer writes shows that there is time for more commits. */
    private static final int FEW = 4;
    private static final long POLL_MILLIS = 100;
    private static final long TRANSIENT_PAUSE_MILLIS = 5;
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;
    /** A commit that takes longer is trouble, although it may still come to an end. */
    private static final Duration LONG_COMMIT = Duration.ofSeconds(8);
    private static final Duration WATCH = Duration.ofSeconds(1);

    private final Transactions transactions;
    private final Runnable onReplaced;
    private final LinkedBlockingQueue<Write<?>> queue = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::run, "ledger-writer");
    /** So many writes are not kept waiting for more: half of the rows that are worked, so that the others use the processors. */
    private final int enough;
    private volatile boolean gathering;
    private volatile long writingSince;
    private long committedAt = System.nanoTime();
    private int lastGroup;
    private volatile boolean closing;
    private volatile boolean closed;
    private final LedgerTrouble trouble = new LedgerTrouble();

    /**
     * Begins an epoch of a node.
     *
     * @param concurrency rows that are worked at once
     * @param onReplaced told when another process runs under the node's name
     * @throws LedgerUnavailable if that is not possible
     */
    GroupCommit(LedgerDatabase database, Epochs epochs, String operation, String node, Duration duplicateWindow,
            int concurrency, Runnable onReplaced) {
        this.onReplaced = onReplaced;
        this.enough = Math.min(MOST_TO_WAIT_FOR, Math.max(1, concurrency / 2));
        this.transactions = new Transactions(database, epochs, operation, duplicateWindow, epochs.begin(node),
                this::replaced);
        thread.setDaemon(true);
        thread.start();
        Thread watch = new Thread(this::watch, "ledger-watch");
        watch.setDaemon(true);
        watch.start();
    }

    /**
     * Makes a write durable; returns when it is.
     *
     * @throws LedgerUnavailable if the ledger is closed before that
     * @throws LedgerRefused if the database does not take this very write
     */
    <T> T write(Write<T> write) {
        handIn(write);
        return write.await();
    }

    /** Puts a write in line, behind all that were put there before; {@link Write#await()} returns when it is durable. */
    void handIn(Write<?> write) {
        if (closing) {
            throw trouble.closed();
        }
        queue.add(write);
        if (gathering && queue.size() >= enough) {
            gathering = false;
            LockSupport.unpark(thread);
        }
        if (closed) { // whoever closed it may have missed this one
            throw trouble.closed();
        }
    }

    /** Nobody who waits looks at the time: this thread does, for all of them. */
    private void watch() {
        try {
            while (!closed) {
                Thread.sleep(WATCH.toMillis());
                if (writingSince != 0 && System.nanoTime() - writingSince > LONG_COMMIT.toNanos()) {
                    trouble.stuck(LONG_COMMIT);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Whether a claim of that epoch still keeps others from the row: the node has lately shown that it lives. */
    boolean holds(long epoch) {
        Heartbeat now = transactions.heartbeat();
        return now.epoch().number() == epoch && now.age().compareTo(Heartbeat.LEASE.dividedBy(2)) < 0;
    }

    /** Whether another process has taken the node's name, so that this one can write no more. */
    boolean isReplaced() {
        return trouble.isReplaced();
    }

    /** Why nothing can be written now, or null. */
    String trouble() {
        return trouble.text();
    }

    private void run() {
        List<Write<?>> group = new ArrayList<>(LARGEST_GROUP);
        try {
            while (!closing || !queue.isEmpty() && trouble.text() == null) {
                Write<?> first = queue.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
                if (first != null) {
                    letGather();
                    group.add(first);
                    queue.drainTo(group, LARGEST_GROUP - 1);
                }
                if (first != null || transactions.heartbeat().age().compareTo(Heartbeat.INTERVAL) > 0) {
                    commitWhenPossible(group);
                    group.clear();
                }
            }
            if (!trouble.isReplaced()) {
                transactions.end();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            trouble.over(e);
            throw e;
        } finally {
            closing = true;
            closed = true;
            transactions.disconnect();
            group.forEach(write -> write.failed(trouble.closed()));
            queue.forEach(write -> write.failed(trouble.closed()));
        }
    }

    /** A commit costs much the same for one write as for many, so right after one of many the next waits for company. */
    private void letGather() {
        if (lastGroup < FEW) {
            return;
        }
        gathering = true;
        while (nanosToGather() > 0 && queue.size() + 1 < enough) { // the first has left the queue
            LockSupport.parkNanos(nanosToGather());
        }
        gathering = false;
    }

    private long nanosToGather() {
        return committedAt + GATHER.toNanos() - System.nanoTime();
    }

    private void commitWhenPossible(List<Write<?>> group) throws InterruptedException {
        for (long pause = FIRST_PAUSE_MILLIS;; pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS)) {
            try {
                writingSince = System.nanoTime();
                transactions.commit(group);
                writingSince = 0;
                committedAt = System.nanoTime();
                lastGroup = group.size();
                trouble.well();
                group.forEach(Write::durable);
                return;
            } catch (SQLException | RuntimeException e) {
                writingSince = 0;
                transactions.disconnect();
                if (LedgerRefused.isMeant(e)) {
                    apart(group, e);
                    return;
                }
                trouble.refused((SQLException) e);
                if (closing) {
                    LedgerUnavailable failure = new LedgerUnavailable("the ledger cannot be written: " + e.getMessage(),
                            e);
                    group.forEach(write -> write.failed(failure));
                    return;
                }
                Thread.sleep(LedgerTrouble.isTransient((SQLException) e) ? TRANSIENT_PAUSE_MILLIS : pause);
            }
        }
    }

    /** One write that the database will never take must not hold up the others of its group. */
    private void apart(List<Write<?>> group, Exception cause) throws InterruptedException {
        if (group.size() == 1) {
            LOG.error("The ledger does not take a write, which fails alone", cause);
            transactions.forget(group.get(0));
            group.get(0).failed(new LedgerRefused(cause));
            return;
        }
        for (Write<?> write : group) {
            commitWhenPossible(List.of(write));
        }
    }

    private void replaced() {
        trouble.replaced();
        closing = true;
        onReplaced.run();
    }

    /** Commits what was handed in and stops. */
    @Override
    public void close() {
        closing = true;
        try {
            thread.join(TimeUnit.SECONDS.toMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
