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

    private final Connection connection;
    private final PreparedStatement holder;

    private HeldPairs(Connection connection, RefundConfig config) throws SQLException {
        this.connection = connection;
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

    /** The batch and line that a row with this pair would repeat, or empty when it would be sent. */
    public Optional<String> holder(RefundRow.Pair pair) {
        if (holder == null) {
            return Optional.empty();
        }
        try {
            holder.setString(2, pair.referenceid());
            holder.setString(3, pair.ackno());
            try (ResultSet found = holder.executeQuery()) {
                return found.next()
                        ? Optional.of("batch " + found.getString(1) + " line " + found.getLong(2))
                        : Optional.empty();
            }
        } catch (SQLException e) {
            throw new LedgerUnavailable("the ledger cannot be read: " + e.getMessage(), e);
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
