// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.time.Duration;

import center.bos.refund.model.DueRow;
import center.bos.refund.model.Outcome;

/** The result of a call for its row. */
public sealed interface Settlement {

    /**
     * The settlement of a row in doubt: its outcome, or with {@code refund.in-doubt=resend} one more call.
     *
     * @param outcome the outcome if it is not sent once more
     */
    static Settlement doubt(DueRow row, boolean resend, Ended outcome) {
        return resend && row.doubts() == 0
                ? new DueAgain(Duration.ZERO, outcome.attempts(), row.retries(), true, false)
                : outcome;
    }

    /**
     * The row has its outcome.
     *
     * @param answer the beginning of BOS' answer, for an operator to read, or null
     */
    record Ended(Outcome outcome, String responseCode, Integer httpStatus, String message, int attempts,
            String answer) implements Settlement {
    }

    /**
     * The row is due again.
     *
     * @param pause the time until it is due
     * @param retries repeats after answers that say 'not done'
     * @param doubted whether it is sent again although BOS may have acted
     * @param behind whether rows that wait now go first
     */
    record DueAgain(Duration pause, int attempts, int retries, boolean doubted, boolean behind) implements Settlement {
    }
}
