// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;

import center.bos.refund.database.Jdbc;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.model.Batch;
import center.bos.refund.model.Pair;
import center.bos.refund.model.Source;

/** The rows in doubt of files, REST and JMS, and a person's request to send some of them again. */
public final class Doubts {
    /** The most rows that are read for one answer. */
    public static final int MOST_LOOKED_AT = 10_000;
    /** Why a row is skipped that has changed since it was read. */
    public static final String UNFINISHED = "its batch is not finished";
    public static final String CHANGED = "it is not in doubt, or was sent again meanwhile";
    private static final int REASONS_SHOWN = 50;

    private static final String SELECT = """
            SELECT b.id, b.source, b.file, b.node, b.state, r.batch, r.line, r.referenceid, r.ackno, r.message,
                   r.response_code, r.http_status, r.attempts, r.answered_at
            FROM refund r JOIN batch b ON b.number = r.batch WHERE r.outcome = 'IN_DOUBT\'""";
    private static final String BEHIND = SELECT + """
            \sAND (r.answered_at, r.batch, r.line) > (?, ?, ?) ORDER BY r.answered_at, r.batch, r.line LIMIT ?""";
    private static final String ROW = SELECT + " AND b.id = ? AND r.line = ? AND r.answered_at <= ?";
    private static final String COUNT = """
            SELECT count(*), (SELECT sum(in_doubt) FROM batch WHERE in_doubt > 0 AND state = 'complete'), min(answered_at)
            FROM refund WHERE outcome = 'IN_DOUBT'""";
    private static final String REASONS = """
            SELECT message, count(*) AS row_count, sum(CASE WHEN state = 'complete' THEN 1 ELSE 0 END),
                   min(answered_at), max(answered_at)
            FROM (SELECT batch, message, answered_at FROM refund WHERE outcome = 'IN_DOUBT'
                  ORDER BY answered_at, batch, line LIMIT ?) AS oldest
            JOIN batch ON batch.number = oldest.batch GROUP BY message ORDER BY row_count DESC, message LIMIT ?""";
    private static final String LINES = """
            SELECT line FROM refund WHERE batch = (SELECT number FROM batch WHERE id = ?) AND outcome = 'IN_DOUBT'""";
    private static final String KEEP_REQUEST = """
            INSERT INTO resend (batch, line, asked_at, asked_by, reason, message, answered_at)
            SELECT batch, line, ?, ?, ?, message, answered_at FROM refund WHERE batch = ? AND line = ?""";
    /** Checks the row again, because another node may have opened it since it was read. */
    private static final String OPEN_ROW = """
            UPDATE refund SET outcome = NULL, epoch = NULL, due_at = 0, doubts = doubts + 1,
                   turn = CASE WHEN turn >= """ + Stops.ASIDE + " THEN turn - " + Stops.ASIDE + """
            \sELSE turn END WHERE batch = ? AND line = ? AND outcome = 'IN_DOUBT' AND answered_at <= ?""";
    private static final String PAIR_IS_OPEN = """
            SELECT 1 FROM pair JOIN refund ON refund.batch = pair.batch AND refund.line = pair.line
            WHERE operation = ? AND pair.referenceid = ? AND pair.ackno = ? AND\s""" + Rows.OPEN;
    private static final String TAKE_BACK = """
            INSERT INTO pair (batch, line, operation, referenceid, ackno) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (operation, referenceid, ackno) DO UPDATE SET batch = excluded.batch, line = excluded.line,
            """ + Acceptance.PASS_ON + """
            WHERE pair.batch <> excluded.batch OR pair.line <> excluded.line""";
    /** Waits for another node that is about to take the pair: the next statement sees what it did. */
    private static final String LOCK_PAIR = "UPDATE pair SET line = line WHERE operation = ? AND referenceid = ? AND ackno = ?";
    private static final String OPEN_BATCH = """
            UPDATE batch SET state = 'open', finished_at = NULL, in_doubt = in_doubt - ?, stopped = NULL, stopped_at = NULL,
                   stopped_by = NULL, stop_reason = NULL, held_until = NULL WHERE number = ?""";
    private static final String STILL_IN_DOUBT = """
            SELECT referenceid, ackno FROM refund
            WHERE batch = ? AND line = ? AND outcome = 'IN_DOUBT' AND answered_at <= ?""";
    private static final String OPENED = "SELECT count(*) FROM resend WHERE asked_at = ? AND asked_by = ?";

    private static final long BURST_MILLIS = 60_000;

    private final LedgerDatabase database;
    private final Dispatcher dispatcher;
    /** The times of the last requests; used in turns only. */
    private final NavigableSet<Long> recent = new TreeSet<>();

    Doubts(LedgerDatabase database, Dispatcher dispatcher) {
        this.database = database;
        this.dispatcher = dispatcher;
    }

    /**
     * A row in doubt.
     *
     * @param since when its last call ended
     */
    public record Row(String batch, Source source, String file, String node, @JsonIgnore Batch.State batchState,
            @JsonIgnore long number, long line, String referenceid, String ackno, String message,
            @JsonProperty("response_code") String responseCode, @JsonProperty("http_status") Integer httpStatus,
            int attempts, Instant since) {

        /** Its name. */
        public RowName name() {
            return new RowName(batch, line);
        }

        /** Whether it can be sent again now: its batch is complete. */
        @JsonIgnore
        public boolean isResendable() {
            return batchState == Batch.State.COMPLETE;
        }

        /** Its position in the list. */
        public Place place() {
            return new Place(since.toEpochMilli(), number, line);
        }
    }

    /** A row, named by batch id and line. */
    public record RowName(String batch, long line) {
    }

    /** A position in the list of rows in doubt, which has this order. */
    public record Place(long since, long batch, long line) {
        /** Before the first row. */
        public static final Place START = new Place(Long.MIN_VALUE, 0, 0);
    }

    /** A row that was not opened, and why. */
    public record Skipped(String batch, long line, String reason) {
    }

    /**
     * How many rows are in doubt.
     *
     * @param resendable those of complete batches, which can be sent again now
     * @param oldest since when the oldest is, or null
     */
    public record Total(long rows, long resendable, Instant oldest) {
    }

    /** Rows that are in doubt for the same reason; resendable as in {@link Total}. */
    public record Reason(String message, long rows, long resendable, Instant first, Instant last) {
    }

    /** How many rows are in doubt. */
    public Total total() {
        return database.one(COUNT, found -> new Total(found.getLong(1), found.getLong(2), Jdbc.instant(found, 3)))
                .orElseThrow();
    }

    /** The most frequent reasons among the oldest {@value #MOST_LOOKED_AT}. */
    public List<Reason> reasons() {
        return database.list(REASONS,
                found -> new Reason(found.getString(1), found.getLong(2), found.getLong(3), Jdbc.instant(found, 4),
                        Jdbc.instant(found, 5)),
                MOST_LOOKED_AT, REASONS_SHOWN);
    }

    /** The rows after a position, the oldest first. */
    public List<Row> behind(Place place, int limit) {
        return database.list(BEHIND, Doubts::row, place.since(), place.batch(), place.line(), limit);
    }

    /** The row, if it is in doubt since that time or longer. */
    public Optional<Row> find(RowName name, Instant at) {
        return database.one(ROW, Doubts::row, name.batch(), name.line(), at.toEpochMilli());
    }

    private static Row row(ResultSet found) throws SQLException {
        return new Row(found.getString(1), Source.valueOf(found.getString(2)), found.getString(3), found.getString(4),
                Batch.State.valueOf(found.getString(5).toUpperCase(Locale.ROOT)), found.getLong(6), found.getLong(7),
                found.getString(8), found.getString(9), found.getString(10), found.getString(11),
                (Integer) found.getObject(12), found.getInt(13), Jdbc.instant(found, 14));
    }

    /**
     * The time of a request, which covers the rows that were in doubt then. A repeated key gives the time of its first request:
     * the repetition opens the rows that were left, and none a second time. No other request has it, because what a request
     * opened is counted by its time.
     */
    public Instant moment(Deed deed) {
        return dispatcher.change(turn -> {
            long at = free(turn.now());
            return IdempotencyKeys.take(turn, deed.key(), "in-doubt", at).map(IdempotencyKeys.Taken::at)
                    .orElse(Instant.ofEpochMilli(at));
        });
    }

    /** Now, or the last free time before: one of the future would cover rows that this very request sends. */
    private long free(long now) {
        recent.headSet(now - BURST_MILLIS).clear();
        long at = now;
        while (!recent.add(at)) {
            at--;
        }
        return at;
    }

    /**
     * Opens IN_DOUBT rows of a complete batch for another call, on a person's request, which is stored with the rows.
     *
     * @return false if nothing was opened: the batch is not complete, one of the rows is not IN_DOUBT, or another row with
     *     the same pair is open
     */
    public boolean resend(String id, Set<Long> lines, Deed deed) {
        return dispatcher.write(resending(id, lines, deed));
    }

    static Write<Boolean> resending(String id, Set<Long> lines, Deed deed) {
        return new Write.Change<>(turn -> {
            Optional<Batch> complete = turn.jdbc().one(Batches.BY_ID, Batches::read, id)
                    .filter(batch -> batch.state() == Batch.State.COMPLETE);
            if (complete.isEmpty()) {
                return false;
            }
            long number = complete.get().number();
            List<Long> rows = lines.stream().sorted().toList();
            Set<Pair> pairs = new LinkedHashSet<>();
            for (long line : rows) {
                Optional<Pair> pair = inDoubt(turn.jdbc(), number, line, Long.MAX_VALUE);
                if (pair.isEmpty() || !pairs.add(pair.get()) || isOpen(turn.jdbc(), pair.get())) {
                    return false;
                }
            }
            if (!IdempotencyKeys.isFree(turn, deed.key(), id)) {
                return false; // another node opens them under the same key
            }
            Iterator<Pair> pairOf = pairs.iterator();
            for (long line : rows) {
                takeBack(turn.jdbc(), number, line, pairOf.next());
            }
            turn.jdbc().batch(KEEP_REQUEST, rows,
                    line -> new Object[]{turn.now(), deed.by(), deed.reason(), number, line});
            turn.jdbc().batch(OPEN_ROW, rows, line -> new Object[]{number, line, Long.MAX_VALUE});
            turn.jdbc().update(OPEN_BATCH, lines.size(), number);
            Audit.note(turn, Audit.What.RESEND, id, lines.size(), deed);
            return true;
        });
    }

    /** The pair of a row that is in doubt since that time or longer. */
    private static Optional<Pair> inDoubt(Jdbc jdbc, long batch, long line, long at) throws SQLException {
        return jdbc.one(STILL_IN_DOUBT, ids -> Pair.of(ids.getString(1), ids.getString(2)), batch, line, at);
    }

    private static boolean isOpen(Jdbc jdbc, Pair pair) throws SQLException {
        jdbc.update(LOCK_PAIR, Acceptance.OPERATION, pair.referenceid(), pair.ackno());
        return jdbc.one(PAIR_IS_OPEN, other -> true, Acceptance.OPERATION, pair.referenceid(), pair.ackno())
                .isPresent();
    }

    private static void takeBack(Jdbc jdbc, long batch, long line, Pair pair) throws SQLException {
        jdbc.update(TAKE_BACK, batch, line, Acceptance.OPERATION, pair.referenceid(), pair.ackno());
    }

    /** The lines of a batch that are IN_DOUBT. */
    public Set<Long> lines(String id) {
        return new HashSet<>(database.list(LINES, found -> found.getLong(1), id));
    }

    /**
     * Opens rows for another call, in one turn; returns those that were skipped because they have changed since they were read.
     */
    public List<Skipped> resend(List<Row> rows, Deed deed, Instant at) {
        return dispatcher.write(resending(rows, deed, at));
    }

    static Write<List<Skipped>> resending(List<Row> rows, Deed deed, Instant at) {
        Map<Long, List<Row>> byBatch = new LinkedHashMap<>();
        rows.forEach(row -> byBatch.computeIfAbsent(row.number(), number -> new ArrayList<>()).add(row));
        return new Write.Change<>(turn -> {
            List<Skipped> skipped = new ArrayList<>();
            for (List<Row> ofBatch : byBatch.values()) {
                open(turn, ofBatch, deed, at.toEpochMilli(), skipped);
            }
            if (rows.size() > skipped.size()) {
                Audit.note(turn, Audit.What.RESEND,
                        byBatch.size() == 1 ? rows.get(0).batch() : byBatch.size() + " requests",
                        rows.size() - skipped.size(), deed);
            }
            return skipped;
        });
    }

    private static void open(Turn turn, List<Row> rows, Deed deed, long at, List<Skipped> skipped)
            throws SQLException {
        Batch batch = turn.jdbc().one(Batches.BY_ID, Batches::read, rows.get(0).batch()).orElseThrow();
        int opened = 0;
        for (Row row : rows) {
            Optional<String> hindrance = batch.state() == Batch.State.COMPLETE
                    ? open(turn, row, deed, at)
                    : Optional.of(UNFINISHED);
            hindrance.ifPresent(reason -> skipped.add(new Skipped(row.batch(), row.line(), reason)));
            opened += hindrance.isEmpty() ? 1 : 0;
        }
        if (opened > 0) {
            turn.jdbc().update(OPEN_BATCH, opened, batch.number());
        }
    }

    /** Opens a row; returns why it was not opened, or empty. */
    private static Optional<String> open(Turn turn, Row row, Deed deed, long at) throws SQLException {
        Jdbc jdbc = turn.jdbc();
        Optional<Pair> pair = inDoubt(jdbc, row.number(), row.line(), at);
        if (pair.isEmpty()) {
            return Optional.of(CHANGED);
        }
        if (isOpen(jdbc, pair.get())) {
            return Optional.of("another row with the same pair is open");
        }
        if (jdbc.update(OPEN_ROW, row.number(), row.line(), at) == 0) {
            return Optional.of(CHANGED);
        }
        takeBack(jdbc, row.number(), row.line(), pair.get());
        jdbc.update(KEEP_REQUEST, at, deed.by(), deed.reason(), row.number(), row.line());
        return Optional.empty();
    }

    /** For a repeated key, how many rows its first request opened; empty for a new key. */
    public Optional<Long> repeated(Deed deed) {
        return database.query(jdbc -> IdempotencyKeys.taken(jdbc, deed.key()))
                .map(before -> opened(deed, before.at()));
    }

    /** How many rows that request opened. */
    public long opened(Deed deed, Instant at) {
        return database.list(OPENED, found -> found.getLong(1), at.toEpochMilli(), deed.by()).get(0);
    }
}
