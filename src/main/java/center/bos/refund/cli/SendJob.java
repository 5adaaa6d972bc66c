// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

import jakarta.inject.Singleton;

import org.apache.camel.CamelContext;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.csv.CsvFile;
import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.folder.DataFolder;
import center.bos.refund.intake.Intake;
import center.bos.refund.ledger.Audit;
import center.bos.refund.ledger.Deed;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.Batch;
import center.bos.refund.model.FileTrouble;
import center.bos.refund.model.Stop;
import center.bos.refund.model.Trouble;
import center.bos.refund.results.BatchTroubles;
import center.bos.refund.throttle.Throttle;

/** Hands files to the flow and waits for their results. */
@Singleton
record SendJob(CamelContext camel, Intake intake, Ledger ledger, Throttle throttle, DataFolder folder,
        BatchTroubles troubles, RefundConfig config) {
    static final String PERSON = System.getProperty("user.name") + " at the command line";
    private static final String GO_ON = "; nothing is lost, run the same command again to continue";
    /** How long to try what was never reached, and what was reached before. */
    private static final Duration PATIENCE_AT_FIRST = Duration.ofSeconds(20);
    private static final Duration PATIENCE_LATER = Duration.ofMinutes(30);
    private static final Duration PATIENCE_WITH_CHANNELS = Duration.ofSeconds(3);

    int send(List<CsvFile> inputs, boolean again) throws Exception {
        for (CsvFile input : inputs) {
            Optional<Batch> other = intake.begunOtherwise(input, again);
            if (other.isPresent()) {
                System.err.printf(
                        "refund: %s is batch %s, which is not finished and was begun %s --again: finish it in that way first;"
                                + " nothing was sent%n",
                        input.path(), other.get().id(), again ? "without" : "with");
                return ExitCode.USAGE;
            }
        }
        Set<String> accepted = new LinkedHashSet<>();
        try {
            for (CsvFile input : inputs) {
                if (again) {
                    ledger.audit().note(Audit.What.AGAIN, input.path().getFileName().toString(), input.rowCount(),
                            new Deed(PERSON, null, null));
                }
                Batch batch = intake.copyIn(input, again, PERSON, accepted);
                if (accepted.add(batch.id()) && batch.done() > 0) {
                    System.err.printf(Locale.ROOT, "Continuing batch %s: %,d of %,d rows done%n", batch.id(),
                            batch.done(),
                            batch.rows());
                }
            }
        } catch (IOException e) {
            if (accepted.isEmpty()) {
                throw e;
            }
            System.err.println("refund: " + FileTrouble.text(e) + "; " + String.join(", ", accepted)
                    + " can be continued: nothing was sent, run the same command again");
            return ExitCode.NOT_FINISHED;
        }
        return work(accepted);
    }

    /** Processes batches of the ledger until each has its results. */
    int work(Set<String> ids) throws Exception {
        try {
            return workAll(ids);
        } catch (LedgerUnavailable e) {
            System.err.println("refund: " + e.getMessage() + GO_ON);
            return ExitCode.NOT_FINISHED;
        }
    }

    private int workAll(Set<String> ids) throws Exception {
        List<Batch> before = ids.stream().map(this::find).toList();
        ledger.only(Set.copyOf(before));
        Session.startFlow();
        for (Batch batch : before) {
            if (!batch.hasAllRows()) {
                camel.createProducerTemplate().sendBody("seda:intake", batch);
            }
        }
        Optional<String> givenUp;
        long started = System.nanoTime();
        try (Progress progress = Progress.of(before)) {
            givenUp = waitFor(before, progress);
        }
        List<Batch> after = again(before);
        new SendSummary(ledger, folder).print(before, after, Duration.ofNanos(System.nanoTime() - started));
        if (givenUp.isPresent()) {
            System.err.println("refund: " + givenUp.get());
            return ExitCode.NOT_FINISHED;
        }
        waitForChannels();
        return after.stream().allMatch(ledger.batches()::isDone) ? ExitCode.DONE : ExitCode.SOME_ROWS_FAILED;
    }

    /** Waits as long as outcomes are delivered; what a channel does not accept now, it gets at the next run. */
    private void waitForChannels() throws InterruptedException {
        long owed = ledger.owedOutcomes();
        long lastProgress = System.nanoTime();
        while (owed > 0 && System.nanoTime() - lastProgress < PATIENCE_WITH_CHANNELS.toNanos()) {
            Thread.sleep(Progress.INTERVAL.toMillis());
            long now = ledger.owedOutcomes();
            lastProgress = now < owed ? System.nanoTime() : lastProgress;
            owed = now;
        }
        if (owed > 0) {
            System.err.printf(Locale.ROOT,
                    "refund: %,d outcomes are not delivered to their channels yet; the next run does it%n",
                    owed);
        }
    }

    private Batch find(String id) {
        return ledger.batches().find(id).orElseThrow();
    }

    private List<Batch> again(List<Batch> batches) {
        return batches.stream().map(batch -> find(batch.id())).toList();
    }

    /** Returns why it stopped waiting before the end, or empty at the end. */
    private Optional<String> waitFor(List<Batch> begun, Progress progress) throws InterruptedException {
        List<Batch> batches = begun;
        Patience withBos = new Patience();
        Patience withFiles = new Patience();
        Patience withLedger = new Patience();
        while (true) {
            Optional<Trouble> outage = throttle.outage();
            Optional<String> trouble = ledger.trouble();
            try {
                batches = again(batches);
            } catch (LedgerUnavailable e) { // wait for it, as the rows do
                trouble = Optional.of(e.getMessage());
            }
            Optional<Trouble> stuck = troubles.of(batches);
            List<Batch> open = batches.stream().filter(batch -> isToDo(batch, config.node())).toList();
            progress.update(batches, trouble.map(text -> "waiting for the ledger: " + text)
                    .or(() -> stuck.map(Trouble::reason))
                    .or(() -> outage.map(o -> "paused, " + o.reason()))
                    .or(() -> throttle.standstill().map(Stop::text))
                    .or(() -> throttle.retryAfter().map(stop -> stop.reason() + ", until " + stop.until()))
                    .or(() -> stop(open).map(Stop::text)));
            if (open.isEmpty()) {
                return Optional.empty();
            }
            if (open.stream().allMatch(SendJob::isUnreleased)) {
                String id = open.get(0).id();
                return Optional.of("batch " + id + " has more rows than refund.release-above and waits for"
                        + " another person: refund release " + id + GO_ON);
            }
            if (ledger.isReplaced()) {
                return ledger.trouble();
            }
            if (Session.isStopping()) {
                return Optional.of("stopped; calls that are under way end first and are not counted here" + GO_ON);
            }
            if (withBos.isOver(outage)) {
                return Optional.of("gave up: " + outage.get().reason() + GO_ON);
            }
            if (withFiles.isOver(stuck)) {
                return Optional.of("gave up: " + stuck.get().reason() + GO_ON);
            }
            // one problem, however often its text changes
            if (withLedger.isOver(trouble.map(text -> new Trouble(Instant.EPOCH, text, true)))) {
                return Optional.of("gave up: the ledger cannot be used: " + trouble.get() + GO_ON);
            }
            Thread.sleep(Progress.INTERVAL.toMillis());
        }
    }

    /** Whether this node has something left to do for a batch: the node that took its file writes the results. */
    static boolean isToDo(Batch batch, String node) {
        return batch.state() != Batch.State.COMPLETE && (batch.node().equals(node) || batch.done() < batch.rows());
    }

    private static boolean isUnreleased(Batch batch) {
        return batch.stop() != null && batch.stop().kind() == Stop.Kind.UNRELEASED && batch.hasAllRows();
    }

    /** What keeps rows of all unfinished batches from being called, such as {@code refund.hold}. */
    private static Optional<Stop> stop(List<Batch> open) {
        return open.stream().allMatch(batch -> batch.stop() != null)
                ? open.stream().findFirst().map(Batch::stop)
                : Optional.empty();
    }

    /** How long a problem lasts already, by the monotonic clock. */
    private static final class Patience {
        private Instant waitedFor;
        private long begun;

        boolean isOver(Optional<Trouble> trouble) {
            if (!trouble.map(Trouble::since).equals(Optional.ofNullable(waitedFor))) {
                waitedFor = trouble.map(Trouble::since).orElse(null);
                begun = System.nanoTime();
            }
            return trouble.isPresent() && System.nanoTime() - begun > (trouble.get().reachedBefore()
                    ? PATIENCE_LATER
                    : PATIENCE_AT_FIRST).toNanos();
        }
    }
}
