package center.bos.refund.batch;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.ledger.Batch;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.RefundRow;

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
     * Opens IN_DOUBT rows of a batch for another call, and with them the batch.
     *
     * @param line one line, or empty for every IN_DOUBT row
     * @param askedBy who gave the word; kept in the ledger
     * @return how many rows were opened
     * @throws IOException if the sign that the batch is over cannot be taken away; then nothing was opened
     */
    public int open(String batch, Optional<Long> line, String askedBy) throws IOException {
        summaries.putAside(batch);
        List<RefundRow> rows = ledger.batches().resend(batch, line, askedBy);
        if (rows.isEmpty()) { // somebody else opened them
            summaries.putBack(batch);
        }
        LOG.infof("Batch %s: %d IN_DOUBT rows are sent again, asked by %s", batch, rows.size(), askedBy);
        return rows.size();
    }
}
