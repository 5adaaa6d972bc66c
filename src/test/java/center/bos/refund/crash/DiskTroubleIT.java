// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.PromiseCheck;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;

@Execution(ExecutionMode.CONCURRENT)
class DiskTroubleIT {

    private static final Duration LONG = Duration.ofSeconds(120);
    private static final Duration QUIET = Duration.ofSeconds(3);
    private static final int ROWS = 4_000;
    private static final int CONCURRENCY = 8;
    /** Of the writer and of those who read. */
    private static final int MOST_CONNECTIONS = 12;
    private static final CsvFiles FILE = CsvFiles.rows(ROWS);

    @TempDir
    Path folder;

    private BosServer bos;

    @BeforeEach
    void start() {
        // so slow after a while that the trouble comes before the rows are through, however busy the machine
        bos = BosServer.start().reply(post -> Reply.success().after(Duration.ofMillis(post.number() < 250 ? 10 : 200)));
    }

    @AfterEach
    void stop() {
        bos.close();
    }

    @Test
    void sendsNothingWhileTheDiskIsFullAndGoesOnWhenThereIsRoom() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"))) {
            Path work = disk.folder();
            FILE.writeTo(work.resolve("data").resolve("inbox").resolve("in.csv"));
            Path copy = FILE.writeTo(folder.resolve("copy.csv"));
            try (RestService rest = RestService.start(process(work), work)) {
                RefundProcess service = rest.process();
                await().atMost(LONG).until(() -> bos.postCount() > 200);
                disk.fill(service);
                awaitQuiet();
                assertThat(bos.postCount()).isLessThan(ROWS);
                await().atMost(LONG).untilAsserted(() -> assertThat(service.stdout())
                        .containsAnyOf("nothing is sent until it can", "nothing is sent until it runs again"));
                assertThat(rest.post("/batches", "text/csv", "referenceid,ackno\n31000000001,7\n").status())
                        .isEqualTo(503);
                // a connection for each try, and none of them stays
                assertThat(openFiles(service, "ledger.db")).isLessThan(MOST_CONNECTIONS);

                bos.reply(Reply.success());
                disk.makeRoom(service);

                Results results = Results.await(work.resolve("data").resolve("outbox"), "in", LONG);
                PromiseCheck.of(bos).file(copy, results.folder()).verify();
                assertThat(results.summary().success()).isEqualTo(ROWS);
            }
            assertSound(work);
        }
    }

    @Test
    void sendsNothingWhileAnotherProcessLocksTheLedgerAndGoesOnAfterwards() throws Exception {
        Path input = FILE.writeTo(folder.resolve("in.csv"));
        try (RefundProcess command = process(folder).start("send", input.toString())) {
            await().atMost(LONG).until(() -> bos.postCount() > 200);
            try (Connection other = ledger(folder); Statement statement = other.createStatement()) {
                statement.execute("PRAGMA busy_timeout = 30000");
                statement.execute("BEGIN EXCLUSIVE");
                awaitQuiet();
                assertThat(bos.postCount()).isLessThan(ROWS);
                Path log = folder.resolve("data").resolve("refund.log");
                await().atMost(LONG).until(() -> Files.readString(log).contains("nothing is sent until it can"));
                bos.reply(Reply.success());
            }
            assertThat(command.waitFor(LONG)).isZero();
        }
        Path outbox = folder.resolve("data").resolve("outbox");
        PromiseCheck.of(bos).file(input, Results.await(outbox, "in", LONG).folder()).verify();
        assertThat(bos.postCount()).isEqualTo(ROWS);
        assertSound(folder);
    }

    @Test
    void refusesToStartOverADataFolderThatCannotBeWritten() throws Exception {
        try (SmallDisk disk = SmallDisk.mount(folder.resolve("disk"))) {
            Path input = FILE.writeTo(folder.resolve("in.csv"));
            Path data = disk.readOnly();
            try (RefundProcess command = process(folder).env("REFUND_DATA", data.toString()).start("send",
                    input.toString())) {
                assertThat(command.waitFor(LONG)).isEqualTo(2);
                assertThat(command.stderr()).contains(data.toString()).contains("cannot be written");
            }
        }
        assertThat(bos.postCount()).isZero();
    }

    private static long openFiles(RefundProcess process, String name) throws IOException {
        try (Stream<Path> files = Files.list(Path.of("/proc", Long.toString(process.pid()), "fd"))) {
            return files.filter(file -> {
                try {
                    return Files.readSymbolicLink(file).endsWith(name);
                } catch (IOException closedMeanwhile) {
                    return false;
                }
            }).count();
        }
    }

    /** Waits until no call has been made for a while. */
    private void awaitQuiet() {
        long[] last = {-1};
        await().atMost(LONG).pollInterval(QUIET).until(() -> last[0] == (last[0] = bos.postCount()));
    }

    private static Connection ledger(Path work) throws Exception {
        return DriverManager.getConnection("jdbc:sqlite:" + work.resolve("data").resolve("ledger.db"));
    }

    private static void assertSound(Path work) throws Exception {
        try (Connection connection = ledger(work); Statement statement = connection.createStatement()) {
            assertThat(statement.executeQuery("PRAGMA integrity_check").getString(1)).isEqualTo("ok");
        }
    }

    private RefundProcess.Launch process(Path work) {
        return RefundProcess.in(work).archived().against(bos).env("REFUND_HTTP_PORT", "0")
                .env("REFUND_CONCURRENCY", Integer.toString(CONCURRENCY));
    }
}
