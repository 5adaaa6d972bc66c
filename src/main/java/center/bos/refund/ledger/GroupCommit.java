package center.bos.refund.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
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
 * before was under way. While the database refuses, every caller waits and so nothing is sent. A commit whose answer is
 * lost is looked up, not repeated.
 */
final class GroupCommit implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(GroupCommit.class);
    private static final int LARGEST_GROUP = 1_000;
    /** From the end of one commit to the next. */
    private static final Duration GATHER = Duration.ofNanos(500_000);
    private static final long POLL_MILLIS = 100;
    private static final long FIRST_PAUSE_MILLIS = 100;
    private static final long LONGEST_PAUSE_MILLIS = 2_000;
    /** A commit that takes longer is trouble, although it may still come to an end. */
    private static final Duration LONG_COMMIT = Duration.ofSeconds(8);
    private static final Duration WATCH = Duration.ofSeconds(1);
    private static final String REPLACED = "another process runs under this node's name (refund.node), so this one must stop";

    private final LedgerDatabase database;
    private final Epochs epochs;
    private final Duration duplicateWindow;
    private final String operation;
    private final LinkedBlockingQueue<Write<?>> queue = new LinkedBlockingQueue<>();
    private final Thread thread = new Thread(this::run, "ledger-writer");
    private volatile long writingSince;
    private long committedAt = System.nanoTime();
    private volatile boolean closing;
    private volatile boolean closed;
    private volatile boolean replaced;
    private volatile String trouble;
    private volatile Heartbeat heartbeat;
    private Connection connection;
    private PreparedStatement beat;
    private PreparedStatement count;
    private RowStatements rows;

    /**
     * Begins an epoch of a node.
     *
     * @throws LedgerUnavailable if that is not possible
     */
    GroupCommit(LedgerDatabase database, Epochs epochs, String operation, String node, Duration duplicateWindow) {
        this.database = database;
        this.epochs = epochs;
        this.operation = operation;
        this.duplicateWindow = duplicateWindow;
        this.heartbeat = new Heartbeat(epochs.begin(node));
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
        if (closing) {
            throw closed();
        }
        queue.add(write);
        if (closed) { // whoever closed it may have missed this one
            throw closed();
        }
        return write.await();
    }

    /** Nobody who waits looks at the time: this thread does, for all of them. */
    private void watch() {
        try {
            while (!closed) {
                Thread.sleep(WATCH.toMillis());
                if (writingSince != 0 && System.nanoTime() - writingSince > LONG_COMMIT.toNanos()) {
                    stuck();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private LedgerUnavailable closed() {
        return new LedgerUnavailable(replaced ? REPLACED : "the ledger is closed", null);
    }

    /** Whether a claim of that epoch still keeps others from the row: the node has lately shown that it lives. */
    boolean holds(long epoch) {
        Heartbeat now = heartbeat;
        return now.epoch().number() == epoch && now.age().compareTo(Heartbeat.LEASE.dividedBy(2)) < 0;
    }

    /** Whether another process has taken the node's name, so that this one can write no more. */
    boolean isReplaced() {
        return replaced;
    }

    private synchronized void stuck() {
        if (trouble == null) {
            trouble = "no commit has come to an end for " + LONG_COMMIT.toSeconds() + " s";
            LOG.errorf("The ledger is stuck, so nothing is sent until it goes on: %s", trouble);
        }
    }

    private synchronized void refused(SQLException e) {
        if (isTransient(e)) {
            LOG.debug("a transaction that another node's stood in the way of is tried again", e);
            return;
        }
        if (trouble == null) {
            LOG.errorf("The ledger cannot be written, so nothing is sent until it can: %s", e.getMessage());
        }
        trouble = String.valueOf(e.getMessage());
    }

    /** SQLSTATE class 40: the database rolled one of two transactions back, and wants it tried again. */
    private static boolean isTransient(SQLException e) {
        return e.getSQLState() != null && e.getSQLState().startsWith("40");
    }

    private synchronized void well() {
        if (trouble != null) {
            LOG.info("The ledger can be written again");
            trouble = null;
        }
    }

    /** Why nothing can be written now, or null. */
    String trouble() {
        return trouble;
    }

    private void run() {
        List<Write<?>> group = new ArrayList<>(LARGEST_GROUP);
        try {
            while (!closing || !queue.isEmpty() && trouble == null) {
                Write<?> first = queue.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
                if (first != null) {
                    letGather();
                    group.add(first);
                    queue.drainTo(group, LARGEST_GROUP - 1);
                }
                if (first != null || heartbeat.age().compareTo(Heartbeat.INTERVAL) > 0) {
                    commitWhenPossible(group);
                    group.clear();
                }
            }
            end();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            closing = true;
            closed = true;
            disconnect();
            group.forEach(write -> write.failed(closed()));
            queue.forEach(write -> write.failed(closed()));
        }
    }

    /** A commit costs much the same for one write as for many, so right after one the next waits for company. */
    private void letGather() {
        long early = committedAt + GATHER.toNanos() - System.nanoTime();
        if (early > 0) {
            LockSupport.parkNanos(early);
        }
    }

    private void end() {
        if (connection != null && !replaced) {
            try {
                epochs.end(connection, heartbeat.epoch());
            } catch (SQLException e) {
                LOG.debug("ending the epoch", e);
            }
        }
    }

    private void commitWhenPossible(List<Write<?>> group) throws InterruptedException {
        for (long pause = FIRST_PAUSE_MILLIS;; pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS)) {
            try {
                writingSince = System.nanoTime();
                commit(group);
                writingSince = 0;
                committedAt = System.nanoTime();
                well();
                group.forEach(Write::durable);
                return;
            } catch (SQLException | RuntimeException e) {
                writingSince = 0;
                disconnect();
                if (LedgerRefused.isMeant(e)) {
                    apart(group, e);
                    return;
                }
                refused((SQLException) e);
                if (closing) {
                    LedgerUnavailable failure = new LedgerUnavailable("the ledger cannot be written: " + e.getMessage(),
                            e);
                    group.forEach(write -> write.failed(failure));
                    return;
                }
                Thread.sleep(pause);
            }
        }
    }

    /** One write that the database will never take must not hold up the others of its group. */
    private void apart(List<Write<?>> group, Exception cause) throws InterruptedException {
        if (group.size() == 1) {
            LOG.error("The ledger does not take a write, which fails alone", cause);
            group.get(0).failed(new LedgerRefused(cause));
            return;
        }
        for (Write<?> write : group) {
            commitWhenPossible(List.of(write));
        }
    }

    private void commit(List<Write<?>> group) throws SQLException {
        switch (beat()) {
            case GO_ON -> write(group);
            case COMMITTED_BEFORE -> heartbeat.committedBefore();
            case TAKEN_FOR_DEAD -> {
                LOG.warn("The other nodes took this one for dead; it goes on with new claims");
                disconnect();
                heartbeat = new Heartbeat(epochs.beginAgain(heartbeat.epoch().node()));
                commit(group);
            }
            case REPLACED -> {
                LOG.error("Nothing more is sent: " + REPLACED);
                replaced = true;
                trouble = REPLACED;
                closing = true;
                throw new SQLException(REPLACED);
            }
        }
    }

    private Heartbeat.Beat beat() throws SQLException {
        if (connection == null) {
            connection = database.writer();
            beat = connection.prepareStatement(Heartbeat.BEAT);
            count = connection.prepareStatement(Counters.ADD);
            rows = new RowStatements(connection, operation, heartbeat.epoch(), duplicateWindow);
        }
        return heartbeat.beat(beat);
    }

    private void write(List<Write<?>> group) throws SQLException {
        Counters counters = new Counters();
        List<Write.ClaimRow> claims = new ArrayList<>(group.size());
        List<Write.SettleRow> settles = new ArrayList<>(group.size());
        List<Write.ReleaseRow> releases = new ArrayList<>();
        for (Write<?> write : group) {
            if (write instanceof Write.ClaimRow claim) {
                claims.add(claim);
            } else if (write instanceof Write.SettleRow settle) {
                settles.add(settle);
            } else if (write instanceof Write.ReleaseRow release) {
                releases.add(release);
            } else if (write instanceof Write.Change<?> change) {
                change.apply(connection, counters);
            }
        }
        // What frees a pair comes before what asks for one.
        rows.settle(settles, counters);
        rows.release(releases);
        rows.claim(claims, counters);
        counters.write(count);
        try {
            connection.commit();
        } catch (SQLException e) {
            heartbeat.lostAnswer();
            throw e;
        }
        heartbeat.committed();
    }

    private void disconnect() {
        if (connection != null) {
            try {
                connection.rollback();
                connection.close();
            } catch (SQLException e) {
                LOG.debug("closing a broken connection", e);
            }
            connection = null;
            rows = null;
        }
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
