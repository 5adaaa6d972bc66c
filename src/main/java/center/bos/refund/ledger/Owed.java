// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;

import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.model.RowOutcome;

/** The outbox as the consumers use it that deliver it: they read it, mark it, and wait for more. */
final class Owed {
    private static final String NEXT = """
            SELECT o.number, o.body, b.id, b.reply FROM outbox o JOIN batch b ON b.number = o.batch
            WHERE o.channel = ? AND o.number > ? ORDER BY o.number LIMIT ?""";
    private static final String OUTCOMES = StoredRow.SELECT + "WHERE r.batch = (SELECT number FROM batch WHERE id = ?)"
            + " ORDER BY r.line";
    private static final String DELIVERED = "DELETE FROM outbox WHERE number = ?";
    private static final String LEASE = """
            INSERT INTO lease (name, epoch) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET epoch = excluded.epoch
            WHERE lease.epoch = excluded.epoch
            OR lease.epoch IN (SELECT number FROM epoch WHERE ended_at IS NOT NULL)""";
    private static final String COUNT = "SELECT count(*) FROM outbox";

    private final LedgerDatabase database;
    private final Dispatcher dispatcher;
    private final ObjectReader json;
    private long wakes;

    Owed(LedgerDatabase database, Dispatcher dispatcher, ObjectMapper json) {
        this.database = database;
        this.dispatcher = dispatcher;
        this.json = json.readerFor(RowOutcome.class);
    }

    /** Whether this process has the lease of a channel, and so delivers its outcomes. */
    boolean isMine(Outbox.Channel channel) {
        return !database.dialect().isShared() || dispatcher.change(turn -> lease(turn, channel));
    }

    /** Takes the lease of a channel for this epoch, so that only one node delivers its outcomes; false if another node has it. */
    static boolean lease(Turn turn, Outbox.Channel channel) throws SQLException {
        return turn.jdbc().update(LEASE, channel.stored(), turn.epoch()) == 1;
    }

    /** The undelivered entries of a channel after that number, the oldest first. */
    List<Outbox.Owed> next(Outbox.Channel channel, long after, int limit) {
        return database.list(NEXT, this::entry, channel.stored(), after, limit);
    }

    private Outbox.Owed entry(ResultSet found) throws SQLException {
        String body = found.getString(2);
        try {
            return new Outbox.Owed(found.getLong(1), body == null ? null : json.readValue(body), found.getString(3),
                    found.getString(4));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the outbox holds an entry that is not an outcome", e);
        }
    }

    /** The outcomes of a batch, in the order of its lines; empty while a row is open again: its end adds another reply. */
    Optional<List<RowOutcome>> outcomes(String batch) {
        List<RowOutcome> outcomes = database.list(OUTCOMES, StoredRow::outcome, batch);
        return outcomes.contains(null) ? Optional.empty() : Optional.of(outcomes);
    }

    /** Deletes delivered entries. */
    void delivered(List<Long> numbers) {
        dispatcher.write(delivery(numbers));
    }

    static Write<int[]> delivery(List<Long> numbers) {
        return new Write.Change<>(turn -> turn.jdbc().batch(DELIVERED, numbers, number -> new Object[]{number}));
    }

    long count() {
        return database.one(COUNT, found -> found.getLong(1)).orElseThrow();
    }

    /** Signals that entries may have been added. */
    synchronized void wake() {
        wakes++;
        notifyAll();
    }

    /** How many signals there were. */
    synchronized long wakes() {
        return wakes;
    }

    /** Waits for the next signal after the first {@code seen}, or for that time. */
    synchronized void await(long nanos, long seen) throws InterruptedException {
        if (wakes == seen) {
            TimeUnit.NANOSECONDS.timedWait(this, nanos);
        }
    }
}
