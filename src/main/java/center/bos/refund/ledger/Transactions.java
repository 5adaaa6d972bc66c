package center.bos.refund.ledger;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;

import org.jboss.logging.Logger;

/**
 * The writer's transactions, one for each group of writes, on one connection. A commit whose answer is lost is looked up
 * when the group comes again, not repeated.
 */
final class Transactions {
    private static final Logger LOG = Logger.getLogger(Transactions.class);

    private final LedgerDatabase database;
    private final Epochs epochs;
    private final String operation;
    private final Duration duplicateWindow;
    private final Runnable onReplaced;
    private volatile Heartbeat heartbeat;
    private Connection connection;
    private RowStatements rows;

    Transactions(LedgerDatabase database, Epochs epochs, String operation, Duration duplicateWindow, Epoch epoch,
            Runnable onReplaced) {
        this.database = database;
        this.epochs = epochs;
        this.operation = operation;
        this.duplicateWindow = duplicateWindow;
        this.heartbeat = new Heartbeat(epoch);
        this.onReplaced = onReplaced;
    }

    /** The node's sign of life, of its epoch of this moment. */
    Heartbeat heartbeat() {
        return heartbeat;
    }

    /**
     * Makes a group durable, or the sign of life alone where it is empty.
     *
     * @throws SQLException if that failed; the same group can be given again, after {@link #disconnect()}
     */
    void commit(List<Write<?>> group) throws SQLException {
        if (connection == null) {
            connection = database.writer();
            rows = database.rowStatements(connection, operation, heartbeat.epoch(), duplicateWindow);
        }
        List<Write.ClaimRow> claims = only(group, Write.ClaimRow.class);
        claims.forEach(claim -> claim.addTo(heartbeat.claimed()));
        Counters counters = new Counters();
        if (rows.begin(heartbeat, only(group, Write.SettleRow.class), claims, counters)) {
            heartbeat.beaten();
            for (Write.Change<?> change : only(group, Write.Change.class)) {
                change.apply(connection, counters);
            }
            rows.release(only(group, Write.ReleaseRow.class));
            commit(counters);
            unlist(group);
        } else {
            commitInSpiteOf(lookUpMiss(), group);
        }
    }

    private static <T extends Write<?>> List<T> only(List<Write<?>> group, Class<T> kind) {
        return group.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private void commit(Counters counters) throws SQLException {
        try {
            rows.commit(counters);
        } catch (SQLException e) {
            heartbeat.lostAnswer();
            throw e;
        }
        heartbeat.committed();
    }

    private void unlist(List<Write<?>> group) {
        group.forEach(write -> write.unlist(heartbeat.claimed()));
    }

    private Heartbeat.Miss lookUpMiss() throws SQLException {
        Heartbeat.Miss miss = heartbeat.lookUp(connection);
        disconnect();
        return miss;
    }

    private void commitInSpiteOf(Heartbeat.Miss miss, List<Write<?>> group) throws SQLException {
        switch (miss) {
            case COMMITTED_BEFORE -> {
                heartbeat.committedBefore();
                unlist(group);
            }
            case TAKEN_FOR_DEAD -> {
                LOG.warn("The other nodes took this one for dead; it goes on with new claims");
                heartbeat = new Heartbeat(epochs.beginAgain(heartbeat.epoch().node()));
                commit(group);
            }
            case REPLACED -> {
                onReplaced.run();
                throw new SQLException(LedgerTrouble.REPLACED);
            }
        }
    }

    /** A write that the database does not take is no claim. */
    void forget(Write<?> write) {
        if (write instanceof Write.ClaimRow claim) {
            claim.removeFrom(heartbeat.claimed());
        }
    }

    /** Ends the epoch, if there is a connection to do it with. */
    void end() {
        if (connection != null) {
            try {
                epochs.end(connection, heartbeat);
            } catch (SQLException e) {
                LOG.debug("ending the epoch", e);
            }
        }
    }

    /** Gives up the transaction of this moment, if there is one, and its connection. */
    void disconnect() {
        if (connection != null) {
            try (Connection broken = connection) {
                broken.rollback(); // fails where the database has done it already
            } catch (SQLException e) {
                LOG.debug("closing a broken connection", e);
            }
            connection = null;
            rows = null;
        }
    }
}
