// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulation;

import center.bos.refund.model.BosAnswer;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.Verdict;

/** One call of a row that was taken, from its begin to its settlement. */
final class Call {
    final DueRow row;
    /** What BOS received, or null. */
    Post post;
    BosAnswer answer;
    Verdict verdict;
    /** When the answer comes, in the run's nanoseconds. */
    long answerAt;

    Call(DueRow row) {
        this.row = row;
    }

    /** A request that was written to its end. */
    static final class Post {
        final String row;
        /** Whether BOS texted the customer. */
        final boolean acted;
        /** Whether BOS said, and the process heard, that it did not. */
        boolean heardNotDone;

        Post(String row, boolean acted) {
            this.row = row;
            this.acted = acted;
        }
    }
}
