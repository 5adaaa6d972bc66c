package center.bos.refund.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

import center.bos.refund.config.RefundConfig;

/** Looks up, without changing anything, which row of the ledger holds a pair. Works beside a running service. */
public final class HeldPairs implements AutoCloseable {
    private static final String HOLDER = """
            SELECT p.batch, p.line FROM pair p JOIN refund r ON r.batch = p.batch AND r.line = p.line
            WHERE p.operation = ? AND p.referenceid = ? AND p.ackno = ? AND r.state <> 'ERROR'
            AND (r.state IN ('OPEN', 'SENDING') OR r.answered_at > ?)""";

    private static final String UNFINISHED = "SELECT id FROM batch WHERE sha256 = ? AND node = ? AND state = 'open'"
            + " ORDER BY started_at DESC";
    private static final String STATE = "SELECT state FROM refund WHERE batch = ? AND line = ?";

    private final Connection connection;
    private final String node;
    private final PreparedStatement holder;

    private HeldPairs(Connection connection, RefundConfig config) throws SQLException {
        this.connection = connection;
        this.node = config.node();
        holder = connection == null ? null : connection.prepareStatement(HOLDER);
        if (holder != null) {
            holder.setString(1, Ledger.OPERATION);
            holder.setLong(4, System.currentTimeMillis() - config.duplicateWindow().toMillis());
        }
    }

    /**
     * Opens the configured ledger; where there is none yet, no pair is held.
     *
     * @throws LedgerUnavailable if it cannot be read
     */
    public static HeldPairs open(RefundConfig config) {
        try {
            return new HeldPairs(LedgerDatabase.exists(config) ? LedgerDatabase.readOnly(config) : null, config);
        } catch (SQLException e) {
            throw new LedgerUnavailable("the ledger cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * The row that holds a pair.
     *
     * @param batch its batch
     * @param line its line there
     */
    public record Holder(String batch, long line) {
        @Override
        public String toString() {
            return "batch " + batch + " line " + line;
        }
    }

    /** The row that one with this pair would repeat, or empty when that would be sent. */
    public Optional<Holder> holder(RefundRow.Pair pair) {
        if (holder == null) {
            return Optional.empty();
        }
        try {
            holder.setString(2, pair.referenceid());
            holder.setString(3, pair.ackno());
            try (ResultSet found = holder.executeQuery()) {
                return found.next() ? Optional.of(new Holder(found.getString(1), found.getLong(2))) : Optional.empty();
            }
        } catch (SQLException e) {
            throw LedgerDatabase.unreadable(e);
        }
    }

    /** The unfinished batch of this node that a file of that content goes on with. */
    public Optional<String> unfinished(String sha256) {
        return text(UNFINISHED, sha256, node);
    }

    /** Whether a row of a batch has its outcome. */
    public boolean isDone(String batch, long line) {
        return text(STATE, batch, line).filter(state -> !state.equals("OPEN") && !state.equals("SENDING")).isPresent();
    }

    private Optional<String> text(String query, Object... values) {
        if (connection == null) {
            return Optional.empty();
        }
        try (PreparedStatement select = connection.prepareStatement(query)) {
            for (int i = 0; i < values.length; i++) {
                select.setObject(i + 1, values[i]);
            }
            try (ResultSet found = select.executeQuery()) {
                return found.next() ? Optional.of(found.getString(1)) : Optional.empty();
            }
        } catch (SQLException e) {
            throw LedgerDatabase.unreadable(e);
        }
    }

    @Override
    public void close() {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (SQLException e) {
            throw new LedgerUnavailable("the ledger cannot be closed: " + e.getMessage(), e);
        }
    }
}
