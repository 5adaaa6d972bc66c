// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.results;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Iterator;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jboss.logging.Logger;

import center.bos.refund.csv.CsvFile;
import center.bos.refund.csv.CsvRefused;
import center.bos.refund.csv.CsvResultWriter;
import center.bos.refund.csv.CsvRow;
import center.bos.refund.csv.CsvRows;
import center.bos.refund.csv.ResultCells;
import center.bos.refund.folder.DataFolder;
import center.bos.refund.folder.DurableFile;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.OutcomeCursor;
import center.bos.refund.ledger.Reasons;
import center.bos.refund.model.Batch;
import center.bos.refund.model.ConsoleLink;
import center.bos.refund.model.LogFields;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.RowOutcome;

/**
 * Writes the results of a batch: merges its archived file with its outcomes in the ledger, both in the order of the lines, and writes
 * each row into exactly one of {@code success.csv} and {@code error.csv}. Can be repeated.
 */
@ApplicationScoped
@Named("resultFiles")
public class ResultFiles implements Processor {
    private static final Logger LOG = Logger.getLogger(ResultFiles.class);

    private final DataFolder folder;
    private final Ledger ledger;
    private final SummaryFile summaries;
    private final BatchTroubles troubles;

    ResultFiles(DataFolder folder, Ledger ledger, SummaryFile summaries, BatchTroubles troubles) {
        this.folder = folder;
        this.ledger = ledger;
        this.summaries = summaries;
        this.troubles = troubles;
    }

    /** This node's batches whose rows all have their outcome, up to the moment when the process is asked to stop. */
    public Iterator<Batch> due(CamelContext camel) {
        return ledger.batches().finished().stream().takeWhile(batch -> !camel.isStopping()).filter(this::hasItsFile)
                .iterator();
    }

    /** One without rows is settled from the start, before its file is in the archive, or moved to where it is copied from. */
    private boolean hasItsFile(Batch batch) {
        return batch.rows() > 0 || Files.exists(folder.archived(batch.id())) || Files.exists(folder.taken(batch.id()));
    }

    /** Writes the results of the batch in the body and completes it. */
    @Override
    public void process(Exchange exchange) throws IOException, CsvRefused {
        Batch batch = exchange.getMessage().getBody(Batch.class);
        Path results = DurableFile.folder(folder.results(batch.id()));
        Path success = results.resolve("success.csv");
        Path error = results.resolve("error.csv");
        Reasons reasons = new Reasons();
        split(folder.accepted(batch), batch, DurableFile.part(success), DurableFile.part(error), reasons);
        DurableFile.move(DurableFile.part(success), success);
        DurableFile.move(DurableFile.part(error), error);
        Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
        summaries.write(batch.completed(now), ledger.audit().newest());
        ledger.batches().complete(batch, now, reasons);
        troubles.over(batch);
        LogFields.of(batch.id(),
                () -> LOG.infof(
                        "Batch %s is complete: %d success, %d error, %d in doubt, %d duplicate, %d rejected; console: %s",
                        batch.id(), batch.success(), batch.error(), batch.inDoubt(), batch.duplicate(),
                        batch.rejected(), ConsoleLink.batch(batch.id())));
    }

    private void split(CsvFile csv, Batch batch, Path success, Path error, Reasons reasons) throws IOException {
        try (CsvRows rows = csv.rows();
                OutcomeCursor outcomes = ledger.batches().outcomes(batch);
                CsvResultWriter sent = CsvResultWriter.create(success, csv);
                CsvResultWriter others = CsvResultWriter.create(error, csv)) {
            while (rows.hasNext()) {
                CsvRow row = rows.next();
                RowOutcome outcome = outcomes.next();
                if (outcome == null || outcome.line() != row.row().line()) {
                    throw new IllegalStateException("the ledger and the archived file of batch " + batch.id()
                            + " do not agree at line " + row.row().line());
                }
                reasons.add(outcome);
                (outcome.outcome() == Outcome.SUCCESS ? sent : others).write(row, cells(outcome));
            }
        }
    }

    private static ResultCells cells(RowOutcome outcome) {
        return new ResultCells(outcome.outcome().name(), outcome.responseCode(),
                outcome.httpStatus() == null ? null : outcome.httpStatus().toString(), outcome.message(),
                Integer.toString(outcome.attempts()), outcome.answeredAt().toString());
    }
}
