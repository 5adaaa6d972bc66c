package center.bos.refund.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

import org.jboss.logging.Logger;

import center.bos.refund.config.RefundConfig.InDoubt;

/** The starts of this node, and what becomes of the claims that an earlier one left behind. */
final class Epochs {
    private static final Logger LOG = Logger.getLogger(Epochs.class);
    private static final String BEGIN = """
            INSERT INTO node (name, epoch, heartbeat) VALUES (?, 1, ?)
            ON CONFLICT (name) DO UPDATE SET epoch = node.epoch + 1, heartbeat = excluded.heartbeat""";
    private static final String[] ADOPT = {"UPDATE batch SET node = ? WHERE state = 'open' AND node <> ?",
            "UPDATE refund SET node = ?, epoch = 0 WHERE state = 'SENDING' AND node <> ?"};
    private static final String NUMBER = "SELECT epoch FROM node WHERE name = ?";
    private static final String ABANDONED = """
            SELECT batch, line, sends FROM refund WHERE state = 'SENDING' AND node = ? AND epoch < ? ORDER BY batch, line""";
    private static final String DOUBT = """
            UPDATE refund SET state = 'IN_DOUBT', answered_at = ?, attempts = attempts + 1, message = ?
            WHERE batch = ? AND line = ?""";
    private static final String REOPEN = """
            UPDATE refund SET state = 'OPEN', sends = sends + 1, attempts = attempts + 1 WHERE batch = ? AND line = ?""";
    private static final String MESSAGE = "the process stopped while the call was under way; BOS may or may not have acted";

    private final LedgerDatabase database;
    private final InDoubt policy;

    Epochs(LedgerDatabase database, InDoubt policy) {
        this.database = database;
        this.policy = policy;
    }

    /** Begins a new epoch of a node and puts the claims of its earlier ones in doubt. */
    Epoch begin(String node) {
        try (Connection connection = database.writer()) {
            Epoch epoch = next(connection, node);
            if (!database.isPostgres()) {
                adopt(connection, node);
            }
            doubt(connection, epoch);
            connection.commit();
            return epoch;
        } catch (SQLException e) {
            throw new LedgerUnavailable("the ledger cannot be written: " + e.getMessage(), e);
        }
    }

    private Epoch next(Connection connection, String node) throws SQLException {
        try (PreparedStatement begin = connection.prepareStatement(BEGIN)) {
            begin.setString(1, node);
            begin.setLong(2, System.currentTimeMillis());
            begin.executeUpdate();
        }
        try (PreparedStatement number = connection.prepareStatement(NUMBER)) {
            number.setString(1, node);
            try (ResultSet found = number.executeQuery()) {
                found.next();
                return new Epoch(node, found.getLong(1));
            }
        }
    }

    /** A ledger in a file has one process: what stands there under another name is this node's own, from before. */
    private void adopt(Connection connection, String node) throws SQLException {
        for (String statement : ADOPT) {
            try (PreparedStatement adopt = connection.prepareStatement(statement)) {
                adopt.setString(1, node);
                adopt.setString(2, node);
                adopt.executeUpdate();
            }
        }
    }

    private void doubt(Connection connection, Epoch epoch) throws SQLException {
        Counters counters = new Counters();
        try (PreparedStatement abandoned = connection.prepareStatement(ABANDONED);
                PreparedStatement doubt = connection.prepareStatement(DOUBT);
                PreparedStatement reopen = connection.prepareStatement(REOPEN)) {
            abandoned.setString(1, epoch.node());
            abandoned.setLong(2, epoch.number());
            try (ResultSet rows = abandoned.executeQuery()) {
                while (rows.next()) {
                    String batch = rows.getString(1);
                    long line = rows.getLong(2);
                    if (policy == InDoubt.RESEND && rows.getInt(3) < 2) {
                        LOG.warnf("In doubt since the last stop, will be sent once more: batch %s line %d", batch,
                                line);
                        reopen.setString(1, batch);
                        reopen.setLong(2, line);
                        reopen.addBatch();
                    } else {
                        LOG.warnf("IN_DOUBT since the last stop: batch %s line %d", batch, line);
                        doubt.setLong(1, System.currentTimeMillis());
                        doubt.setString(2, MESSAGE);
                        doubt.setString(3, batch);
                        doubt.setLong(4, line);
                        doubt.addBatch();
                        counters.add(batch, Outcome.IN_DOUBT, 1);
                    }
                }
            }
            doubt.executeBatch();
            reopen.executeBatch();
        }
        counters.write(connection);
    }
}
