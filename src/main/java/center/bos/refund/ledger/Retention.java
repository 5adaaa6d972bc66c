// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import center.bos.refund.database.Dialect;
import center.bos.refund.database.LedgerClock;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.model.Batch;
import center.bos.refund.model.Pair;
import center.bos.refund.model.Source;

/**
 * Erases what is older than {@code refund.retention}, by the ledger's clock: the rows of finished batches, their pairs, the
 * requests to send them again, keys, and names and reasons in the audit log. The batch of a file keeps its counts. What is
 * unfinished, in doubt or undelivered stays. The transactions are small, and calls continue between them.
 */
public final class Retention {
    /** Rows, requests, keys or audit entries in one transaction. */
    private static final int PIECE = 200;
    /** Pages of a SQLite file that are freed in one transaction. */
    private static final int PAGES = 256;
    /** How much older a key can be than its batch. */
    private static final Duration SLACK = Duration.ofDays(1);

    private static final String FINISHED = Batches.SELECT + """
            WHERE number > ? AND started_at <= ? AND state <> 'open' AND finished_at <= ? AND in_doubt = 0
            AND erased_at IS NULL AND (source <> 'FILE' OR node = ?) AND number NOT IN (SELECT batch FROM outbox)
            AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.batch = batch.id AND d.delivered <> batch.finished_at)
            ORDER BY number LIMIT ?""";
    /** Checks the batch again, because its rows may have been opened since it was read. */
    private static final String STILL_FINISHED = """
            UPDATE batch SET turn = turn WHERE number = ? AND state <> 'open' AND in_doubt = 0 AND erased_at IS NULL""";
    private static final String ROWS = """
            SELECT batch, line, referenceid, ackno FROM refund WHERE batch = ? AND line > ? ORDER BY line LIMIT ?""";
    private static final String ERASE_ROW = "DELETE FROM refund WHERE batch = ? AND line = ?";
    private static final String FREE_PAIR = """
            DELETE FROM pair WHERE operation = ? AND referenceid = ? AND ackno = ? AND batch = ? AND line = ?""";
    private static final String ERASE_RESENDS = "DELETE FROM resend WHERE batch = ?";
    private static final String ERASE_REASONS = "DELETE FROM reason WHERE batch = ?";
    private static final String ERASED = """
            UPDATE batch SET erased_at = ?, stop_reason = NULL, submitted_by = NULL,
                   stopped_by = CASE WHEN stopped_by IS NOT NULL THEN 'an erased name' END WHERE number = ?""";
    /** Skips requests that another node is erasing. */
    private static final String REQUESTS = """
            SELECT number FROM batch WHERE number IN (SELECT %s) AND state <> 'open' AND in_doubt = 0
            ORDER BY number %s""";
    private static final String ROWS_OF_REQUESTS = """
            SELECT batch, line, referenceid, ackno FROM refund WHERE batch IN (SELECT %s) ORDER BY batch, line LIMIT ?""";
    private static final String ERASE_REQUEST = """
            DELETE FROM batch WHERE number = ? AND NOT EXISTS (SELECT 1 FROM refund WHERE batch = batch.number)""";
    /** The unfinished subjects of keys and audit entries, by id, file or name. */
    private static final String UNFINISHED = """
            SELECT id, file FROM batch WHERE (state = 'open' OR in_doubt > 0) AND started_at <= ?
            UNION SELECT node, 'node ' || node FROM paused_node
            UNION SELECT id, 'in-doubt' FROM release WHERE decision IS NULL OR decision = 'released' AND done_at IS NULL""";
    private static final String KEYS = """
            SELECT caller, name, reference, created_at FROM idempotency WHERE (caller, name) > (?, ?)
            ORDER BY caller, name LIMIT ?""";
    private static final String ERASE_KEY = "DELETE FROM idempotency WHERE caller = ? AND name = ? AND created_at <= ?";
    private static final String ERASE_RELEASES = """
            DELETE FROM release WHERE asked_at <= ? AND (decision = 'refused' OR done_at IS NOT NULL)""";
    private static final String DEEDS = """
            SELECT number, subject FROM deed WHERE number > ? AND done_at <= ? AND salt IS NOT NULL AND what <> ?
            ORDER BY number LIMIT ?""";
    private static final String ERASE_PERSON = """
            UPDATE deed SET done_by = NULL, reason = NULL, salt = NULL WHERE number = ?""";
    private static final Deed BY_SETTING = new Deed("refund.retention", null, null);
    /** The order in which acceptance takes pairs, so that two nodes cannot deadlock. */
    private static final Comparator<Row> BY_PAIR = Comparator.<Row, String>comparing(row -> row.pair().referenceid())
            .thenComparing(row -> row.pair().ackno());

    private final LedgerDatabase database;
    private final Dispatcher dispatcher;
    private final String node;
    private final long limit;
    private final String requests;
    private final String rowsOfRequests;

    /** Erases what is older than that age now. */
    Retention(LedgerDatabase database, Dispatcher dispatcher, LedgerClock clock, String node, Duration age) {
        this.database = database;
        this.dispatcher = dispatcher;
        this.node = node;
        this.limit = database.millis(clock) - age.toMillis();
        this.requests = REQUESTS.formatted(database.dialect().numbers(), database.dialect().skipLocked());
        this.rowsOfRequests = ROWS_OF_REQUESTS.formatted(database.dialect().numbers());
    }

    private record Key(String caller, String name, String reference, long createdAt) {
    }

    private record Row(long batch, long line, Pair pair) {
        static Row read(ResultSet found) throws SQLException {
            return new Row(found.getLong(1), found.getLong(2), Pair.of(found.getString(3), found.getString(4)));
        }
    }

    private record Done(long number, String subject) {
    }

    /** Batches after that number that can be erased, the oldest first. */
    public List<Batch> finished(long behind) {
        return database.list(FINISHED, Batches::read, behind, limit, limit, node, PIECE);
    }

    /**
     * Erases the rows of a file's batch piece by piece, then marks the batch. Its files are erased before.
     *
     * @param isEnding true once shutdown has begun: the rest is erased another time
     * @return how many rows were erased
     */
    public long erase(Batch file, BooleanSupplier isEnding) {
        long erased = 0;
        List<Row> piece = List.of();
        do {
            long behind = piece.isEmpty() ? 0 : piece.get(piece.size() - 1).line();
            piece = dispatcher.change(turn -> erasePiece(turn, file.number(), behind));
            erased += piece.size();
        } while (!piece.isEmpty() && !isEnding.getAsBoolean());
        return erased;
    }

    /** Erases a piece; returns its rows. Empty if the batch must not be erased any more, or had no rows left and was marked. */
    private static List<Row> erasePiece(Turn turn, long batch, long behind) throws SQLException {
        if (turn.jdbc().update(STILL_FINISHED, batch) == 0) {
            return List.of();
        }
        List<Row> rows = turn.jdbc().list(ROWS, Row::read, batch, behind, PIECE);
        erase(turn, rows);
        if (rows.isEmpty()) {
            turn.jdbc().update(ERASE_RESENDS, batch);
            turn.jdbc().update(ERASE_REASONS, batch);
            turn.jdbc().update(ERASED, turn.now(), batch);
        }
        return rows;
    }

    private static void erase(Turn turn, List<Row> rows) throws SQLException {
        turn.jdbc().batch(FREE_PAIR, rows.stream().sorted(BY_PAIR).toList(), row -> new Object[]{Acceptance.OPERATION,
                row.pair().referenceid(), row.pair().ackno(), row.batch(), row.line()});
        turn.jdbc().batch(ERASE_ROW, rows, row -> new Object[]{row.batch(), row.line()});
    }

    /** Erases requests over REST and JMS, batch included; returns how many. */
    public long eraseRequests(List<Batch> finished, BooleanSupplier isEnding) {
        List<Long> others = finished.stream().filter(batch -> batch.source() != Source.FILE).map(Batch::number)
                .toList();
        long erased = 0;
        boolean more = !others.isEmpty();
        while (more && !isEnding.getAsBoolean()) {
            int[] piece = dispatcher.change(turn -> eraseRequests(turn, others));
            erased += piece[0];
            more = piece[1] == PIECE;
        }
        return erased;
    }

    /** Erases a piece; returns how many requests, and how many rows of them. */
    private int[] eraseRequests(Turn turn, List<Long> numbers) throws SQLException {
        List<Long> still = turn.jdbc().list(requests, found -> found.getLong(1), Dialect.numbers(numbers));
        List<Row> rows = turn.jdbc().list(rowsOfRequests, Row::read, Dialect.numbers(still), PIECE);
        erase(turn, rows);
        turn.jdbc().batch(ERASE_RESENDS, still, number -> new Object[]{number});
        int[] gone = turn.jdbc().batch(ERASE_REQUEST, still, number -> new Object[]{number});
        return new int[]{IntStream.of(gone).sum(), rows.size()};
    }

    private Set<String> unfinished() {
        return database.list(UNFINISHED, found -> Stream.of(found.getString(1), found.getString(2)),
                limit + SLACK.toMillis()).stream().flatMap(names -> names).collect(Collectors.toSet());
    }

    /** Erases old Idempotency-Keys, except those of unfinished requests. */
    public void eraseKeys() {
        Set<String> unfinished = unfinished();
        Key last = new Key("", "", "", 0);
        List<Key> page;
        do {
            Key behind = last;
            page = database.list(KEYS,
                    found -> new Key(found.getString(1), found.getString(2), found.getString(3), found.getLong(4)),
                    behind.caller(), behind.name(), PIECE);
            List<Key> old = page.stream()
                    .filter(key -> key.createdAt() <= limit && !unfinished.contains(key.reference())).toList();
            if (!old.isEmpty()) {
                dispatcher.change(turn -> turn.jdbc().batch(ERASE_KEY, old,
                        key -> new Object[]{key.caller(), key.name(), limit}));
            }
            last = page.isEmpty() ? last : page.get(page.size() - 1);
        } while (page.size() == PIECE);
    }

    /**
     * Erases names and reasons of old audit entries, except of those about unfinished subjects. The entries and their hash chain
     * stay. The erasure is an entry itself, so nobody can erase names unnoticed.
     */
    public void erasePersons() {
        dispatcher.change(turn -> turn.jdbc().update(ERASE_RELEASES, limit));
        Set<String> unfinished = unfinished();
        long behind = 0;
        List<Done> page;
        do {
            page = database.list(DEEDS, found -> new Done(found.getLong(1), found.getString(2)), behind, limit,
                    Audit.What.ERASE.text(), PIECE);
            List<Long> numbers = page.stream().filter(deed -> !unfinished.contains(deed.subject())).map(Done::number)
                    .toList();
            if (!numbers.isEmpty()) {
                dispatcher.change(turn -> {
                    Audit.note(turn, Audit.What.ERASE, Audit.upTo(numbers.get(numbers.size() - 1)), 0, BY_SETTING);
                    return turn.jdbc().batch(ERASE_PERSON, numbers, number -> new Object[]{number});
                });
            }
            behind = page.isEmpty() ? behind : page.get(page.size() - 1).number();
        } while (page.size() == PIECE);
    }

    /**
     * Returns free pages of a SQLite file to the disk, a few at a time. It uses its own connection, so that no turn fails with
     * it; after each piece the dispatcher goes first.
     *
     * @return false if the file was created without incremental vacuum
     */
    public boolean giveSpaceBack(BooleanSupplier isEnding) {
        if (database.dialect().isShared()) {
            return true;
        }
        if (pragma("auto_vacuum") != 2) {
            return false;
        }
        int free = pragma("freelist_count");
        while (free > 0 && !isEnding.getAsBoolean()) {
            database.query(jdbc -> {
                jdbc.run("PRAGMA incremental_vacuum(" + PAGES + ")");
                return null;
            });
            dispatcher.change(turn -> null);
            int left = pragma("freelist_count");
            free = left < free ? left : 0;
        }
        database.query(jdbc -> { // the file shrinks at a checkpoint; until then only the write-ahead log knows
            jdbc.run("PRAGMA wal_checkpoint(PASSIVE)");
            return null;
        });
        return true;
    }

    private int pragma(String name) {
        return database.list("PRAGMA " + name, found -> found.getInt(1)).get(0);
    }
}
