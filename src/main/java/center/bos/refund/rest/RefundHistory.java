package center.bos.refund.rest;

import java.util.List;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Body;

import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.Lookups;

/** What became of each request for a pair, whichever way it came. */
@ApplicationScoped
@Named("refundHistory")
public class RefundHistory {
    private final Ledger ledger;

    RefundHistory(Ledger ledger) {
        this.ledger = ledger;
    }

    /** One page, as the contract has it. */
    record Page(String referenceid, String ackno, List<Lookups.Request> history, String next) {
    }

    /**
     * The requests for the pair in the path, the newest first.
     *
     * @throws Refusal if there are none
     */
    public Answer of(@Body ApiRequest request) throws Refusal {
        String referenceid = request.text("referenceid");
        String ackno = request.text("ackno");
        Paging paging = Paging.of(request);
        List<Lookups.Request> found = ledger.lookups().history(referenceid, ackno, paging.limit() + 1,
                paging.offset());
        if (found.isEmpty() && paging.offset() == 0) {
            throw new Refusal(404, "this pair was never asked for, or its turn has not come yet");
        }
        return Answer.ok(new Page(referenceid, ackno, paging.page(found),
                paging.next(found, "/refunds/" + referenceid + "/" + ackno, "")));
    }
}
