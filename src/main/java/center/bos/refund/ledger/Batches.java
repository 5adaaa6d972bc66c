package center.bos.refund.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Predicate;

/** The batches in the ledger: who was taken, how far it is, and its rows. */
public final class Batches {
    static final String COLUMNS = """
            id, file, sha256, node, state, reason, again, row_count, success, error, in_doubt, duplicate, rejected,
            started_at, finished_at""";
    private static final String INSERT = """
            INSERT INTO batch (id, file, sha256, node, state, reason, again, row_count, size, started_at, finished_at)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING""";
    private static final String DONE = "success + error + in_doubt + duplicate + rejected";

    private final LedgerDatabase database;
    private final GroupCommit writer;
    private final String node;

    Batches(LedgerDatabase database, GroupCommit writer, String node) {
        this.database = database;
        this.writer = writer;
        this.node = node;
    }

    /**
     * What a file held when it was accepted.
     *
     * @param sha256 hex SHA-256 of its bytes
     * @param size bytes
     * @param rows rows after the header
     */
    public record Content(String sha256, long size, long rows) {
    }

    /**
     * Registers a file under a free id, or finds this node's batch that it goes on with.
     *
     * @param baseId the id where it is free; otherwise {@code -2}, {@code -3}, … is added
     * @param goesOn told of open batches of the same content, those of the same file first and the newest of them first:
     *     whether this is that batch
     */
    public Batch register(String baseId, String file, Content content, boolean again, Predicate<Batch> goesOn) {
        return writer.write(new Write.Change<>((connection, counters) -> {
            for (Batch same : select(connection, "sha256 = ? AND node = ? AND state = 'open' "
                    + "ORDER BY CASE WHEN file = ? THEN 0 ELSE 1 END, started_at DESC", content.sha256(), node, file)) {
                if (goesOn.test(same)) {
                    return same;
                }
            }
            return insert(connection, baseId, file, content, Batch.State.OPEN, null, again);
        }));
    }

    /** Registers a file whose id stands for one upload, or finds the batch that it became. */
    public Batch registerOnce(String id, String file, Content content, boolean again) {
        return writer.write(new Write.Change<>((connection, counters) -> {
            Batch taken = byId(connection, id);
            return taken != null
                    ? taken
                    : insert(connection, id, file, content, Batch.State.OPEN, null, again);
        }));
    }

    /**
     * Registers a file that was not taken, with the reason.
     *
     * @param isThat told of refused files of the same name and content: whether this is that file, met once more
     */
    public Batch registerRefused(String baseId, String file, String sha256, String reason, Predicate<Batch> isThat) {
        return writer.write(new Write.Change<>((connection, counters) -> {
            for (Batch same : select(connection, "sha256 = ? AND file = ? AND node = ? AND state = 'refused'", sha256,
                    file, node)) {
                if (isThat.test(same)) {
                    return same;
                }
            }
            return insert(connection, baseId, file, new Content(sha256, 0, 0), Batch.State.REFUSED, reason, false);
        }));
    }

    /** Under the id, or where it is taken under the first free one that is made of it. */
    private Batch insert(Connection connection, String baseId, String file, Content content, Batch.State state,
            String reason, boolean again) throws SQLException {
        String id = baseId;
        for (int suffix = 2; !inserted(connection, id, file, content, state, reason, again); suffix++) {
            id = baseId + "-" + suffix;
        }
        return byId(connection, id);
    }

    private boolean inserted(Connection connection, String id, String file, Content content, Batch.State state,
            String reason, boolean again) throws SQLException {
        long now = System.currentTimeMillis();
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            insert.setString(1, id);
            insert.setString(2, file);
            insert.setString(3, content.sha256());
            insert.setString(4, node);
            insert.setString(5, state.name().toLowerCase(Locale.ROOT));
            insert.setString(6, reason);
            insert.setInt(7, again ? 1 : 0);
            insert.setLong(8, content.rows());
            insert.setLong(9, content.size());
            insert.setLong(10, now);
            insert.setObject(11, state == Batch.State.REFUSED ? now : null);
            return insert.executeUpdate() == 1;
        }
    }

    /** Marks a batch whose results are written, unless rows of it are open again. */
    public void complete(String id, Instant finishedAt) {
        writer.write(new Write.Change<Void>((connection, counters) -> {
            try (PreparedStatement update = connection.prepareStatement(
                    "UPDATE batch SET state = 'complete', finished_at = ? WHERE id = ? AND row_count = " + DONE)) {
                update.setLong(1, finishedAt.toEpochMilli());
                update.setString(2, id);
                update.executeUpdate();
            }
            return null;
        }));
    }

    /**
     * Opens IN_DOUBT rows of a complete batch for another call, on a person's word, which is kept with the rows.
     *
     * @param lines their lines
     * @param askedBy who gave the word
     * @return false when nothing was opened, because the batch is not complete or one of the rows is not IN_DOUBT
     */
    public boolean resend(String id, Set<Long> lines, String askedBy) {
        return writer.write(new Write.Change<>((connection, counters) -> {
            Batch complete = byId(connection, id);
            if (complete == null || complete.state() != Batch.State.COMPLETE
                    || !inDoubt(connection, id).containsAll(lines)) {
                return false;
            }
            long now = System.currentTimeMillis();
            try (PreparedStatement keep = connection.prepareStatement("""
                    INSERT INTO resend (batch, line, asked_at, asked_by, message, answered_at)
                    SELECT batch, line, ?, ?, message, answered_at FROM refund WHERE batch = ? AND line = ?""");
                    PreparedStatement open = connection.prepareStatement("""
                            UPDATE refund SET state = 'OPEN', sends = sends + 1 WHERE batch = ? AND line = ?""");
                    PreparedStatement batch = connection.prepareStatement("""
                            UPDATE batch SET state = 'open', finished_at = NULL, in_doubt = in_doubt - ?
                            WHERE id = ?""")) {
                for (long line : lines) {
                    keep.setLong(1, now);
                    keep.setString(2, askedBy);
                    keep.setString(3, id);
                    keep.setLong(4, line);
                    keep.addBatch();
                    open.setString(1, id);
                    open.setLong(2, line);
                    open.addBatch();
                }
                keep.executeBatch();
                open.executeBatch();
                batch.setLong(1, lines.size());
                batch.setString(2, id);
                batch.executeUpdate();
            }
            return true;
        }));
    }

    /** The lines of a batch that are IN_DOUBT. */
    public Set<Long> inDoubt(String id) {
        return database.query(connection -> inDoubt(connection, id));
    }

    private static Set<Long> inDoubt(Connection connection, String id) throws SQLException {
        try (PreparedStatement select = connection
                .prepareStatement("SELECT line FROM refund WHERE batch = ? AND state = 'IN_DOUBT'")) {
            select.setString(1, id);
            try (ResultSet found = select.executeQuery()) {
                Set<Long> lines = new HashSet<>();
                while (found.next()) {
                    lines.add(found.getLong(1));
                }
                return lines;
            }
        }
    }

    /** The batch of that id. */
    public Optional<Batch> find(String id) {
        return database.query(connection -> Optional.ofNullable(byId(connection, id)));
    }

    /** Bytes of a batch's file when it was accepted; empty for one that an older version accepted. */
    public OptionalLong acceptedSize(String id) {
        return database.query(connection -> {
            try (PreparedStatement select = connection.prepareStatement("SELECT size FROM batch WHERE id = ?")) {
                select.setString(1, id);
                try (ResultSet found = select.executeQuery()) {
                    long size = found.next() ? found.getLong(1) : 0;
                    return size > 0 ? OptionalLong.of(size) : OptionalLong.empty();
                }
            }
        });
    }

    /** Batches that this node took and that are not complete, oldest first. */
    public List<Batch> open() {
        return database
                .query(connection -> select(connection, "node = ? AND state = 'open' ORDER BY started_at", node));
    }

    /** Batches that this node took, whose rows all have their outcome, and whose results are not yet written. */
    public List<Batch> finished() {
        return database
                .query(connection -> select(connection, "node = ? AND state = 'open' AND row_count = " + DONE, node));
    }

    /** Lines of a batch, within a range, that already have their outcome; bit 0 stands for {@code fromLine}. */
    public BitSet settledLines(String id, long fromLine, long toLine) {
        return database.query(connection -> {
            try (PreparedStatement select = connection.prepareStatement("""
                    SELECT line FROM refund WHERE batch = ? AND line BETWEEN ? AND ?
                    AND state NOT IN ('OPEN', 'SENDING')""")) {
                select.setString(1, id);
                select.setLong(2, fromLine);
                select.setLong(3, toLine);
                try (ResultSet found = select.executeQuery()) {
                    BitSet settled = new BitSet();
                    while (found.next()) {
                        settled.set((int) (found.getLong(1) - fromLine));
                    }
                    return settled;
                }
            }
        });
    }

    /**
     * Why rows of a batch did not succeed.
     *
     * @param outcome how they ended
     * @param responseCode BOS' code, or null
     * @param message what BOS said, or why they ended so
     * @param rows how many there are
     */
    public record Reason(Outcome outcome, String responseCode, String message, long rows) {
    }

    /** The most frequent reasons in a batch. */
    public List<Reason> reasons(String id, int limit) {
        return database.query(connection -> {
            try (PreparedStatement select = connection.prepareStatement(
                    """
                            SELECT state, response_code,
                                   CASE WHEN state = 'DUPLICATE' THEN 'the same pair was sent before' ELSE message END AS reason,
                                   count(*) AS row_count
                            FROM refund WHERE batch = ? AND state NOT IN ('SUCCESS', 'OPEN', 'SENDING')
                            GROUP BY state, response_code, reason ORDER BY row_count DESC, reason LIMIT ?""")) {
                select.setString(1, id);
                select.setInt(2, limit);
                try (ResultSet found = select.executeQuery()) {
                    List<Reason> reasons = new ArrayList<>();
                    while (found.next()) {
                        reasons.add(new Reason(Outcome.valueOf(found.getString(1)), found.getString(2),
                                found.getString(3), found.getLong(4)));
                    }
                    return reasons;
                }
            }
        });
    }

    /** Reads the outcomes of a batch in the order of its lines; the caller closes the cursor. */
    public OutcomeCursor outcomes(String id) {
        try {
            return new OutcomeCursor(database.reader(), id);
        } catch (SQLException e) {
            throw LedgerDatabase.unreadable(e);
        }
    }

    private static Batch byId(Connection connection, String id) throws SQLException {
        List<Batch> found = select(connection, "id = ?", id);
        return found.isEmpty() ? null : found.get(0);
    }

    private static List<Batch> select(Connection connection, String where, String... values) throws SQLException {
        try (PreparedStatement select = connection
                .prepareStatement("SELECT " + COLUMNS + " FROM batch WHERE " + where)) {
            for (int i = 0; i < values.length; i++) {
                select.setString(i + 1, values[i]);
            }
            try (ResultSet found = select.executeQuery()) {
                List<Batch> batches = new ArrayList<>();
                while (found.next()) {
                    batches.add(read(found));
                }
                return batches;
            }
        }
    }

    static Batch read(ResultSet found) throws SQLException {
        long finishedAt = found.getLong("finished_at");
        Instant finished = found.wasNull() ? null : Instant.ofEpochMilli(finishedAt);
        return new Batch(found.getString("id"), found.getString("file"), found.getString("sha256"),
                found.getString("node"), Batch.State.valueOf(found.getString("state").toUpperCase(Locale.ROOT)),
                found.getString("reason"),
                found.getInt("again") == 1, found.getLong("row_count"), found.getLong("success"),
                found.getLong("error"), found.getLong("in_doubt"), found.getLong("duplicate"),
                found.getLong("rejected"), Instant.ofEpochMilli(found.getLong("started_at")), finished);
    }
}
