// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.security.KeyPair;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.Pair;
import center.bos.refund.testkit.PromiseCheck;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;
import center.bos.refund.testkit.SftpHost;

/** Files that come from an SFTP server, and results that go back there. */
@Execution(ExecutionMode.CONCURRENT)
class SftpIT {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final int CONCURRENCY = 32;

    @TempDir
    Path folder;
    private BosServer bos;
    private SftpHost erp;

    @BeforeEach
    void start() {
        bos = BosServer.start();
        erp = SftpHost.start(folder.resolve("erp"));
    }

    @AfterEach
    void stop() {
        erp.close();
        bos.close();
    }

    private Path service() {
        return folder.resolve("service");
    }

    private RefundProcess.Launch launch() throws IOException {
        Files.createDirectories(service());
        return RefundProcess.in(service()).archived().against(bos).env("REFUND_SFTP_HOST", "127.0.0.1")
                .env("REFUND_SFTP_PORT", Integer.toString(erp.port())).env("REFUND_SFTP_USER", SftpHost.USER)
                .env("REFUND_SFTP_DELAY", "500ms");
    }

    private RestService serve() throws IOException {
        return RestService.start(launch().env("REFUND_SFTP_PASSWORD", SftpHost.PASSWORD)
                .env("REFUND_SFTP_KNOWN_HOSTS", erp.knownHosts(service().resolve("known_hosts")).toString()),
                service());
    }

    private void drop(String name, CsvFiles rows) throws IOException {
        Path part = rows.writeTo(erp.inbox().resolve(name + ".part"));
        Files.move(part, erp.inbox().resolve(name));
    }

    private Results results(String stem) {
        return Results.await(erp.outbox(), stem, SOON);
    }

    private void assertSentOnce(CsvFiles rows) {
        for (Pair pair : rows.pairs()) {
            assertThat(bos.postsFor(pair.referenceid(), pair.ackno())).as(pair.toString()).hasSize(1);
        }
    }

    private static List<String> names(Path folder) {
        return new DataTree(folder).names(folder);
    }

    private static long count(String text, String part) {
        return text.lines().filter(line -> line.contains(part)).count();
    }

    @Test
    void fetchesAFileAndPutsItsResultsBack() throws Exception {
        bos.reply(post -> Long.parseLong(post.ackno()) % 5 == 0 ? Reply.code(200, 2) : Reply.success());
        CsvFiles rows = CsvFiles.rows(40).from(1_000);
        drop("refunds.csv", rows);
        try (RestService service = serve()) {
            Results back = results("refunds");
            String batch = back.summary().batch();

            assertThat(back.success()).hasSize(32);
            assertThat(back.error()).hasSize(8);
            assertThat(back.summary().file()).isEqualTo("refunds.csv");
            assertThat(names(back.folder())).containsExactly("error.csv", "success.csv", "summary.json");
            for (String name : names(back.folder())) {
                assertThat(back.folder().resolve(name))
                        .hasSameBinaryContentAs(service.data().resolve("outbox").resolve(batch).resolve(name));
            }
            await().atMost(SOON).until(() -> names(erp.inbox()).equals(List.of(".done")));
            assertThat(names(erp.inbox().resolve(".done"))).containsExactly(batch + ".csv");
            assertThat(names(service.data().resolve(".uploads"))).isEmpty();
            assertThat(service.process().output()).doesNotContain(SftpHost.PASSWORD).doesNotContain("ERROR");

            service.process().terminate();
            assertThat(service.process().waitFor(SOON)).isZero();
        }
        assertSentOnce(rows);
    }

    @Test
    void foldersThatBeginWithASlashAreLookedForFromTheServersRoot() throws Exception {
        erp.close();
        erp = SftpHost.startWithHome(folder.resolve("erp"), folder.resolve("homes"));
        CsvFiles rows = CsvFiles.rows(5).from(5_000);
        drop("rooted.csv", rows);
        try (RestService service = RestService.start(launch().env("REFUND_SFTP_PASSWORD", SftpHost.PASSWORD)
                .env("REFUND_SFTP_KNOWN_HOSTS", erp.knownHosts(service().resolve("known_hosts")).toString())
                .env("REFUND_SFTP_INBOX", erp.inbox().toString())
                .env("REFUND_SFTP_OUTBOX", erp.outbox().toString()), service())) {
            assertThat(results("rooted").summary().success()).isEqualTo(5);
            await().atMost(SOON).until(() -> names(erp.inbox()).equals(List.of(".done")));
            assertThat(service.process().output()).doesNotContain("ERROR");
        }
        assertSentOnce(rows);
    }

    @Test
    void saysWhyAFetchedFileCannotBeTakenAndTakesItOnceItCan() throws Exception {
        try (RestService service = serve()) {
            Path archive = service.data().resolve("archive");
            await().atMost(SOON).until(() -> Files.isDirectory(archive));
            try (Stream<Path> inside = Files.walk(archive)) {
                for (Path path : inside.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
            Files.writeString(archive, "in the way");
            CsvFiles rows = CsvFiles.rows(5).from(6_000);
            drop("blocked.csv", rows);
            String line = "blocked.csv was fetched and cannot be taken, so it stays on the SFTP server 127.0.0.1,"
                    + " tried again every refund.sftp.delay: ";
            await().atMost(SOON).until(() -> service.process().output().contains(line));
            assertThat(service.process().output().split(line, 2)[1]).contains("archive");
            assertThat(service.process().output()).doesNotContain("Rollback");
            Files.delete(archive);
            Files.createDirectories(archive);

            assertThat(results("blocked").summary().success()).isEqualTo(5);
            assertSentOnce(rows);
        }
    }

    @Test
    void aListedNameThatIsAPathIsNotFetched() throws Exception {
        // by the path that is listed: the file with which the server answers
        Map<String, String> paths = Map.of("../outside.csv", "outside.csv", "../../other.csv", "other.csv",
                "below/inside.csv", "inbox/below/inside.csv");
        paths.forEach((path, file) -> {
            CsvFiles rows = CsvFiles.rows(1).from(90_000 + path.length());
            rows.writeTo(folder.resolve("erp").resolve(file));
            String listed = rows.writeTo(erp.inbox().resolve(path.length() + ".listed")).getFileName().toString();
            erp.listAs(listed, path);
        });
        CsvFiles first = CsvFiles.rows(1).from(91_000);
        CsvFiles second = CsvFiles.rows(1).from(92_000);
        try (RestService service = serve()) {
            // a file is taken at the second look
            drop("first.csv", first);
            results("first");
            drop("second.csv", second);
            results("second");
            assertThat(names(service.data())).doesNotContain("outside.csv");
            assertThat(names(service())).doesNotContain("other.csv");
            assertThat(names(service.data().resolve(".uploads"))).isEmpty();
        }
        assertSentOnce(first);
        assertSentOnce(second);
        assertThat(bos.postCount()).isEqualTo(2);
    }

    @Test
    void theSameContentOnAnotherDayIsAnotherBatchOfDuplicates() throws Exception {
        CsvFiles rows = CsvFiles.rows(5).from(2_000);
        drop("daily.csv", rows);
        try (RestService service = serve()) {
            String first = results("daily").summary().batch();
            await().atMost(SOON).until(() -> names(erp.inbox()).equals(List.of(".done")));
            Path again = rows.writeTo(erp.inbox().resolve("daily.csv.part"));
            Files.setLastModifiedTime(again, FileTime.from(Instant.parse("2026-01-31T10:15:30Z")));
            Files.move(again, erp.inbox().resolve("daily.csv"));

            Results second = results("daily-20260131T101530");
            assertThat(second.summary().batch()).isNotEqualTo(first);
            assertThat(second.summary().duplicate()).isEqualTo(5);
        }
        assertSentOnce(rows);
    }

    @Test
    void aFileThatCannotBeUsedComesBackWithTheReason() throws Exception {
        Files.writeString(erp.inbox().resolve("wrong.csv"), "not,what,is,needed\n1,2,3,4\n");
        try (RestService service = serve()) {
            Results back = results("wrong");

            assertThat(back.summary().state()).isEqualTo("refused");
            assertThat(names(back.folder())).containsExactly("summary.json");
            await().atMost(SOON).until(() -> names(erp.inbox()).equals(List.of(".done")));
            assertThat(names(service.data().resolve("archive/refused"))).hasSize(1);
        }
        assertThat(bos.postCount()).isZero();
    }

    @Test
    void aFileThatIsStillBeingWrittenIsNotTaken() throws Exception {
        CsvFiles rows = CsvFiles.rows(200).from(3_000);
        byte[] content = Files.readAllBytes(rows.writeTo(folder.resolve("made.csv")));
        Path target = erp.inbox().resolve("slow.csv");
        Path part = erp.inbox().resolve("never.csv.part");
        Files.write(part, content);
        try (RestService service = serve()) {
            Instant begun = Instant.now();
            int pieces = 24;
            for (int piece = 1; piece <= pieces; piece++) {
                int from = content.length * (piece - 1) / pieces;
                byte[] next = java.util.Arrays.copyOfRange(content, from, content.length * piece / pieces);
                Files.write(target, next, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
                Instant until = begun.plusMillis(200L * piece);
                await().pollInterval(Duration.ofMillis(20)).until(() -> Instant.now().isAfter(until));
            }
            assertThat(results("slow").summary().success()).isEqualTo(200);
            assertThat(part).exists();
            assertThat(names(service.data().resolve("outbox"))).hasSize(1);
        }
        assertSentOnce(rows);
    }

    @Test
    void aConnectionThatIsLostInTheMiddleOfAFileLosesNothing() throws Exception {
        CsvFiles rows = CsvFiles.rows(400).from(4_000).column("note", line -> "x".repeat(500));
        erp.cutReads(3);
        drop("cut.csv", rows);
        try (RestService service = serve()) {
            assertThat(results("cut").summary().success()).isEqualTo(400);

            assertThat(erp.cutsLeft()).isZero();
            assertThat(names(service.data().resolve("outbox"))).hasSize(1);
            assertThat(names(service.data().resolve(".uploads"))).isEmpty();
            assertThat(service.process().output().lines().filter(line -> line.contains("cannot be fetched"))
                    .map(line -> line.replaceFirst(".*cannot", ""))).isNotEmpty().doesNotHaveDuplicates();
        }
        assertSentOnce(rows);
    }

    @Test
    void aKillBetweenTheFetchAndTheMoveOnTheServerCallsNobodyTwice() throws Exception {
        CsvFiles rows = CsvFiles.rows(50).from(5_000);
        Path input = rows.writeTo(folder.resolve("killed.csv"));
        drop("killed.csv", rows);
        CountDownLatch asked = erp.holdMoves();
        try (RestService service = serve()) {
            assertThat(asked.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
            service.process().kill9();
        }
        erp.letMoves();
        assertThat(erp.inbox().resolve("killed.csv")).exists();
        try (RestService service = serve()) {
            Results back = results("killed");

            assertThat(back.summary().success() + back.summary().inDoubt()).isEqualTo(50);
            await().atMost(SOON).until(() -> names(erp.inbox()).equals(List.of(".done")));
            assertThat(names(service.data().resolve("outbox"))).containsExactly(back.summary().batch());
            assertThat(names(erp.outbox())).containsExactly(back.summary().batch());
            // a row that the kill hit between its claim and its call was not sent, and is in doubt like the others
            PromiseCheck.of(bos).inFlight(CONCURRENCY).file(input, back.folder()).verify();
        }
    }

    @Test
    void resultsWaitForAServerThatIsAwayAndOutliveAKill() throws Exception {
        CsvFiles rows = CsvFiles.rows(20).from(6_000);
        bos.reply(Reply.success().after(Duration.ofSeconds(2)));
        drop("away.csv", rows);
        try (RestService service = serve()) {
            await().atMost(SOON).until(() -> names(erp.inbox()).equals(List.of(".done")));
            erp.stop();
            Results.await(service.data().resolve("outbox"), "away", SOON);
            await().atMost(SOON).until(() -> service.process().output().contains("Results cannot be put"));
            service.process().kill9();
        }
        assertThat(erp.outbox()).doesNotExist();
        try (RestService service = serve()) {
            await().atMost(SOON).until(() -> service.process().output().contains("Results cannot be put"));
            await().pollDelay(Duration.ofSeconds(4)).until(() -> true);
            assertThat(count(service.process().output(), "SFTP server")).isEqualTo(2); // each way once
            assertThat(count(service.process().output(), "\tat ")).isZero();
            erp.startAgain();

            assertThat(results("away").summary().success()).isEqualTo(20);
            await().atMost(SOON).until(() -> service.process().output().contains("are on the SFTP server"));
        }
        assertSentOnce(rows);
    }

    @Test
    void anotherHostKeyIsToldAndGetsNoPassword() throws Exception {
        drop("other.csv", CsvFiles.rows(1).from(7_000));
        Path known = erp.wrongKnownHosts(Files.createDirectories(service()).resolve("known_hosts"));
        try (RestService service = RestService.start(launch().env("REFUND_SFTP_PASSWORD", SftpHost.PASSWORD)
                .env("REFUND_SFTP_KNOWN_HOSTS", known.toString()), service())) {
            await().atMost(SOON).until(() -> service.process().output().contains("its host key is not the one in"));
            Files.writeString(known, "# nothing is known\n");
            await().atMost(SOON).until(() -> count(service.process().output(), "its host key is not the one") == 2);
        }
        assertThat(erp.logins()).isZero();
        assertThat(erp.inbox().resolve("other.csv")).exists();
        assertThat(Files.readString(known)).isEqualTo("# nothing is known\n");
    }

    @Test
    void doesNotStartWithoutTheHostKeyOrALogin() throws Exception {
        Path known = erp.knownHosts(Files.createDirectories(service()).resolve("known_hosts"));
        assertThat(refusal(launch().env("REFUND_SFTP_PASSWORD", "x"))).contains("refund.sftp.known-hosts is not set");
        assertThat(refusal(launch().env("REFUND_SFTP_PASSWORD", "x").env("REFUND_SFTP_KNOWN_HOSTS", "missing")))
                .contains("refund.sftp.known-hosts: missing cannot be read");
        assertThat(refusal(launch().env("REFUND_SFTP_KNOWN_HOSTS", known.toString())))
                .contains("refund.sftp.password and refund.sftp.private-key are not set");
        assertThat(erp.logins()).isZero();
    }

    private static String refusal(RefundProcess.Launch launch) {
        try (RefundProcess process = launch.env("REFUND_HTTP_PORT", Integer.toString(RestService.freePort()))
                .start("serve")) {
            assertThat(process.waitFor(Duration.ofSeconds(60))).isEqualTo(2);
            return process.output();
        }
    }

    @Test
    void logsInWithAPrivateKey() throws Exception {
        KeyPair key = SftpHost.rsa();
        erp.accept(key.getPublic());
        Path file = Files.createDirectories(service()).resolve("id_rsa");
        Files.writeString(file, "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[]{'\n'}).encodeToString(key.getPrivate().getEncoded())
                + "\n-----END PRIVATE KEY-----\n");
        drop("key.csv", CsvFiles.rows(3).from(8_000));
        try (RestService service = RestService.start(launch().env("REFUND_SFTP_PRIVATE_KEY", file.toString())
                .env("REFUND_SFTP_KNOWN_HOSTS", erp.knownHosts(service().resolve("known_hosts")).toString()),
                service())) {
            assertThat(results("key").summary().success()).isEqualTo(3);
            assertThat(service.process().isAlive()).isTrue();
        }
        assertThat(erp.logins()).isZero();
    }
}
