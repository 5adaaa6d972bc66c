// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.Optional;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.database.Jdbc;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.Pair;

/** Looks up which row of the ledger holds a pair. It only reads, so it works beside a running service. */
public final class HeldPairs implements AutoCloseable {
    private static final String HOLDER = """
            SELECT b.id, p.line, r.outcome FROM pair p JOIN refund r ON r.batch = p.batch AND r.line = p.line
            JOIN batch b ON b.number = p.batch
            WHERE p.operation = ? AND p.referenceid = ? AND p.ackno = ?
            AND (r.outcome IS NULL OR (r.outcome NOT IN ('ERROR', 'REJECTED') OR r.doubts > 0) AND r.answered_at > ? OR p.doubt_at > ?)""";
    private static final String UNFINISHED = """
            SELECT id FROM batch WHERE sha256 = ? AND source = 'FILE' AND node = ? AND state = 'open'
            ORDER BY started_at DESC""";
    private static final String DONE = """
            SELECT 1 FROM refund r JOIN batch b ON b.number = r.batch
            WHERE b.id = ? AND r.line = ? AND r.outcome IS NOT NULL""";

    private final Connection connection;
    private final Jdbc jdbc;
    private final String node;
    private final long limit;

    private HeldPairs(Connection connection, RefundConfig config) {
        this.connection = connection;
        this.jdbc = connection == null ? null : new Jdbc(connection);
        this.node = config.node();
        this.limit = System.currentTimeMillis() - config.duplicateWindow().toMillis();
    }

    /** Opens the configured ledger; if there is none yet, no pair is held. */
    public static HeldPairs open(RefundConfig config) {
        return new HeldPairs(LedgerDatabase.readOnly(config).orElse(null), config);
    }

    /**
     * The row that holds a pair.
     *
     * @param outcome how it ended, or null while it has no outcome
     */
    public record Holder(String batch, long line, Outcome outcome) {
        @Override
        public String toString() {
            return "batch " + batch + " line " + line + ", which "
                    + (outcome == null ? "has no outcome yet" : "ended " + outcome);
        }
    }

    /** The row that makes a new row with this pair a DUPLICATE, or empty if the new row would be sent. */
    public Optional<Holder> holder(Pair pair) {
        return one(HOLDER, found -> new Holder(found.getString(1), found.getLong(2),
                found.getString(3) == null ? null : Outcome.valueOf(found.getString(3))), Acceptance.OPERATION,
                pair.referenceid(), pair.ackno(), limit, limit);
    }

    /** The unfinished batch of this node that a file of that content continues. */
    public Optional<String> unfinished(String sha256) {
        return one(UNFINISHED, found -> found.getString(1), sha256, node);
    }

    /** Whether a row of a batch has its outcome. */
    public boolean isDone(String batch, long line) {
        return one(DONE, found -> true, batch, line).isPresent();
    }

    private <T> Optional<T> one(String sql, Jdbc.RowReader<T> reader, Object... values) {
        try {
            return jdbc == null ? Optional.empty() : jdbc.one(sql, reader, values);
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
            throw LedgerUnavailable.of("the ledger cannot be closed", e);
        }
    }
}
