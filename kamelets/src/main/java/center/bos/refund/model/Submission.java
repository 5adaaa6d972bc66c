// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import java.util.List;

/**
 * Rows for the ledger to accept: a piece of a file whose batch is registered, or a whole request.
 *
 * @param batch the batch's id; for a request, its identity, so that a repetition is recognised
 * @param again whether pairs that were sent before are sent too
 * @param rows the rows, in the order in which they came
 * @param reply the destination of the reply once all outcomes are known, as text for {@code ledger:outcomes}, or null
 * @param content of a request: detects another request with the same id; empty if ids are unique
 * @param isRepeatable whether it may have been accepted before; otherwise one with its id is another request
 */
public record Submission(String batch, Source source, boolean again, List<NewRow> rows, String reply, String content,
        boolean isRepeatable) {

    /** Rows of a batch with a unique id. */
    public Submission(String batch, Source source, boolean again, List<NewRow> rows, String reply) {
        this(batch, source, again, rows, reply, "", true);
    }

    /** Rows of a registered file. */
    public static Submission piece(Batch batch, List<NewRow> rows) {
        return new Submission(batch.id(), Source.FILE, batch.again(), rows, null);
    }
}
