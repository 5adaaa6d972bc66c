// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.ObjectWriter;

import center.bos.refund.database.Jdbc;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.RowOutcome;

/**
 * The transactional outbox: outcomes for channels, and replies to senders who asked for one. An entry is written in the
 * transaction that settles the row, and deleted after its delivery.
 */
public final class Outbox {
    private static final String OWE = "INSERT INTO outbox (channel, batch, body) VALUES (?, ?, ?)";
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
    private static final String COUNT = "SELECT count(*) FROM outbox WHERE channel = ?";

    private final boolean success;
    private final boolean error;
    private final ObjectWriter writer;
    private final ObjectReader reader;

    /** Where outcomes are delivered. */
    public enum Channel {
        SUCCESS, ERROR, REPLY;

        private String stored() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    /**
     * An undelivered outcome, or if that is null an undelivered reply.
     *
     * @param batch the id of its batch
     * @param reply the destination of the reply, or null
     */
    record Owed(long number, RowOutcome outcome, String batch, String reply) {
    }

    Outbox(boolean success, boolean error, ObjectMapper json) {
        this.success = success;
        this.error = error;
        this.writer = json.writerFor(RowOutcome.class);
        this.reader = json.readerFor(RowOutcome.class);
    }

    /** Whether the channel of such an outcome is configured. */
    boolean wants(Outcome outcome) {
        return outcome == Outcome.SUCCESS ? success : error;
    }

    /** Adds the outcomes of a turn whose channels are configured. */
    void owe(Turn turn) throws SQLException {
        List<Turn.Settled> wanted = turn.settled().stream().filter(settled -> wants(settled.outcome().outcome()))
                .toList();
        turn.jdbc().batch(OWE, wanted, settled -> new Object[]{channel(settled.outcome()).stored(), settled.batch(),
                write(settled.outcome())});
    }

    /** Adds a reply to the sender of a batch. */
    void oweReply(Turn turn, long batch) throws SQLException {
        turn.jdbc().update(OWE, Channel.REPLY.stored(), batch, null);
    }

    private static Channel channel(RowOutcome outcome) {
        return outcome.outcome() == Outcome.SUCCESS ? Channel.SUCCESS : Channel.ERROR;
    }

    private String write(RowOutcome outcome) {
        try {
            return writer.writeValueAsString(outcome);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e); // cannot happen: the record holds texts and numbers
        }
    }

    private RowOutcome read(String body) {
        try {
            return reader.readValue(body);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the outbox holds an entry that is not an outcome", e);
        }
    }

    /** The undelivered entries of a channel after that number, the oldest first. */
    List<Owed> next(Jdbc jdbc, Channel channel, long after, int limit) throws SQLException {
        return jdbc.list(NEXT, found -> new Owed(found.getLong(1),
                Optional.ofNullable(found.getString(2)).map(this::read).orElse(null), found.getString(3),
                found.getString(4)), channel.stored(), after, limit);
    }

    /** The outcomes of a batch, in the order of its lines; empty while a row is open again: its end adds another reply. */
    static Optional<List<RowOutcome>> outcomes(Jdbc jdbc, String batch) throws SQLException {
        List<RowOutcome> outcomes = jdbc.list(OUTCOMES, StoredRow::outcome, batch);
        return outcomes.contains(null) ? Optional.empty() : Optional.of(outcomes);
    }

    static long count(Jdbc jdbc, Channel channel) throws SQLException {
        return jdbc.list(COUNT, found -> found.getLong(1), channel.stored()).get(0);
    }

    /** Deletes delivered entries. */
    static void delivered(Turn turn, List<Long> numbers) throws SQLException {
        turn.jdbc().batch(DELIVERED, numbers, number -> new Object[]{number});
    }

    /** Takes the lease of a channel for this epoch, so that only one node delivers its outcomes; false if another node has it. */
    static boolean lease(Turn turn, Channel channel) throws SQLException {
        return turn.jdbc().update(LEASE, channel.stored(), turn.epoch()) == 1;
    }
}
