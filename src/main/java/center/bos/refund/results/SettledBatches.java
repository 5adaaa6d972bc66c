// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.results;

import java.nio.file.Files;
import java.util.Iterator;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.CamelContext;

import center.bos.refund.folder.DataFolder;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.Batch;

/** This node's batches whose rows all have their outcome, and whose results are not written. */
@ApplicationScoped
@Named("settledBatches")
public class SettledBatches {
    private final Ledger ledger;
    private final DataFolder folder;
    private final CamelContext camel;

    SettledBatches(Ledger ledger, DataFolder folder, CamelContext camel) {
        this.ledger = ledger;
        this.folder = folder;
        this.camel = camel;
    }

    /** All of them, up to the moment when the process is asked to stop. */
    public Iterator<Batch> all() {
        return ledger.batches().finished().stream().takeWhile(batch -> !camel.isStopping()).filter(this::hasItsFile)
                .iterator();
    }

    /** One without rows is settled from the start, before its file is in the archive. */
    private boolean hasItsFile(Batch batch) {
        return batch.rows() > 0 || Files.exists(folder.archived(batch.id()));
    }
}
