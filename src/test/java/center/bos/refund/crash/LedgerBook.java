// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;

/** Reads the ledger of a data folder from outside, beside a process or after one. */
final class LedgerBook {
    /** Each of these finds rows that no ledger may hold once its batches are done. */
    private static final String[] NEVER = {
            "SELECT 'batch ' || id || ' is ' || state FROM batch WHERE state = 'open'",
            """
                    SELECT 'batch ' || b.id || ' does not count its rows' FROM batch b
                    JOIN (SELECT batch, count(*) AS row_count, sum(outcome = 'SUCCESS') AS success,
                                 sum(outcome = 'ERROR') AS error, sum(outcome = 'IN_DOUBT') AS in_doubt,
                                 sum(outcome = 'DUPLICATE') AS duplicate, sum(outcome = 'REJECTED') AS rejected
                          FROM refund GROUP BY batch) r ON r.batch = b.number
                    WHERE b.row_count <> r.row_count OR b.accepted <> r.row_count OR b.success <> r.success
                       OR b.error <> r.error OR b.in_doubt <> r.in_doubt OR b.duplicate <> r.duplicate
                       OR b.rejected <> r.rejected""",
            """
                    SELECT 'batch ' || r.batch || ' line ' || r.line || ' repeats no row that was called'
                    FROM refund r LEFT JOIN refund h ON h.batch = r.repeats_batch AND h.line = r.repeats_line
                    WHERE r.outcome = 'DUPLICATE' AND (h.outcome IS NULL OR h.outcome IN ('DUPLICATE', 'REJECTED')
                       OR ltrim(h.referenceid, '0') <> ltrim(r.referenceid, '0') OR h.ackno <> r.ackno
                       OR h.batch = r.batch AND h.line > r.line)"""};
    private static final String SINGLES = """
            SELECT r.referenceid || ' ' || b.id || ' ' || r.outcome FROM refund r JOIN batch b ON b.number = r.batch
            WHERE b.source = 'REST' AND b.number > ?""";
    private static final String OUTCOMES = """
            SELECT b.id, r.line, r.outcome, r.answered_at FROM refund r JOIN batch b ON b.number = r.batch
            WHERE b.number > ? AND (r.outcome = 'SUCCESS') = ?""";

    private final String url;
    private long checked;

    LedgerBook(Path data) {
        url = "jdbc:sqlite:" + data.resolve("ledger.db");
    }

    /**
     * An outcome that a channel is to hear of.
     *
     * @param row batch and line
     * @param answeredAt epoch milliseconds
     */
    record Told(String row, String outcome, long answeredAt) {
    }

    /** Whether every row has its outcome, every batch is over, and nothing is owed to a channel. */
    boolean isSettled() {
        return ask("SELECT 1 FROM refund WHERE outcome IS NULL").isEmpty()
                && ask("SELECT 1 FROM batch WHERE state = 'open'").isEmpty()
                && ask("SELECT 1 FROM outbox").isEmpty();
    }

    /** Fails where the ledger is not sound, or says what cannot be, once all is done. */
    void check() {
        List<String> wrong = new ArrayList<>(ask("PRAGMA integrity_check"));
        wrong.remove("ok");
        for (String question : NEVER) {
            wrong.addAll(ask(question));
        }
        if (!wrong.isEmpty()) {
            throw new AssertionError("the ledger is wrong: " + wrong);
        }
    }

    /** The outcomes of the batches that came since the last {@link #mark()}: SUCCESS, or all others. */
    List<Told> outcomes(boolean success) {
        try (Connection connection = DriverManager.getConnection(url);
                PreparedStatement select = connection.prepareStatement(OUTCOMES)) {
            select.setLong(1, checked);
            select.setBoolean(2, success);
            List<Told> outcomes = new ArrayList<>();
            try (ResultSet found = select.executeQuery()) {
                while (found.next()) {
                    outcomes.add(new Told(found.getString(1) + ":" + found.getLong(2), found.getString(3),
                            found.getLong(4)));
                }
            }
            return outcomes;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The single refunds that came since the last {@link #mark()}: reference, id, outcome. */
    List<String> singles() {
        return ask(SINGLES, checked);
    }

    /** What is there now was checked. */
    void mark() {
        checked = Long.parseLong(ask("SELECT coalesce(max(number), 0) FROM batch").get(0));
    }

    /** The first column of what a question finds. */
    List<String> ask(String question, Object... values) {
        try (Connection connection = DriverManager.getConnection(url);
                PreparedStatement select = connection.prepareStatement(question)) {
            for (int i = 0; i < values.length; i++) {
                select.setObject(i + 1, values[i]);
            }
            List<String> answers = new ArrayList<>();
            try (ResultSet found = select.executeQuery()) {
                while (found.next()) {
                    answers.add(found.getString(1));
                }
            }
            return answers;
        } catch (SQLException e) {
            throw new IllegalStateException(question, e);
        }
    }
}
