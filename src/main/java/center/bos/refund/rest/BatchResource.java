// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.BiFunction;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.util.function.ThrowingFunction;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;

import center.bos.refund.csv.SelectedRows;
import center.bos.refund.folder.DataFolder;
import center.bos.refund.intake.Intake;
import center.bos.refund.ledger.Deed;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.Lookups;
import center.bos.refund.ledger.Reasons;
import center.bos.refund.model.Batch;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.Source;
import center.bos.refund.model.Stop;
import center.bos.refund.results.BatchTroubles;
import center.bos.refund.results.Resend;

/** The operations below {@code /batches}. */
@Singleton
@Named("batchResource")
public record BatchResource(Ledger ledger, Intake intake, Resend resends, DataFolder folder, IdempotencyKey keys,
        Uploads uploads, Pace pace, Minutes course, BatchTroubles troubles) {

    record Rows(String batch, List<Lookups.Row> rows, String next) {
    }

    record Why(String batch, boolean complete, List<Because> reasons) {
    }

    record Because(@JsonUnwrapped Reasons.Reason reason, @JsonProperty("error_csv") String errorCsv) {
    }

    record Course(String batch, List<Minutes.Minute> minutes) {
    }

    record Page(List<BatchStatus> batches, String next) {
    }

    record Resent(String batch, long rows, @JsonProperty("asked_by") String askedBy, String release) {
    }

    /** The batches of files, REST and JMS, the newest first. */
    public Answer list(ApiRequest request) {
        List<Batch> found = ledger.lookups().batches(
                request.optional("state").map(name -> Batch.State.valueOf(name.toUpperCase(Locale.ROOT))),
                request.limit() + 1, request.offset());
        return Answer.ok(new Page(request.page(found).stream().map(this::status).toList(), request.next(found)));
    }

    /** The progress of the batch. */
    public Answer status(ApiRequest request) throws Refusal {
        return Answer.ok(status(batch(request)));
    }

    /** How many of its rows ended in each minute. */
    public Answer minutes(ApiRequest request) throws Refusal {
        Batch batch = batch(request);
        return Answer.ok(new Course(batch.id(), course.of(batch, Instant.now())));
    }

    /**
     * Takes the rows as a file, and the file as a batch, like one from the inbox.
     *
     * @throws IOException if they cannot be written; then nothing was accepted
     */
    public Batch upload(ApiRequest request) throws Refusal, IOException {
        String by = IdempotencyKey.submitter(request);
        return uploads.use(request, csv -> {
            String fresh = "rest-" + UUID.randomUUID().toString().substring(0, 18).replace("-", "") + ".csv";
            String name = keys.submitted(request, fresh, csv.rowCount(), by, request.mediaType(), csv.sha256());
            return intake.takeUpload(csv, name, Optional.empty(), request.again(), by);
        });
    }

    /** The answer for an accepted batch, with its Location. */
    public Answer accepted(Batch batch) {
        return Answer.accepted(BatchStatus.of(batch, List.of()),
                Answer.batchPath(batch.id()));
    }

    /** {@code success.csv} of a complete batch. */
    public Answer success(ApiRequest request) throws Refusal {
        return results(request, "success.csv", Files::newInputStream);
    }

    /** {@code error.csv} of a complete batch, or only its rows with that outcome, code or reason. */
    public Answer error(ApiRequest request) throws Refusal {
        Optional<String> outcome = request.optional("outcome");
        Optional<String> code = request.optional("code");
        Optional<String> reason = request.optional("reason");
        return results(request, "error.csv", outcome.isEmpty() && code.isEmpty() && reason.isEmpty()
                ? Files::newInputStream
                : file -> SelectedRows.of(file, row -> outcome.filter(wanted -> !wanted.equals(row.outcome())).isEmpty()
                        && code.filter(wanted -> !wanted.equals(text(row.responseCode()))).isEmpty()
                        && reason.filter(wanted -> !wanted
                                .equals(text(Reasons.name(Outcome.valueOf(row.outcome()), row.message()))))
                                .isEmpty()));
    }

    private static String text(String cell) {
        return cell == null ? "" : cell;
    }

    /** Searches rows of the batch, in the order of its lines. */
    public Answer rows(ApiRequest request) throws Refusal {
        Batch batch = batch(request);
        Lookups.Page page = ledger.lookups().rows(batch,
                new Lookups.Wanted(request.optional("outcome").map(Outcome::valueOf), request.optional("code"),
                        request.optional("message"), request.optional("referenceid")),
                Long.parseLong(request.text("after")), request.limit());
        return Answer.ok(new Rows(batch.id(), page.rows(),
                page.next() == null ? null : request.next("after", page.next())));
    }

    /** Why rows of the batch did not succeed, the most frequent reason first. */
    public Answer reasons(ApiRequest request) throws Refusal {
        Batch batch = batch(request);
        boolean complete = batch.state() == Batch.State.COMPLETE;
        return Answer.ok(new Why(batch.id(), complete, ledger.lookups().reasons(batch, request.limit()).stream()
                .map(reason -> new Because(reason, complete ? rowsOf(batch, reason) : null)).toList()));
    }

    /** The path of the rows of a reason, or null if it stands for several. */
    private static String rowsOf(Batch batch, Reasons.Reason reason) {
        return Reasons.OTHERS.equals(reason.message())
                ? null
                : Answer.batchPath(batch.id()) + "/error.csv?outcome=" + reason.outcome() + "&code="
                        + URLEncoder.encode(text(reason.responseCode()), StandardCharsets.UTF_8) + "&reason="
                        + URLEncoder.encode(text(reason.message()), StandardCharsets.UTF_8);
    }

    private Answer results(ApiRequest request, String name,
            ThrowingFunction<Path, InputStream, IOException> opening) throws Refusal {
        Batch batch = batch(request);
        if (batch.state() != Batch.State.COMPLETE) {
            throw new Refusal(404, batch.state() == Batch.State.OPEN
                    ? "the batch is not complete yet"
                    : "the batch was refused, it has no results");
        }
        try {
            return Answer.ok(new Answer.Csv(name, opening.apply(folder.results(batch.id()).resolve(name))));
        } catch (IOException e) {
            throw new Refusal(404, "node " + batch.node()
                    + " wrote the results and no longer has them: refund.retention erased them, or somebody removed them");
        }
    }

    /** Opens IN_DOUBT rows for another call; the request is recorded with the caller's name. */
    public Answer resend(ApiRequest request) throws Refusal, IOException {
        ledger.requireWritable();
        Batch batch = batch(request);
        Set<Long> lines = new HashSet<>();
        request.json().path("lines").forEach(line -> lines.add(line.asLong()));
        Deed deed = keys.deed(request, batch.id() + "\n" + request.json().path("lines"));
        try {
            Optional<Long> before = ledger.doubts().repeated(deed);
            if (before.isPresent()) {
                return resent(batch, before.get(), deed, ledger.releases().asked(deed.key()));
            }
            Set<Long> rows = resends.inDoubt(batch, lines);
            Optional<String> release = resends.openOrAsk(batch, rows, deed);
            // not read again: from here on the opened rows are accepted
            return resent(batch, release.isPresent() ? 0 : rows.size(), deed, release);
        } catch (Resend.NotPossible e) {
            throw new Refusal(422, e.getMessage());
        }
    }

    private static Answer resent(Batch batch, long rows, Deed deed, Optional<String> release) {
        return Answer.accepted(new Resent(batch.id(), rows, deed.by(), release.orElse(null)),
                release.isPresent() ? "/releases" : Answer.batchPath(batch.id()));
    }

    /** Pauses the batch: no further call begins. */
    public Answer pause(ApiRequest request) throws Refusal {
        Batch batch = stop(request, ledger.stops()::pause);
        return stopped(batch, batch.stop() != null && batch.stop().kind() == Stop.Kind.PAUSED);
    }

    /** Resumes the batch. */
    public Answer resume(ApiRequest request) throws Refusal {
        Batch batch = stop(request, ledger.stops()::resume);
        return stopped(batch, batch.stop() == null || batch.stop().kind() == Stop.Kind.HELD);
    }

    /** Cancels the batch: its unsent rows end REJECTED. */
    public Answer cancel(ApiRequest request) throws Refusal {
        Batch batch = stop(request, ledger.stops()::cancel);
        return stopped(batch, batch.stop() != null && batch.stop().kind() == Stop.Kind.CANCELLED);
    }

    private Batch stop(ApiRequest request, BiFunction<String, Deed, Optional<Batch>> how) throws Refusal {
        ledger.requireWritable();
        Batch batch = batch(request);
        return how.apply(batch.id(), keys.deed(request, batch.id())).orElseThrow();
    }

    private Answer stopped(Batch batch, boolean asAsked) throws Refusal {
        boolean otherwise = batch.stop() != null && (batch.stop().kind() == Stop.Kind.CANCELLED
                || batch.stop().kind() == Stop.Kind.UNRELEASED);
        if (!asAsked && otherwise) {
            throw new Refusal(422, "the batch is " + batch.stop().text());
        }
        if (!asAsked && (batch.state() != Batch.State.OPEN || batch.done() == batch.rows())) {
            throw new Refusal(422, "the batch is over: every row has its outcome");
        }
        return Answer.ok(status(batch));
    }

    private BatchStatus status(Batch batch) {
        return BatchStatus.of(batch, troubles.of(List.of(batch)), ledger.lookups().resent(batch), pace.rate(batch),
                Instant.now());
    }

    private Batch batch(ApiRequest request) throws Refusal {
        return find(ledger, request).orElseThrow(() -> new Refusal(404, "there is no batch of that id"));
    }

    /** The batch of a file that the request is about. */
    static Optional<Batch> find(Ledger ledger, ApiRequest request) {
        // PostgreSQL takes no NUL, and no batch has one in its name
        return Optional.of(request.text("id")).filter(id -> id.indexOf('\0') < 0).flatMap(ledger.batches()::find)
                .filter(batch -> batch.source() == Source.FILE);
    }
}
