package center.bos.refund.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

/** The outcomes of one batch in the order of its lines, read as they are asked for. */
public final class OutcomeCursor implements AutoCloseable {
    private static final int FETCH_SIZE = 500;

    private final Connection connection;
    private final PreparedStatement select;
    private final ResultSet rows;

    OutcomeCursor(Connection connection, String batch) throws SQLException {
        this.connection = connection;
        try {
            connection.setAutoCommit(false); // PostgreSQL streams only inside a transaction
            select = connection.prepareStatement("SELECT " + StoredRow.COLUMNS
                    + " FROM refund WHERE batch = ? AND state NOT IN ('OPEN', 'SENDING') ORDER BY line");
            select.setFetchSize(FETCH_SIZE);
            select.setString(1, batch);
            rows = select.executeQuery();
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /**
     * The next outcome, or null after the last.
     *
     * @throws LedgerUnavailable if the ledger cannot be read
     */
    public RowOutcome next() {
        try {
            return rows.next() ? StoredRow.read(rows).outcome() : null;
        } catch (SQLException e) {
            throw LedgerDatabase.unreadable(e);
        }
    }

    @Override
    public void close() {
        try (connection) {
            rows.close();
            select.close();
            connection.rollback();
        } catch (SQLException e) {
            throw LedgerDatabase.unreadable(e);
        }
    }
}
