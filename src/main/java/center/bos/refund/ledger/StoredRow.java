// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;

import center.bos.refund.model.Outcome;
import center.bos.refund.model.RowOutcome;

/** How a row is read from the ledger: with its batch's id and, for a DUPLICATE, the row that it repeats. */
final class StoredRow {
    /** The caller appends a WHERE on {@code r}, the row, or {@code b}, its batch. */
    static final String SELECT = """
            SELECT b.id, b.source, r.line, r.referenceid, r.ackno, r.outcome, r.epoch, r.attempts, r.accepted_at, r.answered_at,
                   r.response_code, r.http_status, r.message, hb.id AS held_batch, h.line AS held_line,
                   h.outcome AS held_outcome
            FROM refund r JOIN batch b ON b.number = r.batch
            LEFT JOIN refund h ON h.batch = r.repeats_batch AND h.line = r.repeats_line
            LEFT JOIN batch hb ON hb.number = h.batch\s""";
    /**
     * The rows of a referenceid and those that share a pair with one. A join, because SQLite scans all rows for two columns that
     * are IN a list.
     */
    static final String SELECT_OF_REFERENCE = SELECT
            + """
                    JOIN (
                        SELECT batch, line FROM refund WHERE ltrim(referenceid, '0') = ltrim(?, '0') AND pair_known = 1
                        UNION SELECT batch, line FROM pair WHERE operation = ? AND referenceid = ?
                        UNION SELECT first_batch, first_line FROM pair WHERE operation = ? AND referenceid = ?) AS ids ON r.batch = ids.batch AND r.line = ids.line
                    """;

    private StoredRow() {
    }

    /** The outcome of the row, or null while it has none. */
    static RowOutcome outcome(ResultSet found) throws SQLException {
        String outcome = found.getString("outcome");
        return outcome == null
                ? null
                : new RowOutcome(found.getString("id"), found.getLong("line"), found.getString("referenceid"),
                        found.getString("ackno"), Outcome.valueOf(outcome), found.getString("response_code"),
                        (Integer) found.getObject("http_status"), message(found), found.getInt("attempts"),
                        Instant.ofEpochMilli(found.getLong("answered_at")));
    }

    private static String message(ResultSet found) throws SQLException {
        String held = found.getString("held_batch");
        String message = found.getString("message");
        if (held == null) {
            return message;
        }
        String outcome = found.getString("held_outcome");
        return "repeats batch " + held + " line " + found.getLong("held_line") + ", which "
                + (outcome == null ? "has no outcome yet" : "ended " + outcome)
                + (message == null ? "" : "; " + message);
    }
}
