// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.util.List;
import java.util.function.BiFunction;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import center.bos.refund.ledger.Deed;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.Releases;

/** The operations below {@code /releases}: what waits for another person, and that person's decision. */
@Singleton
@Named("releaseResource")
public record ReleaseResource(Ledger ledger, IdempotencyKey keys) {

    record Page(List<Releases.Waiting> waiting, String next) {
    }

    record Decided(String id, String decision, String by) {
    }

    /** What waits, the oldest first. */
    public Answer list(ApiRequest request) {
        List<Releases.Waiting> found = ledger.releases().waiting(request.limit() + 1, request.offset());
        return Answer.ok(new Page(request.page(found), request.next(found)));
    }

    /** Releases a batch or a resend. */
    public Answer release(ApiRequest request) throws Refusal {
        return decide(request, "released", ledger.releases()::release);
    }

    /** Refuses a batch, whose rows end REJECTED, or a resend. */
    public Answer refuse(ApiRequest request) throws Refusal {
        return decide(request, "refused", ledger.releases()::refuse);
    }

    private Answer decide(ApiRequest request, String decision, BiFunction<String, Deed, Releases.Result> how)
            throws Refusal {
        ledger.requireWritable();
        String id = request.text("id");
        if (request.isAnonymous()) {
            throw new Refusal(422, "nobody has to log in here, so one person cannot be told from another:"
                    + " configure callers (docs/security.md)");
        }
        Deed deed = keys.deed(request, id);
        // PostgreSQL takes no NUL, and nothing has one in its name
        return switch (id.indexOf('\0') < 0 ? how.apply(id, deed) : Releases.Result.UNKNOWN) {
            case DONE -> Answer.ok(new Decided(id, decision, request.caller()));
            case SAME_PERSON ->
                throw new Refusal(422, "it comes from " + request.caller() + ": another person must release it");
            case NOT_WAITING -> throw new Refusal(422,
                    "it does not wait for a release: if it did, somebody decided before you (see the audit log)");
            case UNKNOWN -> throw new Refusal(404, "there is no batch and no resend of that id");
        };
    }
}
