// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.database.RowsStatement;
import center.bos.refund.database.RowsStatement.Column;
import center.bos.refund.model.NewRow;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.Pair;
import center.bos.refund.model.Source;
import center.bos.refund.model.Stop;
import center.bos.refund.model.Submission;

/**
 * Accepts rows. A row gets its turn in the order of calls and takes its pair. It is a DUPLICATE if another row has the pair, or
 * if its own file says that it was sent before; or it is REJECTED. Rows that are in the ledger already are skipped, so a reading
 * that was cut off can be repeated.
 */
final class Acceptance {
    /** The remote operation whose pairs are guarded. */
    static final String OPERATION = "RefundOTP";
    /** The turn of single refunds: before the rows of all batches. */
    static final long FIRST_OF_ALL = 0;

    private static final String INSERT_REQUEST = """
            INSERT INTO batch (id, source, file, sha256, node, state, again, row_count, size, started_at, reply, stopped,
                               stopped_at, stopped_by, stop_reason)
            VALUES (?, ?, '', ?, ?, 'open', ?, ?, 0, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING""";
    private static final String HEAD = """
            SELECT number, turn, since, stopped IS NOT NULL, sha256, row_count - accepted FROM batch WHERE id = ?""";
    private static final String NEXT_TURN = """
            SELECT min(turn) FROM refund
            WHERE outcome IS NULL AND epoch IS NULL AND turn > ? AND turn < """ + Stops.ASIDE;
    private static final RowsStatement<Numbered> INSERT_ROW = new RowsStatement<>("refund", """
            INSERT INTO refund (batch, line, referenceid, ackno, turn, outcome, accepted_at, answered_at, message,
                                pair_known)
            SELECT {batch}, {line}, {referenceid}, {ackno}, {turn}, {outcome}, {=now}, {answered_at}, {message},
                   (SELECT count(*) FROM pair WHERE operation = {=operation} AND pair.referenceid = {pair_referenceid}
                    AND pair.ackno = {pair_ackno})
            {rows} WHERE true ON CONFLICT (batch, line) DO NOTHING""", List.of(
            new Column<>("batch", "bigint", Numbered::batch),
            new Column<>("line", "bigint", next -> next.row().line()),
            new Column<>("referenceid", "text", next -> next.row().referenceid()),
            new Column<>("ackno", "text", next -> next.row().ackno()),
            new Column<>("turn", "bigint", Numbered::turn),
            new Column<>("outcome", "text", Numbered::outcome),
            new Column<>("answered_at", "bigint", next -> next.row().rejected() ? next.now() : null),
            new Column<>("message", "text", Numbered::message),
            new Column<>("pair_referenceid", "text",
                    next -> next.row().rejected() ? "" : next.pair().referenceid()),
            new Column<>("pair_ackno", "text", next -> next.row().rejected() ? "" : next.pair().ackno()),
            new Column<>("now", "bigint", Numbered::now), new Column<>("operation", "text", next -> OPERATION)));
    /**
     * Sets the pair's {@code doubt_at} after its holder ended: when BOS may last have acted. An ERROR answers the last request
     * alone: not an earlier request of the same row that is in doubt, nor requests of other rows. A row that was cancelled before
     * it was sent (REJECTED) made no request.
     */
    static final String PASS_ON = """
            first_batch = coalesce(pair.first_batch, pair.batch), first_line = coalesce(pair.first_line, pair.line),
            doubt_at = (SELECT CASE WHEN r.outcome IN ('ERROR', 'REJECTED') AND r.doubts = 0 THEN pair.doubt_at ELSE r.answered_at END
                        FROM refund r WHERE r.batch = pair.batch AND r.line = pair.line)
            """;
    /** Whether an earlier row of the same batch held a pair that another row holds now. */
    private static final String HAD_IT = """
            pair.first_batch = excluded.batch OR EXISTS (
                SELECT 1 FROM refund o WHERE ltrim(o.referenceid, '0') = ltrim(excluded.referenceid, '0')
                AND ltrim(o.ackno, '0') = ltrim(excluded.ackno, '0') AND o.pair_known = 1
                AND +o.batch = excluded.batch AND +o.line < excluded.line
                AND coalesce(o.outcome, '') NOT IN ('DUPLICATE', 'REJECTED'))
            """;
    /**
     * A pair can be taken over from a row that has ended: after ERROR at once, unless BOS may have acted on another request
     * within the window; otherwise after the window. A batch that held the pair before does not get it again, whichever row holds
     * it now.
     */
    private static final RowsStatement<Taker> TAKE_PAIR = new RowsStatement<>("pair", """
            INSERT INTO pair (operation, referenceid, ackno, batch, line)
            SELECT {=operation}, {referenceid}, {ackno}, {batch}, {line} {rows} WHERE true
            ON CONFLICT (operation, referenceid, ackno) DO UPDATE SET batch = excluded.batch, line = excluded.line,
            """ + PASS_ON
            + """
                    WHERE EXISTS (
                        SELECT 1 FROM refund r WHERE r.batch = pair.batch AND r.line = pair.line
                        AND (r.outcome IN ('ERROR', 'REJECTED') AND r.doubts = 0 AND coalesce(pair.doubt_at, 0) <= {=limit}
                             OR r.outcome IN ('SUCCESS', 'IN_DOUBT', 'ERROR', 'REJECTED') AND r.answered_at <= {=limit})
                        AND r.batch <> excluded.batch AND (pair.first_batch IS NULL OR NOT ("""
            + HAD_IT + ")) {lock})",
            List.of(
                    new Column<>("batch", "bigint", Taker::batch),
                    new Column<>("line", "bigint", taker -> taker.row().line()),
                    new Column<>("referenceid", "text", taker -> taker.pair().referenceid()),
                    new Column<>("ackno", "text", taker -> taker.pair().ackno()),
                    new Column<>("limit", "bigint", Taker::limit),
                    new Column<>("operation", "text", taker -> OPERATION)));
    private static final String MARK_DUPLICATE = """
            UPDATE refund SET outcome = 'DUPLICATE', answered_at = ?, pair_known = 1,
                repeats_batch = (SELECT batch FROM pair WHERE operation = ? AND referenceid = ? AND ackno = ?),
                repeats_line = (SELECT line FROM pair WHERE operation = ? AND referenceid = ? AND ackno = ?)
            WHERE batch = ? AND line = ?""";
    private static final String SETTLED = StoredRow.SELECT
            + """
                    WHERE r.batch = ? AND r.line BETWEEN ? AND ? AND r.outcome IN ('DUPLICATE', 'REJECTED') AND r.answered_at = ?
                    ORDER BY r.line""";
    /** By pair, then by line: the first row in the file takes the pair, and two nodes cannot deadlock. */
    private static final Comparator<Taker> BY_PAIR = Comparator
            .<Taker, String>comparing(taker -> taker.pair().referenceid())
            .thenComparing(taker -> taker.pair().ackno()).thenComparingLong(taker -> taker.row().line());

    private final String node;
    private final Duration duplicateWindow;
    private final long releaseAbove;
    private final Outbox outbox;

    Acceptance(RefundConfig config, Outbox outbox) {
        this.node = config.node();
        this.duplicateWindow = config.duplicateWindow();
        this.releaseAbove = Releases.above(config);
        this.outbox = outbox;
    }

    /**
     * What acceptance reads of a batch.
     *
     * @param turn the turn after which its next rows go
     * @param since pairs that ended since then are not sent again, whatever the window
     * @param stopped whether the batch is stopped
     * @param content the SHA-256 of what was submitted
     * @param lacking how many of its rows are not accepted yet
     */
    private record Head(long number, long turn, long since, boolean stopped, String content, long lacking) {
        static Head read(ResultSet found) throws SQLException {
            long since = found.getLong(3);
            return new Head(found.getLong(1), found.getLong(2), since == 0 ? Long.MAX_VALUE : since, // 0 for null
                    found.getBoolean(4), found.getString(5), found.getLong(6));
        }

        /**
         * The offset of the next rows' turns: {@link Stops#ASIDE} while the batch is stopped, or earlier rows of it are still
         * aside.
         */
        long aside() {
            return stopped || turn >= Stops.ASIDE ? Stops.ASIDE : 0;
        }

        long last() {
            return turn >= Stops.ASIDE ? turn - Stops.ASIDE : turn;
        }
    }

    /**
     * Accepts some rows of a submission.
     *
     * @return the first turn that was assigned, or empty if no row was new
     */
    Optional<Long> accept(Turn turn, Write.Accept write) throws SQLException {
        Submission submission = write.submission;
        if (submission.source() != Source.FILE) {
            insertRequest(turn, submission);
        }
        Head head = turn.jdbc().one(HEAD, Head::read, submission.batch())
                .orElseThrow(() -> new IllegalStateException("there is no batch " + submission.batch()));
        write.result(!isAnother(turn, submission, head));
        if (!write.result()) {
            return Optional.empty();
        }
        boolean goesFirst = submission.source() == Source.REST;
        long firstTurn = goesFirst ? FIRST_OF_ALL : firstTurn(turn, head);
        List<NewRow> inserted = insert(turn, head, write.rows, submission.again(), firstTurn,
                goesFirst ? 0 : 1);
        if (inserted.isEmpty()) {
            return Optional.empty();
        }
        List<NewRow> duplicates = withoutPair(turn, submission, head, inserted);
        turn.jdbc().batch(MARK_DUPLICATE, duplicates, row -> new Object[]{turn.now(), OPERATION,
                row.pair().referenceid(), row.pair().ackno(), OPERATION, row.pair().referenceid(), row.pair().ackno(),
                head.number(), row.line()});
        long rejected = inserted.stream().filter(NewRow::rejected).count();
        long waiting = inserted.size() - rejected - duplicates.size();
        // only rows that wait to be sent use up turns of their batch
        turn.counts(head.number()).accepted(inserted.size(), firstTurn + waiting - 1);
        settled(turn, submission, head, inserted, rejected, duplicates.size());
        return Optional.of(firstTurn);
    }

    private void insertRequest(Turn turn, Submission submission) throws SQLException {
        int rows = submission.rows().size();
        boolean unreleased = rows > releaseAbove;
        String by = submission.source().name();
        int inserted = turn.jdbc().update(INSERT_REQUEST, submission.batch(), by, submission.content(), node,
                submission.again() ? 1 : 0, rows, turn.now(), submission.reply(),
                unreleased ? Stop.Kind.UNRELEASED.text() : null, unreleased ? turn.now() : null, unreleased ? by : null,
                unreleased ? Releases.REASON : null);
        if (unreleased && inserted == 1) {
            Audit.note(turn, Audit.What.ASK, submission.batch(), rows, new Deed(by, null, null));
        }
    }

    /** Whether the ledger has another request under the submission's id. */
    private static boolean isAnother(Turn turn, Submission submission, Head head) {
        return submission.source() != Source.FILE && (!submission.content().equals(head.content())
                || !submission.isRepeatable() && head.lacking() <= turn.accepted(head.number()));
    }

    private static List<NewRow> insert(Turn turn, Head head, List<NewRow> rows, boolean again, long firstTurn, int step)
            throws SQLException {
        List<Numbered> numbered = new ArrayList<>(rows.size());
        for (NewRow row : rows) {
            numbered.add(new Numbered(row, row.rejected() ? null : row.pair(), head.number(),
                    firstTurn + (long) step * numbered.size(), turn.now(), again));
        }
        List<Boolean> inserted = INSERT_ROW.run(turn.jdbc(), numbered);
        return IntStream.range(0, rows.size()).filter(inserted::get).mapToObj(rows::get).toList();
    }

    /** A row that is accepted, and its place in the order of calls. */
    private record Numbered(NewRow row, Pair pair, long batch, long turn, long now, boolean again) {
        /** Null of a row that takes its pair; whether it gets it is found out afterwards. */
        String outcome() {
            return row.rejected() ? Outcome.REJECTED.name() : message() != null ? Outcome.DUPLICATE.name() : null;
        }

        String message() {
            return row.rejected() ? row.rejection() : again ? null : row.evidence();
        }
    }

    /** A row that takes its pair, unless the pair's holder ended after the limit. */
    private record Taker(NewRow row, Pair pair, long batch, long limit) {
    }

    /** Start-time fair queueing: after the batch's own rows, and not before the row that was taken last. */
    private static long firstTurn(Turn turn, Head head) throws SQLException {
        if (head.turn() > 0) {
            return head.aside() + Math.max(head.last(), turn.virtualTime()) + 1;
        }
        // another node may have taken later turns than this one
        long next = turn.jdbc().list(NEXT_TURN, found -> found.getLong(1), turn.virtualTime()).get(0);
        return head.aside() + Math.max(next, turn.virtualTime() + 1);
    }

    /** The rows that are not sent: their file says that they were sent before, or another row has their pair. */
    private List<NewRow> withoutPair(Turn turn, Submission submission, Head head, List<NewRow> inserted)
            throws SQLException {
        Map<Boolean, List<NewRow>> takers = inserted.stream().filter(row -> !row.rejected())
                .collect(Collectors.partitioningBy(row -> row.evidence() == null || submission.again()));
        long limit = submission.again()
                ? Long.MAX_VALUE
                : Math.min(turn.now() - duplicateWindow.toMillis(), head.since() - 1);
        List<NewRow> without = new ArrayList<>(takers.get(false));
        List<Taker> left = takers.get(true).stream()
                .map(row -> new Taker(row, row.pair(), head.number(), limit)).sorted(BY_PAIR).toList();
        while (!left.isEmpty()) { // rows with the same pair need separate statements: one statement changes a row only once
            Set<Pair> pairs = new HashSet<>();
            Map<Boolean, List<Taker>> parts = left.stream()
                    .collect(Collectors.partitioningBy(taker -> pairs.add(taker.pair())));
            List<Taker> first = parts.get(true);
            List<Boolean> took = TAKE_PAIR.run(turn.jdbc(), first);
            IntStream.range(0, first.size()).filter(i -> !took.get(i)).forEach(i -> without.add(first.get(i).row()));
            left = parts.get(false);
        }
        return without;
    }

    /** Outcomes are read back only if a channel or a sender needs them: a file of duplicates costs no query a row. */
    private void settled(Turn turn, Submission submission, Head head, List<NewRow> inserted, long rejected,
            long duplicates) throws SQLException {
        if (rejected + duplicates == 0) {
            return;
        }
        if (submission.source() == Source.FILE && !outbox.wants(Outcome.DUPLICATE)) {
            turn.counts(head.number()).settled(Outcome.REJECTED, rejected);
            turn.counts(head.number()).settled(Outcome.DUPLICATE, duplicates);
            return;
        }
        long firstLine = inserted.stream().mapToLong(NewRow::line).min().orElseThrow();
        long lastLine = inserted.stream().mapToLong(NewRow::line).max().orElseThrow();
        turn.jdbc().list(SETTLED, StoredRow::outcome, head.number(), firstLine, lastLine, turn.now())
                .forEach(outcome -> turn.settled(head.number(), outcome));
    }
}
