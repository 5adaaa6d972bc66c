// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.PromiseCheck;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Results;
import center.bos.refund.testkit.ServerJar;

/** One data folder, a BOS server beside it in a process of its own, and the processes that are killed over it. */
final class CrashSite implements AutoCloseable {
    static final int CONCURRENCY = 16;
    /** Three pieces of a file. */
    static final int ROWS = 1_200;
    /** At the end of every other file: pairs that are there before, and rows that are no pair. */
    private static final int REPEATED = 20;
    private static final int NO_PAIRS = 10;
    static final Duration LONG = Duration.ofSeconds(90);
    private static final String LATENCY_MILLIS = "5";

    private final Path folder;
    private final Path serverLog;
    private final RefundProcess server;
    private final String baseUrl;
    private final List<Path> files = new ArrayList<>();
    private final LedgerBook ledger;
    private final ChannelFile successes;
    private final ChannelFile errors;
    private final Singles singles = new Singles();

    CrashSite(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder).toAbsolutePath();
        ledger = new LedgerBook(this.folder.resolve("data"));
        successes = new ChannelFile(this.folder.resolve("channels").resolve("success.jsonl"));
        errors = new ChannelFile(this.folder.resolve("channels").resolve("error.jsonl"));
        serverLog = folder.resolve("posts.log").toAbsolutePath();
        server = RefundProcess.in(folder).jar(ServerJar.in(folder)).start("--log",
                serverLog.toString(), "--latency", LATENCY_MILLIS, "--token", "campaign");
        await().atMost(LONG).until(() -> server.stdout().endsWith("\n") || !server.isAlive());
        baseUrl = "http://127.0.0.1:" + server.stdout().trim().substring("listening ".length());
    }

    Path folder() {
        return folder;
    }

    Path outbox() {
        return folder.resolve("data").resolve("outbox");
    }

    LedgerBook ledger() {
        return ledger;
    }

    Singles singles() {
        return singles;
    }

    /** Makes the next file of rows that no other file has. */
    Path nextFile() throws IOException {
        String name = "batch" + files.size() + ".csv";
        CsvFiles rows = CsvFiles.rows(ROWS).from((long) files.size() * ROWS);
        Path file = rows.column("note", i -> i % 7 == 0 ? "a \"quoted\", note" : "")
                .writeTo(folder.resolve("in").resolve(name));
        if (files.size() % 2 == 1) {
            StringBuilder end = new StringBuilder();
            for (int i = 0; i < REPEATED; i++) {
                end.append('0').append(rows.pair(i).referenceid()).append(',').append(rows.pair(i).ackno())
                        .append(",again\n");
            }
            end.append("none,1,\n".repeat(NO_PAIRS));
            Files.writeString(file, end, StandardOpenOption.APPEND);
        }
        files.add(file);
        return file;
    }

    /** Drops a file into the inbox as writers should: under another name first. */
    void drop(Path file) throws IOException {
        Path inbox = Files.createDirectories(folder.resolve("data").resolve("inbox"));
        Path part = inbox.resolve(file.getFileName() + ".part");
        Files.copy(file, part, StandardCopyOption.REPLACE_EXISTING);
        Files.move(part, inbox.resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
    }

    void arm() throws IOException {
        if (Files.notExists(folder.resolve(KillPoint.ARMED))) {
            Files.createFile(folder.resolve(KillPoint.ARMED));
        }
    }

    void disarm() throws IOException {
        Files.deleteIfExists(folder.resolve(KillPoint.ARMED));
    }

    /** A process of the packaged application over this folder, not yet started. */
    RefundProcess.Launch process() {
        return RefundProcess.in(folder).archived().env("BOS_BASE_URL", baseUrl).env("BOS_TOKEN_VALUE", "campaign")
                .env("REFUND_CONCURRENCY", Integer.toString(CONCURRENCY)).env("REFUND_HTTP_PORT", "0")
                .env("REFUND_CHANNEL_SUCCESS", successes.uri()).env("REFUND_CHANNEL_ERROR", errors.uri())
                .env("REFUND_NODE", "campaign");
    }

    /** Waits until a file's batch has its results, unless the process ends before. */
    boolean awaitResults(Path file, RefundProcess process) {
        await("results of " + file).atMost(LONG).pollInterval(Duration.ofMillis(50))
                .until(() -> !results(file).isEmpty() || !process.isAlive());
        return !results(file).isEmpty();
    }

    /** Whether a file was taken out of the inbox. */
    boolean isClaimed(Path file) {
        return Files.notExists(folder.resolve("data").resolve("inbox").resolve(file.getFileName()));
    }

    /** Waits until nothing is left to do and nothing is owed to a channel, unless the process ends before. */
    void awaitSettled(RefundProcess process) {
        await("a settled ledger").atMost(LONG).pollInterval(Duration.ofMillis(50))
                .until(() -> ledger.isSettled() || !process.isAlive());
    }

    boolean hasResults(Path file) {
        return !results(file).isEmpty();
    }

    private List<Results> results(Path file) {
        return Results.finished(outbox(), stem(file));
    }

    private static String stem(Path file) {
        return file.getFileName().toString().replaceFirst("\\.csv$", "");
    }

    /**
     * Holds a file's results, the answers to callers and the channels against the ledger and against what the server saw,
     * once all is done.
     *
     * @return rows in doubt
     */
    long check(Path file, int kills) throws IOException {
        if (!ledger.isSettled()) {
            throw new AssertionError("something is left to do");
        }
        ledger.check();
        // A send that was killed when it was through is run again as a new batch, of duplicates.
        Path[] folders = results(file).stream().map(Results::folder).toArray(Path[]::new);
        PromiseCheck promise = PromiseCheck.ofLog(serverLog).inFlight((long) kills * CONCURRENCY).file(file, folders);
        singles.check(ledger, promise);
        promise.verify();
        List<LedgerBook.Told> others = ledger.outcomes(false);
        successes.check(ledger.outcomes(true), kills);
        errors.check(others, kills);
        ledger.mark();
        return others.stream().filter(outcome -> outcome.outcome().equals("IN_DOUBT")).count();
    }

    /** Whether a command that ends now may say that all is well. */
    boolean isAllSuccess(Path file) {
        List<Results> found = results(file);
        String last = found.get(found.size() - 1).folder().getFileName().toString();
        return ledger.ask("""
                SELECT 1 FROM refund r JOIN batch b ON b.number = r.batch
                LEFT JOIN refund h ON h.batch = r.repeats_batch AND h.line = r.repeats_line
                WHERE b.id = ? AND r.outcome <> 'SUCCESS' AND (h.outcome IS NULL OR h.outcome <> 'SUCCESS')""", last)
                .isEmpty();
    }

    /** What was checked beside the files. */
    String figures() {
        return singles.asked() + " single refunds; the success channel was told " + successes.figures()
                + ", the error channel " + errors.figures() + ".";
    }

    @Override
    public void close() {
        server.close();
    }
}
