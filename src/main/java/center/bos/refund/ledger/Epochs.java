package center.bos.refund.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

import org.jboss.logging.Logger;

import center.bos.refund.config.RefundConfig.InDoubt;

/** The epochs of this node, and what becomes of the claims that an ended one left behind, this node's or another's. */
final class Epochs {
    private static final Logger LOG = Logger.getLogger(Epochs.class);
    private static final String BEGIN = """
            INSERT INTO node (name, epoch, alive_at, process) VALUES (?, 1, ?, ?)
            ON CONFLICT (name) DO UPDATE
            SET epoch = node.epoch + 1, alive_at = excluded.alive_at, process = excluded.process""";
    private static final String BEGIN_AGAIN = """
            UPDATE node SET epoch = epoch + 1, alive_at = ? WHERE name = ? AND process = ?""";
    private static final String END = "UPDATE node SET process = '', claims = ? WHERE name = ? AND process = ?";
    private static final String ADOPT = "UPDATE batch SET node = ? WHERE node <> ?";
    private static final String OTHERS = "SELECT name FROM node WHERE name <> ? AND claims <> ''";
    private static final String CLAIMS = "SELECT claims FROM node WHERE name = ?";
    private static final String NO_CLAIMS = "UPDATE node SET claims = '' WHERE name = ?";
    private static final String FIND = "SELECT process, epoch, commits FROM node WHERE name = ?";
    private static final String ABANDONED = """
            SELECT batch, line, sends FROM refund WHERE batch = ? AND line BETWEEN ? AND ?
            AND state = 'SENDING' AND node = ? AND epoch < ? ORDER BY line""";
    private static final String DOUBT = """
            UPDATE refund SET state = 'IN_DOUBT', answered_at = ?, attempts = attempts + 1, message = ?
            WHERE batch = ? AND line = ? AND state = 'SENDING'""";
    private static final String REOPEN = """
            UPDATE refund SET state = 'OPEN', sends = sends + 1, attempts = attempts + 1
            WHERE batch = ? AND line = ? AND state = 'SENDING'""";
    private static final String MESSAGE = "the process stopped while the call was under way; BOS may or may not have acted";

    /** A row's claim, and how often the row was claimed because of a doubt. */
    private record Claimed(String batch, long line, int sends) {
    }

    private final LedgerDatabase database;
    private final InDoubt policy;
    private final String process = UUID.randomUUID().toString();

    Epochs(LedgerDatabase database, InDoubt policy) {
        this.database = database;
        this.policy = policy;
    }

    /**
     * Begins a new epoch of a node and puts the claims of its earlier ones in doubt.
     *
     * @throws LedgerUnavailable if another process runs under the node's name
     */
    Epoch begin(String node) {
        try {
            if (database.isShared()) {
                refuseANameInUse(node);
            }
            try (Connection connection = database.writer()) {
                try (PreparedStatement begin = connection.prepareStatement(BEGIN)) {
                    begin.setString(1, node);
                    begin.setLong(2, System.currentTimeMillis());
                    begin.setString(3, process);
                    begin.executeUpdate();
                }
                Counters counters = new Counters();
                if (!database.isShared()) {
                    adopt(connection, counters, node);
                }
                return begun(connection, counters, node);
            }
        } catch (SQLException e) {
            throw new LedgerUnavailable("the ledger cannot be written: " + e.getMessage(), e);
        }
    }

    /**
     * Begins another epoch of a node that was taken for dead, and is not.
     *
     * @throws SQLException if the ledger cannot be written, or another process runs under the node's name by now
     */
    Epoch beginAgain(String node) throws SQLException {
        try (Connection connection = database.writer();
                PreparedStatement begin = connection.prepareStatement(BEGIN_AGAIN)) {
            begin.setLong(1, System.currentTimeMillis());
            begin.setString(2, node);
            begin.setString(3, process);
            if (begin.executeUpdate() == 0) {
                throw new SQLException("node " + node + " is run by another process");
            }
            return begun(connection, new Counters(), node);
        }
    }

    private Epoch begun(Connection connection, Counters counters, String node) throws SQLException {
        Epoch epoch = find(connection, node);
        doubt(connection, counters, node, epoch.number());
        counters.write(connection);
        connection.commit();
        return epoch;
    }

    /** Says that nobody works under this process' name any more. */
    void end(Connection connection, Heartbeat heartbeat) throws SQLException {
        try (PreparedStatement end = connection.prepareStatement(END)) {
            end.setString(1, heartbeat.claimed().list());
            end.setString(2, heartbeat.epoch().node());
            end.setString(3, heartbeat.epoch().process());
            end.executeUpdate();
        }
        connection.commit();
    }

    /** Two processes under one name would each take the other for its own past. */
    private void refuseANameInUse(String node) throws SQLException {
        Epoch before = find(node);
        if (before == null || before.process().isEmpty()) {
            return;
        }
        LOG.infof("Node %s did not end in order; looking whether it still runs", node);
        try {
            Thread.sleep(2 * Heartbeat.INTERVAL.toMillis() + 500);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Epoch after = find(node);
        if (after.commits() != before.commits() && !after.process().isEmpty()) {
            throw new LedgerUnavailable("another process runs as node " + node
                    + ": set refund.node to a name of its own for each node", null);
        }
    }

    private Epoch find(String node) throws SQLException {
        try (Connection connection = database.reader()) {
            return find(connection, node);
        }
    }

    private static Epoch find(Connection connection, String node) throws SQLException {
        try (PreparedStatement find = connection.prepareStatement(FIND)) {
            find.setString(1, node);
            try (ResultSet found = find.executeQuery()) {
                return found.next()
                        ? new Epoch(node, found.getString(1), found.getLong(2), found.getLong(3))
                        : null;
            }
        }
    }

    /** A ledger in a file has one process: what stands there under another name is this node's own, from before. */
    private void adopt(Connection connection, Counters counters, String node) throws SQLException {
        try (PreparedStatement adopt = connection.prepareStatement(ADOPT)) {
            adopt.setString(1, node);
            adopt.setString(2, node);
            adopt.executeUpdate();
        }
        for (String other : LedgerDatabase.list(connection, OTHERS, found -> found.getString(1), node)) {
            doubt(connection, counters, other, Long.MAX_VALUE);
        }
    }

    /**
     * Ends the claims of a node's epochs before that one, of which nobody can know what became of them.
     *
     * @return how many there were
     */
    int doubt(Connection connection, Counters counters, String node, long before) throws SQLException {
        List<Claimed> claims = abandoned(connection, node, before);
        try (PreparedStatement doubt = connection.prepareStatement(DOUBT);
                PreparedStatement reopen = connection.prepareStatement(REOPEN)) {
            for (Claimed claim : claims) {
                if (policy == InDoubt.RESEND && claim.sends() < 2) {
                    LOG.warnf("In doubt since node %s stopped, will be sent once more: batch %s line %d", node,
                            claim.batch(), claim.line());
                    reopen.setString(1, claim.batch());
                    reopen.setLong(2, claim.line());
                    reopen.addBatch();
                } else {
                    LOG.warnf("IN_DOUBT since node %s stopped: batch %s line %d", node, claim.batch(), claim.line());
                    doubt.setLong(1, System.currentTimeMillis());
                    doubt.setString(2, MESSAGE);
                    doubt.setString(3, claim.batch());
                    doubt.setLong(4, claim.line());
                    doubt.addBatch();
                    counters.add(claim.batch(), Outcome.IN_DOUBT, 1);
                }
            }
            doubt.executeBatch();
            reopen.executeBatch();
        }
        try (PreparedStatement clear = connection.prepareStatement(NO_CLAIMS)) {
            clear.setString(1, node);
            clear.executeUpdate();
        }
        return claims.size();
    }

    /** What is SENDING of what the node listed with its last transaction. */
    private static List<Claimed> abandoned(Connection connection, String node, long before) throws SQLException {
        List<Claimed> claims = new ArrayList<>();
        for (String list : LedgerDatabase.list(connection, CLAIMS, found -> found.getString(1), node)) {
            for (ClaimedRows.Range range : ClaimedRows.read(list)) {
                claims.addAll(LedgerDatabase.list(connection, ABANDONED,
                        found -> new Claimed(found.getString(1), found.getLong(2), found.getInt(3)), range.batch(),
                        range.first(), range.last(), node, before));
            }
        }
        return claims;
    }
}
