// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Set;

import center.bos.refund.database.Dialect;
import center.bos.refund.database.Jdbc;
import center.bos.refund.database.RowsStatement;
import center.bos.refund.database.RowsStatement.Column;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.RowOutcome;

/** Takes rows to be called, and settles them. */
final class Rows {
    /** By how many turns a row moves back to let others go first. */
    private static final long BEHIND = 100;

    /**
     * Whether a row that its key finds has no outcome; not {@code outcome IS NULL}, for which PostgreSQL may read the index of
     * all waiting rows in the key's place when it believes that few rows wait.
     */
    static final String OPEN = "coalesce(refund.outcome, '') = ''";

    private static final String DUE = """
            WITH due AS MATERIALIZED (
                SELECT batch, line FROM refund
                WHERE outcome IS NULL AND epoch IS NULL AND turn >= ? AND turn < """ + Stops.ASIDE + """
            \sAND due_at <= ? AND batch NOT IN (""" + Stops.NUMBERS + """
                ) %s
                ORDER BY turn, batch, line LIMIT ? %s)
            UPDATE refund SET epoch = ? FROM due WHERE refund.batch = due.batch AND refund.line = due.line
            RETURNING refund.batch, refund.line, referenceid, ackno, turn, doubts, attempts, retries""";
    private static final String ANY_DUE = """
            SELECT 1 FROM refund WHERE outcome IS NULL AND epoch IS NULL AND turn < """ + Stops.ASIDE + """
            \sAND due_at <= %s AND batch NOT IN (""" + Stops.NUMBERS + ") LIMIT 1";
    private static final String DUE_LATER = """
            SELECT DISTINCT due_at FROM refund WHERE outcome IS NULL AND epoch IS NULL AND due_at > ?""";
    private static final String NOT_LATER = """
            UPDATE refund SET due_at = ? WHERE outcome IS NULL AND epoch IS NULL AND due_at > ?""";
    private static final RowsStatement<Ending> END = new RowsStatement<>("refund",
            """
                    UPDATE refund SET outcome = {outcome}, response_code = {code}, http_status = {status}, message = {message},
                           attempts = {attempts}, answered_at = {=now}, answer = {answer} {rows}
                    WHERE refund.batch = {batch} AND refund.line = {line} AND refund.epoch = {epoch} AND\s"""
                    + OPEN,
            List.of(
                    new Column<>("batch", "bigint", ending -> ending.row().number()),
                    new Column<>("line", "bigint", ending -> ending.row().line()),
                    new Column<>("epoch", "bigint", ending -> ending.row().epoch()),
                    new Column<>("outcome", "text", ending -> ending.ended().outcome().name()),
                    new Column<>("code", "text", ending -> ending.ended().responseCode()),
                    new Column<>("status", "integer", ending -> ending.ended().httpStatus()),
                    new Column<>("message", "text", ending -> ending.ended().message()),
                    new Column<>("attempts", "integer", ending -> ending.ended().attempts()),
                    new Column<>("answer", "text", ending -> ending.ended().answer()),
                    new Column<>("now", "bigint", Ending::now)));
    private static final String DUE_AGAIN = """
            UPDATE refund SET epoch = NULL, due_at = ?, turn = ?, attempts = ?, retries = ?, doubts = doubts + ?
            WHERE batch = ? AND line = ? AND epoch = ? AND\s""" + OPEN;
    private static final String GIVE_BACK = "UPDATE refund SET epoch = NULL WHERE batch = ? AND line = ? AND epoch = ?";
    private static final String ABANDONED = """
            SELECT r.batch, r.line, r.referenceid, r.ackno, r.turn, r.doubts, r.attempts, r.retries, r.epoch, b.id
            FROM refund r JOIN batch b ON b.number = r.batch
            WHERE r.outcome IS NULL AND r.epoch IN (SELECT number FROM epoch WHERE ended_at IS NOT NULL)""";
    private static final Comparator<DueRow> IN_TURN = Comparator.comparingLong(DueRow::turn)
            .thenComparingLong(DueRow::number).thenComparingLong(DueRow::line);

    private final String due;
    private final String anyDue;
    private final String dueOfSome;

    /** A row and its outcome, settled in a turn. */
    private record Ending(DueRow row, Settlement.Ended ended, long now) {
    }

    Rows(Dialect dialect) {
        due = DUE.formatted("", dialect.skipLocked());
        anyDue = ANY_DUE.formatted(dialect.clock());
        // the plus keeps the planner from reading a whole batch and sorting it
        dueOfSome = DUE.formatted("AND +batch IN (SELECT " + dialect.numbers() + ")", dialect.skipLocked());
    }

    /**
     * Takes rows that are due, in the order of their turns; they count as being sent once the turn is committed, and get their
     * batch's id when it counts them.
     *
     * @param from the lowest turn that is searched
     * @param batches the numbers of the only batches that are searched, or null for all
     */
    List<DueRow> take(Turn turn, long from, int most, Set<Long> batches) throws SQLException {
        Jdbc.RowReader<DueRow> reader = found -> read(found, null, turn.epoch());
        List<DueRow> taken = batches == null
                ? turn.jdbc().list(due, reader, from, turn.now(), most, turn.epoch())
                : turn.jdbc().list(dueOfSome, reader, from, turn.now(), Dialect.numbers(batches), most, turn.epoch());
        taken.sort(IN_TURN);
        return taken;
    }

    /**
     * The times until waiting rows are due.
     *
     * @param longest the longest that a row may wait: more is the error of a clock that was set back
     */
    List<Duration> pauses(Turn turn, Duration longest) throws SQLException {
        long latest = turn.now() + longest.toMillis();
        turn.jdbc().update(NOT_LATER, latest, latest);
        return turn.jdbc().list(DUE_LATER, found -> Duration.ofMillis(found.getLong(1) - turn.now()), turn.now());
    }

    /** Whether a waiting row is due; ends the transaction. */
    boolean isAnyDue(Jdbc jdbc) throws SQLException {
        boolean found = jdbc.one(anyDue, row -> true, System.currentTimeMillis()).isPresent();
        jdbc.commit();
        return found;
    }

    private static DueRow read(ResultSet found, String batch, long epoch) throws SQLException {
        return new DueRow(found.getLong(1), batch, found.getLong(2), found.getString(3), found.getString(4),
                found.getLong(5), epoch, 0, found.getInt(6), found.getInt(7), found.getInt(8));
    }

    /** Settles rows. A settlement counts only if the row is still being sent under the epoch that took it. */
    void settle(Turn turn, List<Write.Settle> writes) throws SQLException {
        List<Write.Settle> ended = new ArrayList<>(writes.size());
        List<Write.Settle> dueAgain = new ArrayList<>();
        for (Write.Settle write : writes) {
            (write.settlement instanceof Settlement.Ended ? ended : dueAgain).add(write);
        }
        end(turn, ended);
        dueAgain(turn, dueAgain);
    }

    private static void end(Turn turn, List<Write.Settle> writes) throws SQLException {
        List<Boolean> ended = END.run(turn.jdbc(), writes.stream()
                .map(write -> new Ending(write.row, (Settlement.Ended) write.settlement, turn.now())).toList());
        for (int i = 0; i < ended.size(); i++) {
            Write.Settle write = writes.get(i);
            write.result(ended.get(i));
            if (ended.get(i)) {
                turn.counts(write.row.number()).returned();
                Settlement.Ended end = (Settlement.Ended) write.settlement;
                turn.settled(write.row.number(), new RowOutcome(write.row.batch(), write.row.line(),
                        write.row.referenceid(), write.row.ackno(), end.outcome(), end.responseCode(), end.httpStatus(),
                        end.message(), end.attempts(), Instant.ofEpochMilli(turn.now())));
            }
        }
    }

    private static void dueAgain(Turn turn, List<Write.Settle> writes) throws SQLException {
        int[] counts = turn.jdbc().batch(DUE_AGAIN, writes, write -> {
            Settlement.DueAgain again = (Settlement.DueAgain) write.settlement;
            long place = again.behind() ? Math.max(write.row.turn(), turn.virtualTime()) + BEHIND : write.row.turn();
            return new Object[]{turn.now() + again.pause().toMillis(), place, again.attempts(), again.retries(),
                    again.doubted() ? 1 : 0, write.row.number(), write.row.line(), write.row.epoch()};
        });
        for (int i = 0; i < counts.length; i++) {
            writes.get(i).result(counts[i] == 1);
            if (counts[i] == 1) {
                turn.counts(writes.get(i).row.number()).returned();
            }
        }
    }

    /** Returns rows that this turn took, because another node has stopped their batch meanwhile. */
    void giveBack(Turn turn, List<DueRow> taken) throws SQLException {
        turn.jdbc().batch(GIVE_BACK, taken, row -> new Object[]{row.number(), row.line(), row.epoch()});
        turn.giveBack(taken);
    }

    /** Rows that an ended epoch was sending: whether BOS acted on them is unknown. */
    List<DueRow> abandoned(Turn turn) throws SQLException {
        return turn.jdbc().list(ABANDONED, found -> read(found, found.getString(10), found.getLong(9)));
    }
}
