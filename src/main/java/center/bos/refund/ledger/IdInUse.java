// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.util.List;

import center.bos.refund.model.RowOutcome;

/** A request was not accepted, because another one has its id; or the same one, and nothing tells whether it is that. */
public final class IdInUse extends Exception {
    private static final long serialVersionUID = 1L;

    private final transient List<RowOutcome> outcomes;

    IdInUse(String id, List<RowOutcome> outcomes) {
        super(id);
        this.outcomes = outcomes;
    }

    /** The id, which is that of the request that was accepted. */
    public String id() {
        return getMessage();
    }

    /** How the request that was accepted ended, where it asked for the same and all of its rows have ended; else empty. */
    public List<RowOutcome> outcomes() {
        return outcomes;
    }
}
