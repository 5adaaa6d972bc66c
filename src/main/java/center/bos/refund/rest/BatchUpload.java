package center.bos.refund.rest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Semaphore;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

import center.bos.refund.config.RestConfig;
import center.bos.refund.csv.CsvFile;
import center.bos.refund.csv.CsvRefused;
import center.bos.refund.folder.DataFolder;
import center.bos.refund.intake.Intake;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.Batch;
import center.bos.refund.problem.Violation;

/** Takes the rows of a request as a file, and the file as a batch, like one from the inbox. */
@ApplicationScoped
@Named("batchUpload")
class BatchUpload implements Processor {
    private static final int UPLOADS_AT_ONCE = 8;

    private final DataFolder folder;
    private final Intake intake;
    private final Ledger ledger;
    private final RestConfig config;
    private final Reception reception;
    private final Semaphore uploads = new Semaphore(UPLOADS_AT_ONCE);

    BatchUpload(DataFolder folder, Intake intake, Ledger ledger, RestConfig config, Reception reception) {
        this.folder = folder;
        this.intake = intake;
        this.ledger = ledger;
        this.config = config;
        this.reception = reception;
    }

    /**
     * Writes the body to the disk and leaves the accepted batch.
     *
     * @throws Refusal if the rows cannot be used
     * @throws IOException if the body does not arrive or cannot be written; then nothing was accepted
     */
    @Override
    public void process(Exchange exchange) throws Refusal, IOException {
        if (!uploads.tryAcquire()) {
            throw new Refusal(429, UPLOADS_AT_ONCE + " batches are being uploaded already");
        }
        Path file = folder.uploads().resolve(UUID.randomUUID() + ".csv");
        try {
            ledger.requireWritable();
            exchange.getMessage().setBody(accept(exchange.getMessage().getBody(ApiRequest.class), file));
        } finally {
            uploads.release();
            Files.deleteIfExists(file);
        }
    }

    private Accepted accept(ApiRequest request, Path file) throws Refusal, IOException {
        try (BodyStream body = new BodyStream(request.http(), config.largestBatch().asLongValue(), reception);
                UploadFile upload = UploadFile.create(file)) {
            if (request.mediaType().equals(RestRequest.JSON)) {
                new JsonRows(body).writeTo(upload);
            } else {
                body.transferTo(upload);
            }
            upload.finish();
        }
        CsvFile csv = inspect(file);
        Batch batch = intake.takeUpload(csv, name(request, csv.sha256()), request.again());
        boolean toDo = batch.state() == Batch.State.OPEN && !batch.isAccepted();
        return new Accepted(toDo ? batch : null,
                Answer.accepted(BatchStatus.of(batch, List.of(), Instant.now()), Answer.batchPath(batch.id())));
    }

    private static CsvFile inspect(Path file) throws Refusal, IOException {
        try {
            return CsvFile.inspect(file);
        } catch (CsvRefused e) {
            // without the name of this upload's file, which the caller does not know
            throw new Refusal(List.of(new Violation("body", e.reason())));
        }
    }

    /** The file's name stands for one upload: the same for each repetition of an Idempotency-Key. */
    private String name(ApiRequest request, String sha256) throws Refusal {
        String name = "rest-" + UUID.randomUUID().toString().substring(0, 18).replace("-", "") + ".csv";
        if (request.idempotencyKey().isEmpty()) {
            return name;
        }
        String asked = Fingerprint.of(request.operation(), request.mediaType(), sha256,
                Boolean.toString(request.again()));
        return ledger.idempotencyKeys().take(request.caller(), request.idempotencyKey().get(), asked, name)
                .orElseThrow(() -> new Refusal(422, "this Idempotency-Key stands for another request"));
    }
}
