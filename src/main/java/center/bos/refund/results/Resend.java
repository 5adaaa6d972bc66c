package center.bos.refund.results;

import java.io.IOException;
import java.util.Set;

import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.Batch;

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

    /** Whether this node took the batch, so that its input is here. */
    public boolean isPossibleFor(Batch batch) {
        return batch.node().equals(node);
    }

    /**
     * Opens IN_DOUBT rows of a batch for another call, and with them the batch. One at a time: who comes second must not
     * put the summary back.
     *
     * @param lines their lines
     * @param askedBy who gave the word; kept in the ledger
     * @return false when nothing was opened, because the batch is not complete, one of the rows is not in doubt, or
     *     another row with the same pair is under way
     * @throws IOException if the sign that the batch is over cannot be taken away; then nothing was opened
     */
    public synchronized boolean open(String batch, Set<Long> lines, String askedBy) throws IOException {
        if (ledger.batches().find(batch).filter(found -> found.state() == Batch.State.COMPLETE).isEmpty()) {
            return false;
        }
        summaries.putAside(batch);
        boolean opened = ledger.batches().resend(batch, lines, askedBy);
        if (opened) {
            LOG.infof("Batch %s: %d IN_DOUBT rows are sent again, asked by %s", batch, lines.size(), askedBy);
        } else {
            summaries.putBack(batch);
        }
        return opened;
    }
}
