// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.commons.codec.digest.DigestUtils;

import com.fasterxml.jackson.annotation.JsonIgnoreProperties;
import com.fasterxml.jackson.annotation.JsonProperty;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.config.RestConfig;
import center.bos.refund.csv.CsvFile;
import center.bos.refund.folder.DataFolder;
import center.bos.refund.intake.FileCheck;
import center.bos.refund.intake.Intake;
import center.bos.refund.ledger.Audit;
import center.bos.refund.ledger.Deed;
import center.bos.refund.ledger.HeldPairs;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.SeenPairs;
import center.bos.refund.model.Batch;

/**
 * The operations below {@code /checks}: the dry run of rows, and sending them afterwards. The file of a check is kept for an hour, but
 * not over a restart.
 */
@ApplicationScoped
@Named("checkResource")
public class CheckResource implements Processor {
    private static final Duration KEPT = Duration.ofHours(1);
    private static final int MOST = 100;
    private static final int NODE_DIGITS = 6;
    private static final int RANDOM_DIGITS = 10;
    private static final int HASH_DIGITS = 8;
    /** Room for all checks, in largest batches. */
    private static final int MOST_BYTES = 4;

    private final Ledger ledger;
    private final Intake intake;
    private final DataFolder folder;
    private final RefundConfig config;
    private final IdempotencyKey keys;
    private final Uploads uploads;
    private final long mostBytes;
    /** The oldest first. */
    private final Map<String, Kept> checks = new LinkedHashMap<>();

    CheckResource(Ledger ledger, Intake intake, DataFolder folder, RefundConfig config, RestConfig rest,
            IdempotencyKey keys, Uploads uploads) {
        this.ledger = ledger;
        this.intake = intake;
        this.folder = folder;
        this.config = config;
        this.keys = keys;
        this.uploads = uploads;
        this.mostBytes = MOST_BYTES * rest.largestBatch().asLongValue();
    }

    private record Kept(CsvFile csv, boolean again, long since) {
    }

    record Checked(String check, String node, String sha256, boolean again, long rows,
            @JsonProperty("to_send") long toSend,
            long duplicate, long rejected, @JsonProperty("expected_seconds") long expectedSeconds,
            @JsonProperty("first_duplicates") List<FileCheck.Finding> firstDuplicates,
            @JsonProperty("first_rejected") @JsonIgnoreProperties( {
                    "batch", "batch_line"}) List<FileCheck.Finding> firstRejected,
            @JsonProperty("expires_at") Instant expiresAt){
    }

    /** Dry run: tells what would happen to the rows, and sends nothing. */
    public Answer check(ApiRequest request) throws IOException {
        return Answer.ok(uploads.use(request, csv -> {
            FileCheck check;
            try (HeldPairs held = HeldPairs.open(config); SeenPairs seen = SeenPairs.none(folder.uploads())) {
                check = FileCheck.of(csv, Optional.empty(), request.again(), held, seen, "");
            }
            String id = id(config.node(), csv.sha256());
            keep(id, csv, request.again());
            return new Checked(id, config.node(), csv.sha256(), request.again(), check.rows(), check.toSend(),
                    check.duplicates(), check.rejected(), FileCheck.expected(check.toSend(), config).toSeconds(),
                    check.repetitions(), check.rejections(),
                    Instant.now().plus(KEPT).truncatedTo(ChronoUnit.MILLIS));
        }));
    }

    /** A new id, which names the node that keeps the rows. */
    private static String id(String node, String sha256) {
        return mark(node) + UUID.randomUUID().toString().replace("-", "").substring(0, RANDOM_DIGITS) + "-"
                + sha256.substring(0, HASH_DIGITS);
    }

    private static String mark(String node) {
        return DigestUtils.sha256Hex(node).substring(0, NODE_DIGITS);
    }

    /** Which of these nodes keeps the rows of a check, if any. */
    static Optional<String> node(String id, Collection<String> nodes) {
        return nodes.stream().filter(node -> id.startsWith(mark(node))).findFirst();
    }

    /** The id of the batch of a check's rows. */
    static String batch(String id) {
        return "rest-" + id;
    }

    private synchronized void keep(String id, CsvFile csv, boolean again) throws IOException {
        long bytes = csv.size() + checks.values().stream().mapToLong(kept -> kept.csv().size()).sum();
        for (String oldest : List.copyOf(checks.keySet())) {
            if (checks.size() >= MOST || bytes > mostBytes) {
                bytes -= checks.get(oldest).csv().size();
                forget(oldest);
            }
        }
        Path place = folder.upload();
        Files.move(csv.path(), place);
        checks.put(id, new Kept(csv.at(place), again, System.nanoTime()));
    }

    private void forget(String id) throws IOException {
        Files.deleteIfExists(checks.remove(id).csv().path());
    }

    /**
     * Accepts the rows of a check as a batch, like an upload; repeated calls give the same batch.
     *
     * @throws Refusal if there is no such check any more
     * @throws IOException if they cannot be moved; then nothing was accepted
     */
    public synchronized Batch send(ApiRequest request) throws IOException {
        ledger.requireWritable();
        String by = IdempotencyKey.submitter(request);
        String id = request.text("id");
        String batch = batch(id);
        String name = batch.substring(0, batch.lastIndexOf('-')) + ".csv";
        keys.identity(request, name, id);
        Optional<Batch> sent = ledger.batches().find(batch);
        if (sent.isPresent()) {
            return sent.get();
        }
        forgetOld();
        Kept kept = Optional.ofNullable(checks.get(id)).orElseThrow(() -> new Refusal(404,
                "there is no check of that id at node " + config.node()
                        + ", or its hour is over: check the rows again"));
        if (kept.again()) {
            ledger.audit().note(Audit.What.AGAIN, name, kept.csv().rowCount(), new Deed(by, null, null));
        }
        Batch accepted = intake.takeUpload(kept.csv(), name, request.optional("file"), kept.again(), by);
        forget(id);
        return accepted;
    }

    /** Deletes checks older than an hour. */
    @Override
    public synchronized void process(Exchange exchange) throws IOException {
        forgetOld();
    }

    private void forgetOld() throws IOException {
        for (String id : List.copyOf(checks.keySet())) {
            if (System.nanoTime() - checks.get(id).since() > KEPT.toNanos()) {
                forget(id);
            }
        }
    }
}
