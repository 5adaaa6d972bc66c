// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Semaphore;

import jakarta.enterprise.context.ApplicationScoped;

import org.apache.camel.util.function.ThrowingFunction;

import center.bos.refund.config.RestConfig;
import center.bos.refund.csv.CsvFile;
import center.bos.refund.csv.CsvRefused;
import center.bos.refund.folder.DataFolder;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.problem.Violation;

/** Writes the rows of a request, CSV or JSON, into a file of the data folder; the number at one time is limited. */
@ApplicationScoped
class Uploads {
    private static final int AT_ONCE = 8;

    private final Ledger ledger;
    private final DataFolder folder;
    private final RestConfig config;
    private final Reception reception;
    private final Semaphore places = new Semaphore(AT_ONCE);

    Uploads(Ledger ledger, DataFolder folder, RestConfig config, Reception reception) {
        this.ledger = ledger;
        this.folder = folder;
        this.config = config;
        this.reception = reception;
    }

    /**
     * Runs an action on the rows as a file, which is deleted afterwards.
     *
     * @throws Refusal if the rows cannot be used or do not arrive
     * @throws IOException if they cannot be written; then nothing was accepted
     */
    <T> T use(ApiRequest request, ThrowingFunction<CsvFile, T, IOException> use) throws IOException {
        if (!places.tryAcquire()) {
            throw new Refusal(429, AT_ONCE + " batches are being uploaded already");
        }
        Path file = folder.upload();
        try {
            ledger.requireWritable();
            write(request, file);
            return use.apply(CsvFile.inspect(file));
        } catch (CsvRefused e) {
            // without the name of this upload's file, which the caller does not know
            throw new Refusal(List.of(new Violation("body", e.reason())));
        } finally {
            places.release();
            Files.deleteIfExists(file);
        }
    }

    private void write(ApiRequest request, Path file) throws IOException {
        try (BodyStream body = new BodyStream(request.http(), config.largestBatch().asLongValue(), reception);
                OutputStream csv = new BufferedOutputStream(Files.newOutputStream(file))) {
            if (request.mediaType().equals(ApiRequestReader.JSON)) {
                new JsonRows(body).writeTo(csv);
            } else {
                body.transferTo(csv);
            }
        }
    }
}
