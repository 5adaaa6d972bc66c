package center.bos.refund.rest;

import java.util.List;
import java.util.UUID;
import java.util.concurrent.Semaphore;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.SynchronizationAdapter;

import center.bos.refund.config.RestConfig;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.NewRow;
import center.bos.refund.model.Source;
import center.bos.refund.model.Submission;

/**
 * Gives a single request its identity in the ledger and leaves it in the body for {@code ledger:accept}; or no body where
 * its outcome is known already, because the caller repeats an Idempotency-Key.
 */
@ApplicationScoped
@Named("singleRefund")
class SingleRefund implements Processor {
    private final Ledger ledger;
    private final Semaphore waiting;

    SingleRefund(Ledger ledger, RestConfig config) {
        this.ledger = ledger;
        this.waiting = new Semaphore(config.waiting());
    }

    @Override
    public void process(Exchange exchange) throws Refusal {
        if (!waiting.tryAcquire()) {
            throw new Refusal(429, "too many callers wait for an outcome");
        }
        exchange.getExchangeExtension().addOnCompletion(new SynchronizationAdapter() {
            @Override
            public void onDone(Exchange done) {
                waiting.release();
            }
        });
        ledger.requireWritable();
        ApiRequest request = exchange.getMessage().getBody(ApiRequest.class);
        String referenceid = request.json().get("referenceid").asText();
        String ackno = request.json().get("ackno").asText();
        String id = "rest-" + UUID.randomUUID();
        if (request.idempotencyKey().isPresent()) {
            String asked = Fingerprint.of(request.operation(), referenceid, ackno, Boolean.toString(request.again()));
            id = ledger.idempotencyKeys().take(request.caller(), request.idempotencyKey().get(), asked, id)
                    .orElseThrow(() -> new Refusal(422, "this Idempotency-Key stands for another request"));
        }
        exchange.setVariable(SingleOutcome.REQUEST, new SingleOutcome.Asked(id, referenceid, ackno));
        boolean known = ledger.lookups().outcome(id, 1).isPresent();
        exchange.getMessage().setBody(known
                ? null
                : new Submission(id, Source.REST, request.again(),
                        List.of(new NewRow(1, referenceid, ackno, null)), null));
    }
}
