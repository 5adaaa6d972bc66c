// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.sftp;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Body;
import org.apache.camel.Variable;
import org.jboss.logging.Logger;

import center.bos.refund.folder.DataFolder;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.Batch;
import center.bos.refund.model.LogFields;

/** The results that are not on the SFTP server yet. */
@Singleton
@Named("owedResults")
public record OwedResults(DataFolder folder, Ledger ledger) {
    private static final Logger LOG = Logger.getLogger(OwedResults.class);

    /** The finished batches whose results are not there. */
    public List<Batch> batches() {
        return ledger.deliveries().due();
    }

    /** The result files of a batch, {@code summary.json} last; a refused batch has only that. */
    public List<File> files(@Body Batch batch) {
        Path results = folder.results(batch.id());
        Path summary = results.resolve("summary.json");
        Stream<Path> rows = Stream.of("success.csv", "error.csv").map(results::resolve).filter(Files::exists);
        return Stream.concat(rows, Stream.of(summary)).map(Path::toFile).toList();
    }

    /** Notes that the results are there. */
    public void delivered(@Variable("batch") Batch batch) {
        ledger.deliveries().delivered(batch);
        LogFields.of(batch.id(), () -> LOG.infof("The results of batch %s are on the SFTP server", batch.id()));
    }
}
