// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import center.bos.refund.database.LedgerClock;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.model.Batch;
import center.bos.refund.model.Pair;
import center.bos.refund.model.Source;

/**
 * Erases what is older than {@code refund.retention}: the rows of finished batches, their pairs, the words on them, keys, and
 * who did deeds and why. A batch of a file keeps its counts. Nothing that is unfinished, in doubt or owed to somebody is
 * erased. In transactions of few rows, between which calls go on.
 */
public final class Retention {
    /** Rows, requests, keys or deeds in one transaction. */
    private static final int PIECE = 200;
    /** Pages of a SQLite file that are given back in one transaction. */
    private static final int PAGES = 256;

    private static final String FINISHED = Batches.SELECT + """
            WHERE number > ? AND started_at <= ? AND state <> 'open' AND finished_at <= ? AND in_doubt = 0
            AND erased_at IS NULL AND (source <> 'FILE' OR node = ?)
            AND NOT EXISTS (SELECT 1 FROM outbox WHERE outbox.batch = batch.number)
            AND NOT EXISTS (SELECT 1 FROM delivery d WHERE d.batch = batch.id AND d.delivered <> batch.finished_at)
            ORDER BY number LIMIT ?""";
    /** Somebody may have opened rows of it since it was looked at. */
    private static final String STILL = """
            UPDATE batch SET turn = turn WHERE number = ? AND state <> 'open' AND in_doubt = 0 AND erased_at IS NULL""";
    private static final String ROWS = "SELECT line, referenceid, ackno FROM refund WHERE batch = ? ORDER BY line LIMIT ?";
    private static final String ERASE_ROW = "DELETE FROM refund WHERE batch = ? AND line = ?";
    private static final String FREE_PAIR = """
            DELETE FROM pair WHERE operation = ? AND referenceid = ? AND ackno = ? AND batch = ? AND line = ?""";
    private static final String ERASE_WORDS = "DELETE FROM resend WHERE batch = ?";
    private static final String ERASE_REASONS = "DELETE FROM reason WHERE batch = ?";
    private static final String ERASE_REQUEST = "DELETE FROM batch WHERE number = ?";
    private static final String ERASED = "UPDATE batch SET erased_at = ?, stop_reason = NULL, stopped_by = NULL WHERE number = ?";
    private static final String KEYS = """
            SELECT caller, name, created_at FROM idempotency WHERE (caller, name) > (?, ?) ORDER BY caller, name LIMIT ?""";
    private static final String ERASE_KEY = "DELETE FROM idempotency WHERE caller = ? AND name = ? AND created_at <= ?";
    private static final String DEEDS = """
            SELECT number FROM deed WHERE number > ? AND done_at <= ? ORDER BY number LIMIT ?""";
    private static final String ERASE_PERSON = """
            UPDATE deed SET done_by = NULL, reason = NULL, salt = NULL WHERE number = ?""";

    private final LedgerDatabase database;
    private final Dispatcher dispatcher;
    private final LedgerClock clock;
    private final String node;
    private final Duration age;

    Retention(LedgerDatabase database, Dispatcher dispatcher, LedgerClock clock, String node, Duration age) {
        this.database = database;
        this.dispatcher = dispatcher;
        this.clock = clock;
        this.node = node;
        this.age = age;
    }

    private record Key(String caller, String name, long createdAt) {
    }

    private record Row(long line, Pair pair) {
    }

    /** What came before is erased; what came later is not. */
    public Instant limit() {
        return Instant.ofEpochMilli(clock.millis() - age.toMillis());
    }

    /** Batches that can be erased, the oldest first. */
    public List<Batch> finished(long behind) {
        long limit = limit().toEpochMilli();
        return database.list(FINISHED, Batches::read, behind, limit, limit, node, PIECE);
    }

    /**
     * Erases a batch of a file, whose files are gone already: its rows piece by piece, then it is marked.
     *
     * @return the rows that were erased
     */
    public long erase(Batch file) {
        long erased = 0;
        Optional<Integer> piece;
        do {
            piece = dispatcher.write(new Write.Change<Optional<Integer>>(turn -> erasePiece(turn, file.number())));
            erased += piece.orElse(0);
        } while (piece.filter(rows -> rows > 0).isPresent());
        return erased;
    }

    /** Empty where it must not be erased any more; 0 once nothing was left, and it was marked. */
    private static Optional<Integer> erasePiece(Turn turn, long batch) throws SQLException {
        if (turn.jdbc().update(STILL, batch) == 0) {
            return Optional.empty();
        }
        int rows = eraseRows(turn, batch);
        if (rows == 0) {
            turn.jdbc().update(ERASE_WORDS, batch);
            turn.jdbc().update(ERASE_REASONS, batch);
            turn.jdbc().update(ERASED, turn.now(), batch);
        }
        return Optional.of(rows);
    }

    private static int eraseRows(Turn turn, long batch) throws SQLException {
        List<Row> rows = turn.jdbc().list(ROWS,
                found -> new Row(found.getLong(1), Pair.of(found.getString(2), found.getString(3))), batch, PIECE);
        turn.jdbc().batch(FREE_PAIR, rows, row -> new Object[]{Acceptance.OPERATION, row.pair().referenceid(),
                row.pair().ackno(), batch, row.line()});
        turn.jdbc().batch(ERASE_ROW, rows, row -> new Object[]{batch, row.line()});
        return rows.size();
    }

    /** Erases requests over REST and JMS, of which nothing is left. */
    public long eraseRequests(List<Batch> requests) {
        List<Batch> others = requests.stream().filter(batch -> batch.source() != Source.FILE).toList();
        return others.isEmpty() ? 0 : dispatcher.write(new Write.Change<Long>(turn -> {
            long erased = 0;
            for (Batch batch : others) {
                if (turn.jdbc().update(STILL, batch.number()) == 1 && eraseRows(turn, batch.number()) < PIECE) {
                    turn.jdbc().update(ERASE_WORDS, batch.number());
                    turn.jdbc().update(ERASE_REQUEST, batch.number());
                    erased++;
                }
            }
            return erased;
        }));
    }

    /** Erases what keys of callers stood for. */
    public void eraseKeys() {
        long limit = limit().toEpochMilli();
        Key last = new Key("", "", 0);
        List<Key> page;
        do {
            Key behind = last;
            page = database.list(KEYS, found -> new Key(found.getString(1), found.getString(2), found.getLong(3)),
                    behind.caller(), behind.name(), PIECE);
            List<Key> old = page.stream().filter(key -> key.createdAt() <= limit).toList();
            if (!old.isEmpty()) {
                dispatcher.write(new Write.Change<>(turn -> turn.jdbc().batch(ERASE_KEY, old,
                        key -> new Object[]{key.caller(), key.name(), limit})));
            }
            last = page.isEmpty() ? last : page.get(page.size() - 1);
        } while (page.size() == PIECE);
    }

    /** Erases who did deeds and why; the deeds themselves stay, and their chain. */
    public void erasePersons() {
        long limit = limit().toEpochMilli();
        List<Long> page = new ArrayList<>(List.of(0L));
        do {
            long behind = page.get(page.size() - 1);
            page = database.list(DEEDS, found -> found.getLong(1), behind, limit, PIECE);
            List<Long> numbers = page;
            if (!numbers.isEmpty()) {
                dispatcher.write(new Write.Change<>(
                        turn -> turn.jdbc().batch(ERASE_PERSON, numbers, number -> new Object[]{number})));
            }
        } while (page.size() == PIECE);
    }

    /** Gives pages of a SQLite file back that are free now, a few at a time; on a connection of its own, so that no turn fails with it. */
    public void giveSpaceBack() {
        if (database.dialect().isShared()) {
            return;
        }
        boolean incremental = pragma("auto_vacuum") == 2;
        for (int free = pragma("freelist_count"); incremental && free > 0;) {
            database.query(jdbc -> {
                jdbc.run("PRAGMA incremental_vacuum(" + PAGES + ")");
                return null;
            });
            int left = pragma("freelist_count");
            free = left < free ? left : 0;
        }
    }

    private int pragma(String name) {
        return database.list("PRAGMA " + name, found -> found.getInt(1)).get(0);
    }
}
