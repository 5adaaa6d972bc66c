// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.util.List;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import center.bos.refund.ledger.Audit;
import center.bos.refund.ledger.Ledger;

/** The operation {@code /audit}: who did what, when and why. */
@ApplicationScoped
@Named("auditResource")
public class AuditResource {
    private final Ledger ledger;

    AuditResource(Ledger ledger) {
        this.ledger = ledger;
    }

    record Deeds(List<Audit.Entry> deeds, String next) {
    }

    /** The entries, the newest first. */
    public Answer list(ApiRequest request) {
        long before = request.optional("before").map(Long::parseLong).orElse(Long.MAX_VALUE);
        List<Audit.Entry> found = ledger.audit().before(before, request.limit() + 1);
        List<Audit.Entry> page = request.page(found);
        return Answer.ok(new Deeds(page, found.size() > page.size()
                ? "/audit?limit=" + request.limit() + "&before=" + page.get(page.size() - 1).number()
                : null));
    }
}
