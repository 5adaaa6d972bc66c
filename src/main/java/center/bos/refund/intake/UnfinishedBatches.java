// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.intake;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.util.ArrayList;
import java.util.List;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.jboss.logging.Logger;

import center.bos.refund.folder.DataFolder;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.Batch;
import center.bos.refund.model.LogFields;
import center.bos.refund.results.SummaryFile;

/** The batches that this node accepted and that are not over. */
@ApplicationScoped
@Named("unfinishedBatches")
public class UnfinishedBatches {
    private static final Logger LOG = Logger.getLogger(UnfinishedBatches.class);

    private final DataFolder folder;
    private final Ledger ledger;
    private final Intake intake;
    private final SummaryFile summaries;

    UnfinishedBatches(DataFolder folder, Ledger ledger, Intake intake, SummaryFile summaries) {
        this.folder = folder;
        this.ledger = ledger;
        this.intake = intake;
        this.summaries = summaries;
    }

    /**
     * Those to continue after a start, without a batch whose file is claimed and will be taken anyway. A missing archived file is
     * logged until it is there.
     */
    public List<Batch> toResume() throws IOException {
        putSummariesBack();
        List<Batch> batches = new ArrayList<>();
        for (Batch batch : ledger.batches().open()) {
            if (willBeTaken(batch)) {
                intake.withdrawIfChanged(batch);
            } else if (!batch.hasAllRows() && !intake.hasTaken(batch.id())) {
                batches.add(batch);
            }
        }
        batches.forEach(batch -> LogFields.of(batch.id(),
                () -> LOG.infof("Continuing batch %s: %d of %d rows are in the ledger", batch.id(),
                        batch.accepted(), batch.rows())));
        return batches;
    }

    /** Whether the file of the batch is still claimed, so that it is taken once more and continues the batch. */
    private boolean willBeTaken(Batch batch) {
        return Files.isRegularFile(folder.claimed().resolve(batch.file()), LinkOption.NOFOLLOW_LINKS)
                && Files.notExists(folder.archived(batch.id())) && Files.notExists(folder.taken(batch.id()));
    }

    /** Restores the summaries of batches whose resend the end of the process interrupted before their rows were opened. */
    private void putSummariesBack() throws IOException {
        for (String batch : summaries.allPutAside()) {
            if (ledger.batches().find(batch).filter(found -> found.state() == Batch.State.COMPLETE).isPresent()) {
                summaries.putBack(batch);
            }
        }
    }
}
