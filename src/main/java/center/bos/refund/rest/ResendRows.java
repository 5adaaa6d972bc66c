package center.bos.refund.rest;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;

import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.Batch;
import center.bos.refund.results.Resend;

/** Opens IN_DOUBT rows for another call on a caller's word, which is kept with the caller's name. */
@ApplicationScoped
@Named("resendRows")
class ResendRows implements Processor {
    private final Ledger ledger;
    private final Resend resend;

    ResendRows(Ledger ledger, Resend resend) {
        this.ledger = ledger;
        this.resend = resend;
    }

    /** What was opened, as the contract has it. */
    record Opened(String batch, int rows, @JsonProperty("asked_by") String askedBy) {
    }

    /**
     * Opens the rows that the request names and leaves the batch to be worked.
     *
     * @throws Refusal if the batch is not complete or a row is not in doubt
     * @throws IOException if nothing could be opened
     */
    @Override
    public void process(Exchange exchange) throws Refusal, IOException {
        ledger.requireWritable();
        ApiRequest request = exchange.getMessage().getBody(ApiRequest.class);
        Batch batch = BatchViews.find(ledger, request);
        if (batch.state() == Batch.State.REFUSED) {
            throw new Refusal(422, "the batch was refused, no row of it was sent: send a mended file");
        }
        if (batch.state() == Batch.State.OPEN) {
            throw new Refusal(422, "the batch is not complete: let it finish first");
        }
        if (!resend.isPossibleFor(batch)) {
            throw new Refusal(422, "the batch is of node " + batch.node() + ": ask there");
        }
        Set<Long> lines = lines(batch.id(), request.json());
        if (!resend.open(batch.id(), lines, request.caller() + " over REST")) {
            throw new Refusal(422,
                    "the batch was opened by somebody else at this moment, or another row with one of the pairs"
                            + " is under way; nothing was opened");
        }
        // not read once more: from here on what is opened is accepted
        exchange.getMessage().setBody(new Accepted(null,
                Answer.accepted(new Opened(batch.id(), lines.size(), request.caller()),
                        Answer.batchPath(batch.id()))));
    }

    private Set<Long> lines(String batch, JsonNode body) throws Refusal {
        Set<Long> inDoubt = ledger.batches().inDoubt(batch);
        if (inDoubt.isEmpty()) {
            throw new Refusal(422, "no row of the batch is IN_DOUBT");
        }
        if (!body.has("lines")) {
            return inDoubt;
        }
        Set<Long> lines = new HashSet<>();
        for (JsonNode line : body.get("lines")) {
            if (!inDoubt.contains(line.asLong())) {
                throw new Refusal(422, "line " + line.asLong() + " of the batch is not IN_DOUBT; nothing was opened");
            }
            lines.add(line.asLong());
        }
        return lines;
    }
}
