package center.bos.refund.rest;

import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Body;

import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.Batch;
import center.bos.refund.model.Source;

/** What callers see of batches, whichever way these came. */
@ApplicationScoped
@Named("batchViews")
public class BatchViews {
    private final Ledger ledger;

    BatchViews(Ledger ledger) {
        this.ledger = ledger;
    }

    /** One page of batches, as the contract has it. */
    record Page(List<BatchStatus> batches, String next) {
    }

    /** The batches, the newest first. */
    public Answer page(@Body ApiRequest request) {
        Paging paging = Paging.of(request);
        Optional<String> state = request.optional("state");
        List<Batch> found = ledger.lookups().batches(
                state.map(name -> Batch.State.valueOf(name.toUpperCase(Locale.ROOT))), paging.limit() + 1,
                paging.offset());
        Instant now = Instant.now();
        return Answer.ok(new Page(
                paging.page(found).stream()
                        .map(batch -> BatchStatus.of(batch, ledger.lookups().resent(batch), now)).toList(),
                paging.next(found, "/batches", state.map(name -> "state=" + name + "&").orElse(""))));
    }

    /**
     * The batch in the path.
     *
     * @throws Refusal if there is none
     */
    public Answer one(@Body ApiRequest request) throws Refusal {
        Batch batch = find(ledger, request);
        return Answer.ok(BatchStatus.of(batch, ledger.lookups().resent(batch), Instant.now()));
    }

    static Batch find(Ledger ledger, ApiRequest request) throws Refusal {
        // PostgreSQL takes no NUL, and no batch has one in its name
        return Optional.of(request.text("id")).filter(id -> id.indexOf('\0') < 0).flatMap(ledger.batches()::find)
                .filter(batch -> batch.source() == Source.FILE)
                .orElseThrow(() -> new Refusal(404, "there is no batch of that id"));
    }
}
