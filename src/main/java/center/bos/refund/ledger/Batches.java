// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.database.Jdbc;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.model.Batch;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.Source;
import center.bos.refund.model.Stop;

/** The batches of the ledger, files and requests: their progress and their rows. */
public final class Batches {
    static final String SELECT = """
            SELECT batch.number, source, id, file, sha256, node, state, reason, again, row_count, size, accepted, sending,
                   success, error, in_doubt, duplicate, rejected, started_at, finished_at, stopped, stopped_at,
                   stopped_by, stop_reason, held_until, submitted_by FROM batch\s""";
    private static final String INSERT = """
            INSERT INTO batch (id, source, file, sha256, node, state, reason, again, row_count, size, started_at,
                               finished_at, stopped, stopped_at, stopped_by, stop_reason, held_until, submitted_by)
            VALUES (?, 'FILE', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING""";
    private static final String ALL_DONE = "row_count = success + error + in_doubt + duplicate + rejected";
    static final String BY_ID = SELECT + "WHERE id = ?";
    private static final String OF_CONTENT = SELECT + """
            WHERE sha256 = ? AND source = 'FILE' AND node = ? AND state = ?
            ORDER BY CASE WHEN file = ? THEN 0 ELSE 1 END, started_at DESC""";
    private static final String OPEN = SELECT + """
            WHERE node = ? AND state = 'open' AND source = 'FILE' ORDER BY started_at, number""";
    private static final String FINISHED = SELECT + "WHERE node = ? AND state = 'open' AND source = 'FILE' AND "
            + ALL_DONE
            + " ORDER BY started_at, number";
    private static final String COMPLETE = "UPDATE batch SET state = 'complete', finished_at = ?, " + Stops.OVER
            + " WHERE id = ? AND "
            + ALL_DONE;
    private static final String REASONS = """
            SELECT r.outcome, r.response_code,
                   CASE WHEN r.outcome <> 'DUPLICATE' THEN r.message
                        WHEN r.message IS NOT NULL THEN 'the file says in its column outcome that it was sent'
                        WHEN h.outcome = 'SUCCESS' THEN 'the same pair was sent before'
                        WHEN h.outcome IS NULL THEN 'repeats a row that has no outcome yet'
                        ELSE 'repeats a row that ended ' || h.outcome END AS reason,
                   count(*) AS row_count
            FROM refund r LEFT JOIN refund h ON h.batch = r.repeats_batch AND h.line = r.repeats_line
            WHERE r.batch = ? AND r.outcome IS NOT NULL AND r.outcome <> 'SUCCESS'
            GROUP BY r.outcome, r.response_code, reason ORDER BY row_count DESC, reason LIMIT ?""";
    private static final String WITHDRAW = "DELETE FROM batch WHERE number = ? AND state = 'open' AND accepted = 0";
    private static final String SINCE = """
            UPDATE batch SET since = (SELECT coalesce(b.since, b.started_at) FROM batch b WHERE b.number = ?)
            WHERE number = ?""";
    private static final String BAD_DUPLICATE = """
            SELECT r.line FROM refund r LEFT JOIN refund h ON h.batch = r.repeats_batch AND h.line = r.repeats_line
            WHERE r.batch = ? AND r.outcome = 'DUPLICATE' AND (h.outcome IS NULL OR h.outcome <> 'SUCCESS') LIMIT 1""";

    /** Stands as {@code stopped_by} in a batch that the setting holds, not a person. */
    static final String HOLD = "refund.hold";

    private final LedgerDatabase database;
    private final Dispatcher dispatcher;
    private final String node;
    private final Duration hold;
    private final long releaseAbove;

    Batches(LedgerDatabase database, Dispatcher dispatcher, RefundConfig config) {
        this.database = database;
        this.dispatcher = dispatcher;
        this.node = config.node();
        this.hold = config.hold();
        this.releaseAbove = Releases.above(config);
    }

    /**
     * What a file held when it was accepted.
     *
     * @param rows the number of rows after the header
     * @param by who submitted it: a person, or the trigger
     */
    public record Content(String sha256, long size, long rows, String by) {
    }

    /**
     * Registers a file under a free id, or finds the open batch of this node that it continues.
     *
     * @param baseId the id if it is free; otherwise {@code -2}, {@code -3}, … is added
     * @param continues decides whether an open batch of the same content is continued; asked for those of the same file first,
     *     the newest of them first
     */
    public Batch register(String baseId, String file, Content content, boolean again, Predicate<Batch> continues) {
        return dispatcher.write(registration(baseId, file, content, again, continues));
    }

    Write<Batch> registration(String baseId, String file, Content content, boolean again, Predicate<Batch> continues) {
        return new Write.Change<>(turn -> register(turn, baseId, file, content, null, again, continues));
    }

    /** Registers a file, refused for that reason if there is one, unless a batch of the same content and state is this file. */
    private Batch register(Turn turn, String baseId, String file, Content content, String reason, boolean again,
            Predicate<Batch> isThat) throws SQLException {
        for (Batch same : turn.jdbc().list(OF_CONTENT, Batches::read, content.sha256(), node, state(reason), file)) {
            if (isThat.test(same)) {
                return same;
            }
        }
        return insertUnderFree(turn, baseId, file, content, reason, again);
    }

    private static String state(String reason) {
        return reason == null ? "open" : "refused";
    }

    /**
     * The same for a file that grew after it was taken as another batch: pairs that were sent since that batch began are not sent
     * again.
     */
    public Batch registerAgain(Batch before, String baseId, Content content, Predicate<Batch> continues) {
        return dispatcher.change(turn -> {
            Batch batch = register(turn, baseId, before.file(), content, null, false, continues);
            goesBackTo(turn, before, batch);
            return batch;
        });
    }

    private static void goesBackTo(Turn turn, Batch before, Batch batch) throws SQLException {
        turn.jdbc().update(SINCE, before.number(), batch.number());
    }

    /** Removes an open batch of which no row was accepted. */
    public void withdraw(Batch batch) {
        dispatcher.change(turn -> turn.jdbc().update(WITHDRAW, batch.number()));
    }

    /** Registers an upload under its own id, or finds the batch that it became before. */
    public Batch registerOnce(String id, String file, Content content, boolean again) {
        return dispatcher.change(turn -> {
            insert(turn, id, file, content, null, again); // unless this or another node has done it before
            return turn.jdbc().one(BY_ID, Batches::read, id).orElseThrow();
        });
    }

    /**
     * Registers a refused file, with the reason.
     *
     * @param before what the file was taken as before it was written to again, if it was
     * @param isThat decides whether an earlier refused file of the same name and content is this very file
     */
    public Batch registerRefused(String baseId, String file, String sha256, String reason, Optional<Batch> before,
            Predicate<Batch> isThat) {
        return dispatcher.change(turn -> {
            Batch batch = register(turn, baseId, file, new Content(sha256, 0, 0, null), reason, false,
                    same -> same.file().equals(file) && isThat.test(same));
            if (before.isPresent()) {
                goesBackTo(turn, before.get(), batch);
            }
            return batch;
        });
    }

    /** Inserts a batch under the id, or with the first free suffix if the id is taken. */
    private Batch insertUnderFree(Turn turn, String baseId, String file, Content content, String reason,
            boolean again) throws SQLException {
        String id = baseId;
        for (int suffix = 2; !insert(turn, id, file, content, reason, again); suffix++) {
            id = baseId + "-" + suffix;
        }
        return turn.jdbc().one(BY_ID, Batches::read, id).orElseThrow();
    }

    /** Inserts a batch; false if the id is taken. */
    private boolean insert(Turn turn, String id, String file, Content content, String reason, boolean again)
            throws SQLException {
        Long finishedAt = reason == null ? null : turn.now();
        boolean held = content.rows() > 0 && hold.toMillis() > 0; // a refused file has no rows
        boolean unreleased = content.rows() > releaseAbove;
        Stop.Kind stop = unreleased ? Stop.Kind.UNRELEASED : held ? Stop.Kind.HELD : null;
        boolean inserted = turn.jdbc().update(INSERT, id, file, content.sha256(), node, state(reason),
                reason, again ? 1 : 0, content.rows(), content.size(),
                turn.now(), finishedAt, stop == null ? null : stop.text(), stop == null ? null : turn.now(),
                unreleased ? content.by() : held ? HOLD : null, unreleased ? Releases.REASON : null,
                held ? turn.now() + hold.toMillis() : null, content.by()) == 1;
        if (inserted && unreleased) {
            Audit.note(turn, Audit.What.ASK, id, content.rows(), new Deed(content.by(), null, null));
        }
        return inserted;
    }

    /**
     * Marks a batch complete once its results are written, and stores why rows did not succeed, unless rows of it are open again.
     */
    public void complete(Batch batch, Instant finishedAt, Reasons reasons) {
        dispatcher.change(turn -> {
            if (markComplete(turn, batch.id(), finishedAt) == 1) {
                reasons.keep(turn, batch.number());
            }
            return null;
        });
    }

    static int markComplete(Turn turn, String id, Instant finishedAt) throws SQLException {
        return turn.jdbc().update(COMPLETE, finishedAt.toEpochMilli(), id);
    }

    /** The batch of that id, a file or a request, on the caller's connection. */
    public static Optional<Batch> find(Jdbc jdbc, String id) throws SQLException {
        return jdbc.one(BY_ID, Batches::read, id);
    }

    /** The batch of that id, a file or a request. */
    public Optional<Batch> find(String id) {
        return database.query(jdbc -> find(jdbc, id));
    }

    /** Files that this node took and that are not complete, oldest first. */
    public List<Batch> open() {
        return database.list(OPEN, Batches::read, node);
    }

    /** Files that this node took, whose rows all have their outcome, and whose results are not yet written. */
    public List<Batch> finished() {
        return database.list(FINISHED, Batches::read, node);
    }

    /** Why rows of a batch did not succeed. */
    public record Reason(Outcome outcome, String responseCode, String message, long rows) {
    }

    /** The most frequent reasons in a batch. */
    public List<Reason> reasons(Batch batch, int limit) {
        return database.list(REASONS, found -> new Reason(Outcome.valueOf(found.getString(1)), found.getString(2),
                found.getString(3), found.getLong(4)), batch.number(), limit);
    }

    /** Whether every row of a batch is SUCCESS, or DUPLICATE of one that is; on the caller's connection. */
    public static boolean isDone(Jdbc jdbc, Batch batch) throws SQLException {
        return batch.success() + batch.duplicate() == batch.rows()
                && (batch.duplicate() == 0 || jdbc.list(BAD_DUPLICATE, found -> true, batch.number()).isEmpty());
    }

    /** Whether every row of a batch is SUCCESS, or DUPLICATE of one that is. */
    public boolean isDone(Batch batch) {
        return database.query(jdbc -> isDone(jdbc, batch));
    }

    /** Reads the outcomes of a batch in the order of its lines; the caller closes the cursor. */
    public OutcomeCursor outcomes(Batch batch) {
        try {
            return new OutcomeCursor(database.reader(), batch.number());
        } catch (SQLException e) {
            throw LedgerDatabase.unreadable(e);
        }
    }

    static Batch read(ResultSet found) throws SQLException {
        return new Batch(found.getLong("number"), Source.valueOf(found.getString("source")), found.getString("id"),
                found.getString("file"), found.getString("sha256"), found.getString("node"),
                Batch.State.valueOf(found.getString("state").toUpperCase(Locale.ROOT)), found.getString("reason"),
                found.getInt("again") == 1, found.getLong("row_count"), found.getLong("size"),
                found.getLong("accepted"), found.getLong("sending"), found.getLong("success"), found.getLong("error"),
                found.getLong("in_doubt"), found.getLong("duplicate"), found.getLong("rejected"),
                Instant.ofEpochMilli(found.getLong("started_at")),
                Jdbc.instant(found, found.findColumn("finished_at")), stop(found), found.getString("submitted_by"));
    }

    private static Stop stop(ResultSet found) throws SQLException {
        String stopped = found.getString("stopped");
        long until = found.getLong("held_until");
        Instant ends = found.wasNull() || !Stop.Kind.HELD.text().equals(stopped) ? null : Instant.ofEpochMilli(until);
        return stopped == null
                ? null
                : new Stop(Stop.Kind.valueOf(stopped.toUpperCase(Locale.ROOT)),
                        Instant.ofEpochMilli(found.getLong("stopped_at")), found.getString("stopped_by"),
                        found.getString("stop_reason"), ends);
    }
}
