package center.bos.refund.crash;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.PromiseCheck;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;
import center.bos.refund.testkit.ServerJar;

/** One data folder, a BOS server beside it in a process of its own, and the processes that are killed over it. */
final class CrashSite implements AutoCloseable {
    static final int CONCURRENCY = 16;
    static final int ROWS = 800;
    static final Duration LONG = Duration.ofSeconds(90);
    private static final String LATENCY_MILLIS = "5";

    private final Path folder;
    private final Path serverLog;
    private final RefundProcess server;
    private final String baseUrl;
    private final List<Path> files = new ArrayList<>();
    private final Singles singles = new Singles();
    private final int port = RestService.freePort();

    CrashSite(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
        serverLog = folder.resolve("posts.log").toAbsolutePath();
        server = RefundProcess.in(folder).jar(ServerJar.in(folder)).jvmArg("-XX:TieredStopAtLevel=1").start("--log",
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

    /** Makes the next file of rows that no other file has. */
    Path nextFile() {
        String name = "batch" + files.size() + ".csv";
        Path file = CsvFiles.rows(ROWS).from((long) files.size() * ROWS)
                .column("note", i -> i % 7 == 0 ? "a \"quoted\", note" : "")
                .writeTo(folder.resolve("in").resolve(name));
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

    /** Lets callers ask for single refunds until the process is gone. */
    void callersOf(RefundProcess process) {
        singles.call(process, port);
    }

    /** Holds what callers were told against the ledger, once all is done. */
    int checkCallers() throws SQLException {
        try (Connection connection = ledger()) {
            singles.check(connection);
        }
        return singles.answered();
    }

    private Connection ledger() throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("data").resolve("ledger.db"));
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
                .env("REFUND_CONCURRENCY", Integer.toString(CONCURRENCY))
                .env("REFUND_HTTP_PORT", Integer.toString(port))
                .env("REFUND_NODE", "campaign")
                .env("REFUND_CHANNEL_SUCCESS", Channels.to(folder.resolve("channels").toAbsolutePath(), "success"))
                .env("REFUND_CHANNEL_ERROR", Channels.to(folder.resolve("channels").toAbsolutePath(), "error"))
                .jvmArg("-XX:TieredStopAtLevel=1").jvmArg("-XX:+UseSerialGC");
    }

    /** Waits until a file's batch has its results, unless the process ends before. */
    boolean awaitResults(Path file, RefundProcess process) {
        await("results of " + file).atMost(LONG).pollInterval(Duration.ofMillis(50))
                .until(() -> !results(file).isEmpty() || !process.isAlive());
        return !results(file).isEmpty();
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
     * Holds a file's results against what the server saw.
     *
     * @return its rows in doubt
     */
    long check(Path file, int kills) {
        List<Results> found = results(file);
        // A send that was killed when it was through is run again as a new batch, of duplicates.
        Path[] folders = found.stream().map(Results::folder).toArray(Path[]::new);
        PromiseCheck.ofLog(serverLog).inFlight((long) kills * CONCURRENCY).file(file, folders).verify();
        return found.stream().mapToLong(results -> results.summary().inDoubt()).sum();
    }

    /** Asks SQLite whether the ledger is sound. */
    void checkLedger() throws SQLException {
        try (Connection connection = ledger();
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("PRAGMA integrity_check")) {
            found.next();
            if (!"ok".equals(found.getString(1))) {
                throw new AssertionError("the ledger is broken: " + found.getString(1));
            }
        }
    }

    /** Holds what reached the channels against the ledger, once all is done and no process runs. */
    void checkChannels() throws Exception {
        Channels found = Channels.in(folder.resolve("channels"));
        Channels expected = new Channels(rows("outcome = 'SUCCESS'"), rows("outcome <> 'SUCCESS'"));
        if (!found.equals(expected)) {
            throw new AssertionError("the channels hold " + found + ", not " + expected);
        }
    }

    private int rows(String which) throws SQLException {
        try (Connection connection = ledger();
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("SELECT count(*) FROM refund WHERE " + which)) {
            found.next();
            return found.getInt(1);
        }
    }

    @Override
    public void close() {
        server.close();
    }
}
