// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;

import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.model.RowOutcome;

/** Streams the outcomes of one batch in the order of its lines. */
public final class OutcomeCursor implements AutoCloseable {
    private static final int FETCH_SIZE = 500;

    private final Connection connection;
    private final PreparedStatement select;
    private final ResultSet rows;

    OutcomeCursor(Connection connection, long batch) throws SQLException {
        this.connection = connection;
        try {
            connection.setAutoCommit(false); // PostgreSQL streams only inside a transaction
            select = connection.prepareStatement(StoredRow.SELECT
                    + "WHERE r.batch = ? AND r.outcome IS NOT NULL ORDER BY r.line");
            select.setFetchSize(FETCH_SIZE);
            select.setLong(1, batch);
            rows = select.executeQuery();
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** The next outcome, or null after the last. */
    public RowOutcome next() {
        try {
            return rows.next() ? StoredRow.outcome(rows) : null;
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
