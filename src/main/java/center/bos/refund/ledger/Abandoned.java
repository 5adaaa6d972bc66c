// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.SQLException;
import java.util.List;

import org.jboss.logging.Logger;

import center.bos.refund.model.ConsoleLink;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.LogFields;
import center.bos.refund.model.Outcome;

/** Settles the rows that an ended epoch of any node was sending: whether BOS acted on them is unknown. */
final class Abandoned {
    private static final Logger LOG = Logger.getLogger(Abandoned.class);
    private static final String MESSAGE = "the process stopped while the call was under way; BOS may or may not have acted";

    private final Rows rows;
    private final boolean resend;

    Abandoned(Rows rows, boolean resend) {
        this.rows = rows;
        this.resend = resend;
    }

    /** Settles these rows: IN_DOUBT, or due once more with {@code refund.in-doubt=resend}. */
    void settle(Turn turn) throws SQLException {
        List<Write.Settle> doubts = rows.abandoned(turn).stream()
                .map(row -> new Write.Settle(row,
                        Settlement.doubt(row, resend, new Settlement.Ended(Outcome.IN_DOUBT, null,
                                null, MESSAGE, row.attempts() + 1, null))))
                .toList();
        rows.settle(turn, doubts);
        doubts.forEach(Abandoned::say);
    }

    private static void say(Write.Settle doubt) {
        DueRow row = doubt.row;
        LogFields.of(row, () -> LOG.warnf(doubt.settlement instanceof Settlement.Ended
                ? "IN_DOUBT, its node stopped while the call was under way: batch %s line %d; console: "
                        + ConsoleLink.IN_DOUBT
                : "In doubt, its node stopped while the call was under way; it is sent once more: batch %s line %d",
                row.batch(), row.line()));
    }
}
