// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import java.util.List;

/**
 * Rows for the ledger to accept: a piece of a file whose batch is registered, or a whole request.
 *
 * @param batch the batch's id; of a request what tells it from every other, so that a repetition is found again
 * @param source the way that the rows came
 * @param again whether pairs that were already done are sent as well
 * @param rows the rows, in the order in which they came
 * @param reply where the outcomes are to go once all are known, as text for {@code ledger:outcomes}, or null
 * @param content of a request: what tells it from another under the same id; empty where no two have one id
 * @param isRepeatable whether it may have been accepted before; else one of its id is another request
 */
public record Submission(String batch, Source source, boolean again, List<NewRow> rows, String reply, String content,
        boolean isRepeatable) {

    /** Rows whose batch has an id that no other has. */
    public Submission(String batch, Source source, boolean again, List<NewRow> rows, String reply) {
        this(batch, source, again, rows, reply, "", true);
    }

    /** Rows of a registered file. */
    public static Submission piece(Batch batch, List<NewRow> rows) {
        return new Submission(batch.id(), Source.FILE, batch.again(), rows, null);
    }
}
