// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Semaphore;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Exchange;
import org.apache.camel.support.SynchronizationAdapter;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonUnwrapped;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.config.RestConfig;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.Lookups;
import center.bos.refund.model.NewRow;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.RowOutcome;
import center.bos.refund.model.Source;
import center.bos.refund.model.Submission;
import center.bos.refund.problem.Violation;
import center.bos.refund.throttle.Hours;

/** The operations below {@code /refunds}. */
@ApplicationScoped
@Named("refundResource")
public class RefundResource {
    private final Ledger ledger;
    private final IdempotencyKey keys;
    private final RestConfig config;
    private final Reception reception;
    private final Semaphore waiting;
    private final ZoneId zone;

    RefundResource(Ledger ledger, IdempotencyKey keys, RestConfig config, Reception reception, RefundConfig flow) {
        this.ledger = ledger;
        this.keys = keys;
        this.config = config;
        this.reception = reception;
        this.waiting = new Semaphore(config.waiting());
        this.zone = flow.hours().map(Hours::of).map(Hours::zone).orElseGet(ZoneId::systemDefault);
    }

    record Known(String id, @JsonUnwrapped @JsonIgnoreProperties( {
            "batch", "line"}) RowOutcome row){
    }

    record Pending(String id, String referenceid, String ackno, Outcome outcome) {
    }

    record Complaint(String referenceid, String sentence, List<Lookups.Request> history, String next) {
    }

    record History(String referenceid, String ackno, List<Lookups.Request> history, String next) {
    }

    /**
     * The pair as a row for {@code ledger:accept}, which skips a repetition of an Idempotency-Key.
     *
     * @throws Refusal if too many callers wait, or the key belongs to another request
     */
    public Submission row(ApiRequest request, Exchange exchange) throws Refusal {
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
        String by = IdempotencyKey.submitter(request);
        String referenceid = request.json().get("referenceid").asText();
        String ackno = request.json().get("ackno").asText();
        String id = keys.submitted(request, "rest-" + UUID.randomUUID(), 1, by, referenceid, ackno);
        return new Submission(id, Source.REST, request.again(), List.of(new NewRow(1, referenceid, ackno, null)), null);
    }

    /**
     * Waits for the outcome in the ledger, whichever node calls the row; after a timeout, or at shutdown, the answer is 202 with
     * Location.
     */
    public Answer outcome(Submission accepted) throws InterruptedException {
        NewRow row = accepted.rows().get(0);
        return ledger.await(accepted.batch(), config.timeout(), reception::isClosed)
                .map(known -> Answer.ok(new Known(known.batch(), known)))
                .orElseGet(() -> Answer.accepted(
                        new Pending(accepted.batch(), row.referenceid(), row.ackno(), null),
                        "/refunds/" + row.referenceid() + "/" + row.ackno()));
    }

    /** The history of the pair in files, REST and JMS, the newest request first. */
    public Answer history(ApiRequest request) throws Refusal {
        String referenceid = request.text("referenceid");
        String ackno = request.text("ackno");
        List<Lookups.Request> found = ledger.lookups().history(referenceid, ackno, request.limit() + 1,
                request.offset());
        if (found.isEmpty() && request.offset() == 0) {
            throw new Refusal(404, "there is no request for this pair, or its file is not read that far yet");
        }
        return Answer.ok(new History(referenceid, ackno, request.page(found),
                request.next(found)));
    }

    /** The history of a reference id with any acknowledgement number, and a sentence to read out. */
    public Answer complaint(ApiRequest request) throws Refusal {
        String referenceid = request.text("referenceid");
        List<Lookups.Request> found = ledger.lookups().history(referenceid, request.limit() + 1, request.offset());
        if (found.isEmpty() && request.offset() == 0) {
            throw new Refusal(404, "there is no request for this reference id");
        }
        List<Lookups.Request> page = request.page(found);
        return Answer.ok(new Complaint(referenceid, HistorySentence.of(page, zone(request)), page,
                request.next(found)));
    }

    private ZoneId zone(ApiRequest request) throws Refusal {
        try {
            return request.optional("zone").map(ZoneId::of).orElse(zone);
        } catch (DateTimeException e) {
            throw new Refusal(List.of(new Violation("query.zone", "is no time zone")));
        }
    }
}
