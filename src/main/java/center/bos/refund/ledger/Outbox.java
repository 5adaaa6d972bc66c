// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.SQLException;
import java.util.List;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.RowOutcome;

/**
 * The transactional outbox: outcomes for channels, and replies to senders who asked for one. An entry is written in the
 * transaction that settles the row, and deleted after its delivery.
 */
public final class Outbox {
    private static final String OWE = "INSERT INTO outbox (channel, batch, body) VALUES (?, ?, ?)";

    private final boolean success;
    private final boolean error;
    private final ObjectWriter writer;

    /** Where outcomes are delivered. */
    public enum Channel {
        SUCCESS, ERROR, REPLY;

        String stored() {
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

    Outbox(RefundConfig config, ObjectMapper json) {
        this.success = config.channel().success().isPresent();
        this.error = config.channel().error().isPresent();
        this.writer = json.writerFor(RowOutcome.class);
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
}
