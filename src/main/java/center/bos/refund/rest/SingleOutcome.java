package center.bos.refund.rest;

import java.time.Instant;
import java.util.Optional;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

import com.fasterxml.jackson.annotation.JsonProperty;

import center.bos.refund.config.RestConfig;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.RowOutcome;

/**
 * Waits until the ledger knows the outcome of a single request, whichever node works it, and answers with it; or, when that
 * takes too long or the service is to stop, with the place to ask.
 */
@ApplicationScoped
@Named("singleOutcome")
class SingleOutcome implements Processor {
    static final String REQUEST = "asked";
    private final Ledger ledger;
    private final RestConfig config;
    private final Reception reception;

    /**
     * A single request that waits.
     *
     * @param id its batch in the ledger; it is line 1
     * @param referenceid digits, as text
     * @param ackno digits, as text
     */
    record Asked(String id, String referenceid, String ackno) {
    }

    /** The outcome as the contract has it. */
    record Known(String id, String referenceid, String ackno, Outcome outcome,
            @JsonProperty("response_code") String responseCode, @JsonProperty("http_status") Integer httpStatus,
            String message, int attempts, @JsonProperty("answered_at") Instant answeredAt) {
    }

    /** A request whose outcome is not known yet. */
    record Pending(String id, String referenceid, String ackno, Outcome outcome) {
    }

    SingleOutcome(Ledger ledger, RestConfig config, Reception reception) {
        this.ledger = ledger;
        this.config = config;
        this.reception = reception;
    }

    @Override
    public void process(Exchange exchange) throws InterruptedException {
        Asked asked = exchange.getVariable(REQUEST, Asked.class);
        Optional<RowOutcome> outcome = ledger.await(asked.id(), config.timeout(), reception::isClosed);
        exchange.getMessage().setBody(outcome.map(SingleOutcome::known).map(Answer::ok)
                .orElseGet(() -> Answer.accepted(new Pending(asked.id(), asked.referenceid(), asked.ackno(), null),
                        "/refunds/" + asked.referenceid() + "/" + asked.ackno())));
    }

    private static Known known(RowOutcome row) {
        return new Known(row.batch(), row.referenceid(), row.ackno(), row.outcome(), row.responseCode(),
                row.httpStatus(), row.message(), row.attempts(), row.answeredAt());
    }
}
