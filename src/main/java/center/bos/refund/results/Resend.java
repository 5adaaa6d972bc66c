// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.results;

import java.io.IOException;
import java.util.Set;

import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.Batch;
import center.bos.refund.model.LogFields;

/** A person's word that rows in doubt are to be sent again. */
@ApplicationScoped
public class Resend {
    private static final Logger LOG = Logger.getLogger(Resend.class);

    private final Ledger ledger;
    private final SummaryFile summaries;
    private final String node;

    Resend(Ledger ledger, SummaryFile summaries, RefundConfig config) {
        this.ledger = ledger;
        this.summaries = summaries;
        this.node = config.node();
    }

    /** Thrown when rows cannot be sent again; says why. */
    public static final class NotPossible extends Exception {
        private static final long serialVersionUID = 1L;

        NotPossible(String message) {
            super(message);
        }
    }

    /**
     * The rows in doubt of a batch that is over.
     *
     * @param lines those that are asked for; empty: all
     * @throws NotPossible if the batch is not complete or not this node's, or one of the lines is not in doubt
     */
    public Set<Long> inDoubt(Batch batch, Set<Long> lines) throws NotPossible {
        String id = batch.id();
        if (batch.state() == Batch.State.REFUSED) {
            throw new NotPossible("batch " + id + " was refused, no row of it was sent: send a mended file");
        }
        if (batch.state() == Batch.State.OPEN) {
            throw new NotPossible("batch " + id + " is not finished: let it finish first");
        }
        if (!batch.node().equals(node)) {
            throw new NotPossible("batch " + id + " is of node " + batch.node() + ": ask there");
        }
        Set<Long> inDoubt = ledger.batches().inDoubt(id);
        for (Long line : lines) {
            if (!inDoubt.contains(line)) {
                throw new NotPossible("no row of batch " + id + " at line " + line + " is IN_DOUBT");
            }
        }
        if (inDoubt.isEmpty()) {
            throw new NotPossible("no row of batch " + id + " is IN_DOUBT");
        }
        return lines.isEmpty() ? inDoubt : lines;
    }

    /**
     * Opens IN_DOUBT rows of a batch for another call, and with them the batch. One at a time: who comes second must not
     * put the summary back.
     *
     * @param lines their lines
     * @param askedBy who gave the word; kept in the ledger
     * @throws NotPossible if the batch or a row has changed, or another row with the same pair is under way; then nothing
     *         was opened
     * @throws IOException if the sign that the batch is over cannot be taken away; then nothing was opened
     */
    public synchronized void open(Batch batch, Set<Long> lines, String askedBy) throws NotPossible, IOException {
        String id = batch.id();
        boolean complete = ledger.batches().find(id).filter(found -> found.state() == Batch.State.COMPLETE).isPresent();
        if (complete) {
            summaries.putAside(id);
            if (ledger.batches().resend(id, lines, askedBy)) {
                LogFields.of(id, () -> LOG.infof("Batch %s: %d IN_DOUBT rows are sent again, asked by %s", id,
                        lines.size(), askedBy));
                return;
            }
            summaries.putBack(id);
        }
        throw new NotPossible("batch " + id + " was opened by somebody else at this moment, or another row with one of"
                + " the pairs is under way; nothing was opened");
    }
}
