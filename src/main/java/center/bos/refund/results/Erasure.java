// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.results;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jboss.logging.Logger;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.folder.DataFolder;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.Retention;
import center.bos.refund.model.Batch;
import center.bos.refund.model.FileTrouble;
import center.bos.refund.model.Source;

/** Erases what is older than {@code refund.retention}: first the files of finished batches, then their rows in the ledger. */
@ApplicationScoped
@Named("erasure")
public class Erasure implements Processor {
    private static final Logger LOG = Logger.getLogger(Erasure.class);
    /** Processing data and logs are to be kept for a year at least (DPDP Rules 2025). */
    private static final Duration YEAR = Duration.ofDays(365);

    private final Ledger ledger;
    private final DataFolder folder;
    private final Optional<Duration> age;
    private boolean warned;

    Erasure(Ledger ledger, DataFolder folder, RefundConfig config) {
        this.ledger = ledger;
        this.folder = folder;
        this.age = config.retention();
    }

    /** Erases what is old enough; failures are tried again at the next tick. */
    @Override
    public void process(Exchange exchange) {
        if (age.isEmpty() || ledger.trouble().isPresent()) {
            return;
        }
        warn(age.get());
        try {
            erase(ledger.retention(age.get()), exchange.getContext()::isStopping);
        } catch (LedgerUnavailable e) {
            LOG.warnf("What is older than refund.retention cannot be erased, tried again in an hour: %s",
                    e.getMessage());
        }
    }

    private void warn(Duration retention) {
        if (!warned && retention.compareTo(YEAR) < 0) {
            LOG.warnf("refund.retention is less than 365 days (%d): ask whoever is responsible for data protection",
                    retention.toDays());
        }
        warned = true;
    }

    private void erase(Retention retention, BooleanSupplier isEnding) {
        long files = 0;
        long rows = 0;
        long requests = 0;
        List<Batch> page = retention.finished(0);
        while (!page.isEmpty() && !isEnding.getAsBoolean()) {
            for (Batch batch : page) {
                if (batch.source() == Source.FILE && !isEnding.getAsBoolean() && eraseFiles(batch)) {
                    rows += retention.erase(batch, isEnding);
                    files++;
                }
            }
            requests += retention.eraseRequests(page, isEnding);
            page = retention.finished(page.get(page.size() - 1).number());
        }
        if (isEnding.getAsBoolean()) {
            return;
        }
        eraseStrays();
        retention.eraseKeys();
        retention.erasePersons();
        if (files + requests > 0) {
            boolean smaller = retention.giveSpaceBack(isEnding);
            LOG.infof("Erased what is older than refund.retention: %d files with %d rows, %d requests%s", files, rows,
                    requests, smaller
                            ? ""
                            : "; the ledger's file was made without refund.retention and gets no smaller, its space is used"
                                    + " again");
        }
    }

    /** Erases uploads of callers that a process archived and had not put into the ledger when it ended. */
    private void eraseStrays() {
        FileTime limit = FileTime.from(Instant.now().minus(age.orElseThrow()));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder.archive(), "*.csv")) {
            for (Path file : files) {
                if (Files.getLastModifiedTime(file).compareTo(limit) < 0
                        && ledger.batches().find(DataFolder.batch(file)).isEmpty()) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            LOG.errorf("Archived files of no batch cannot be erased, tried again in an hour: %s", FileTrouble.text(e));
        }
    }

    /** Whether they are gone. */
    private boolean eraseFiles(Batch batch) {
        try {
            Path results = folder.results(batch.id());
            // summary.json, which marks complete results, goes first
            Files.deleteIfExists(results.resolve("summary.json"));
            if (Files.exists(results)) {
                try (Stream<Path> files = Files.walk(results)) {
                    for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                        Files.deleteIfExists(file);
                    }
                }
            }
            Files.deleteIfExists(folder.archived(batch.id()));
            Files.deleteIfExists(folder.refused(batch.id()));
            Files.deleteIfExists(folder.taken(batch.id()));
            return true;
        } catch (IOException | UncheckedIOException e) {
            LOG.errorf(
                    "The files of batch %s are older than refund.retention and cannot be erased, tried again in an hour:"
                            + " %s",
                    batch.id(), FileTrouble.text(e));
            return false;
        }
    }
}
