// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.util.List;

import center.bos.refund.model.RowOutcome;

/**
 * Thrown if a request was not accepted because its id is in use: by another request, or by one with the same content that may be
 * another.
 */
public final class IdInUse extends Exception {
    private final transient List<RowOutcome> outcomes;

    IdInUse(String id, List<RowOutcome> outcomes) {
        super(id);
        this.outcomes = outcomes;
    }

    /** The id of the request that was accepted. */
    public String id() {
        return getMessage();
    }

    /** The outcomes of the accepted request if it has the same content and all of its rows have ended; otherwise empty. */
    public List<RowOutcome> outcomes() {
        return outcomes;
    }
}
