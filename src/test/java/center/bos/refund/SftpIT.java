// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import org.apache.camel.util.FileUtil;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

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
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SftpIT {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final int CONCURRENCY = 32;

    @TempDir
    static Path folder;
    private static BosServer bos;
    private static SftpHost erp;
    private static RestService service;

    private long postsBefore;
    private int saidBefore;

    @BeforeAll
    static void start() {
        bos = BosServer.start();
        erp = SftpHost.start(folder.resolve("erp"));
    }

    @AfterAll
    static void stop() {
        if (service != null) {
            service.close();
        }
        erp.close();
        bos.close();
    }

    /** A service that a test ended is started by the next. */
    @BeforeEach
    void isServing() throws IOException {
        if (service == null || !service.process().isAlive()) {
            service = serve();
        }
        bos.reply(Reply.success());
        postsBefore = bos.postCount();
        saidBefore = service.process().stdout().length();
    }

    private static RestService serve() throws IOException {
        Path home = Files.createDirectories(folder.resolve("service"));
        return RestService.start(RefundProcess.in(home).archived().against(bos).env("REFUND_SFTP_HOST", "127.0.0.1")
                .env("REFUND_SFTP_PORT", Integer.toString(erp.port())).env("REFUND_SFTP_USER", SftpHost.USER)
                .env("REFUND_SFTP_PASSWORD", SftpHost.PASSWORD).env("REFUND_SFTP_DELAY", "500ms")
                .env("REFUND_SFTP_KNOWN_HOSTS", erp.knownHosts(home.resolve("known_hosts")).toString()), home);
    }

    /** What the service said in this test. */
    private String said() {
        return service.process().stdout().substring(saidBefore);
    }

    /** The batches of files of that stem. */
    private static List<String> batches(Path outbox, String stem) {
        return names(outbox).stream().filter(name -> name.startsWith(stem + "-")).toList();
    }

    private static void drop(String name, CsvFiles rows) throws IOException {
        Path part = rows.writeTo(erp.inbox().resolve(name + ".part"));
        Files.move(part, erp.inbox().resolve(name));
    }

    private static Results results(String stem) {
        return Results.await(erp.outbox(), stem, SOON);
    }

    private static void assertSentOnce(CsvFiles rows) {
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
    @Order(Integer.MAX_VALUE) // it ends the service
    void fetchesAFileAndPutsItsResultsBack() throws Exception {
        bos.reply(post -> Long.parseLong(post.ackno()) % 5 == 0 ? Reply.code(200, 2) : Reply.success());
        CsvFiles rows = CsvFiles.rows(40).from(1_000);
        drop("refunds.csv", rows);
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
        assertThat(names(erp.inbox().resolve(".done"))).contains(batch + ".csv");
        assertThat(names(service.data().resolve(".uploads"))).isEmpty();
        assertThat(said()).doesNotContain("ERROR");
        assertThat(service.process().output()).doesNotContain(SftpHost.PASSWORD);

        service.process().terminate();
        assertThat(service.process().waitFor(SOON)).isZero();
        assertSentOnce(rows);
    }

    @Test
    void saysWhyAFetchedFileCannotBeTakenAndTakesItOnceItCan() throws Exception {
        Path archive = service.data().resolve("archive");
        Path aside = Files.move(archive, service.data().resolve("aside"));
        Files.writeString(archive, "in the way");
        CsvFiles rows = CsvFiles.rows(5).from(6_000);
        drop("blocked.csv", rows);
        String line = "blocked.csv was fetched and cannot be taken, so it stays on the SFTP server 127.0.0.1,"
                + " tried again every refund.sftp.delay: ";
        await().atMost(SOON).until(() -> said().contains(line));
        assertThat(said().split(line, 2)[1]).contains("archive");
        assertThat(said()).doesNotContain("Rollback");
        Files.delete(archive);
        Files.move(aside, archive);

        assertThat(results("blocked").summary().success()).isEqualTo(5);
        assertSentOnce(rows);
    }

    @Test
    void aLinkIsNamedWhetherItLeadsToAFileOrNowhereAndHoldsUpNoOtherFile() throws Exception {
        Path gone = Files.createSymbolicLink(erp.inbox().resolve("gone.csv"), Path.of("nowhere.csv"));
        await().atMost(SOON).until(() -> said().contains("inbox/gone.csv: SftpException: No such file"));
        drop("other.csv", CsvFiles.rows(1).from(6_100));
        assertThat(results("other").summary().success()).isEqualTo(1);
        Files.delete(gone);
        Path elsewhere = CsvFiles.rows(5).writeTo(folder.resolve("elsewhere.csv"));
        Path linked = Files.createSymbolicLink(erp.inbox().resolve("linked.csv"), elsewhere);
        await().atMost(SOON).until(() -> said().contains("linked.csv was fetched and cannot be taken"));
        assertThat(said()).contains("it has " + Files.size(elsewhere) + " bytes in place of", "or it is a link");
        Files.delete(linked);
        assertThat(bos.postCount() - postsBefore).as("only the other file's").isEqualTo(1);
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
        // a file is taken at the second look
        drop("first.csv", first);
        results("first");
        drop("second.csv", second);
        results("second");
        assertThat(names(service.data())).doesNotContain("outside.csv");
        assertThat(names(folder.resolve("service"))).doesNotContain("other.csv");
        assertThat(names(service.data().resolve(".uploads"))).isEmpty();
        assertSentOnce(first);
        assertSentOnce(second);
        assertThat(bos.postCount() - postsBefore).isEqualTo(2);
        for (String path : paths.keySet()) {
            Files.delete(erp.inbox().resolve(path.length() + ".listed"));
        }
        FileUtil.removeDir(erp.inbox().resolve("below").toFile());
    }

    @Test
    void theSameContentOnAnotherDayIsAnotherBatchOfDuplicates() throws Exception {
        CsvFiles rows = CsvFiles.rows(5).from(2_000);
        drop("daily.csv", rows);
        String first = results("daily").summary().batch();
        await().atMost(SOON).until(() -> names(erp.inbox()).equals(List.of(".done")));
        Path again = rows.writeTo(erp.inbox().resolve("daily.csv.part"));
        Files.setLastModifiedTime(again, FileTime.from(Instant.parse("2026-01-31T10:15:30Z")));
        Files.move(again, erp.inbox().resolve("daily.csv"));

        Results second = results("daily-20260131T101530");
        assertThat(second.summary().batch()).isNotEqualTo(first);
        assertThat(second.summary().duplicate()).isEqualTo(5);
        assertSentOnce(rows);
    }

    @Test
    void aNameWithAQuestionMarkOrAStarIsNoPattern() throws Exception {
        CsvFiles rows = CsvFiles.rows(2).from(2_500);
        drop("paid?*.csv", rows);
        assertThat(results("paid__").summary().success()).isEqualTo(2);
        await().atMost(SOON).until(() -> !names(erp.inbox()).contains("paid?*.csv"));
        assertSentOnce(rows);
    }

    @Test
    void aFileThatCannotBeUsedComesBackWithTheReason() throws Exception {
        Files.writeString(erp.inbox().resolve("wrong.csv"), "not,what,is,needed\n1,2,3,4\n");

        Results back = results("wrong");

        assertThat(back.summary().state()).isEqualTo("refused");
        assertThat(names(back.folder())).containsExactly("summary.json");
        await().atMost(SOON).until(() -> names(erp.inbox()).equals(List.of(".done")));
        assertThat(names(service.data().resolve("archive/refused"))).singleElement().asString().startsWith("wrong-");
        assertThat(bos.postCount()).isEqualTo(postsBefore);
    }

    @Test
    void aFileThatIsStillBeingWrittenIsNotTaken() throws Exception {
        CsvFiles rows = CsvFiles.rows(200).from(3_000);
        byte[] content = Files.readAllBytes(rows.writeTo(folder.resolve("made.csv")));
        Path target = erp.inbox().resolve("slow.csv");
        Path part = erp.inbox().resolve("never.csv.part");
        Files.write(part, content);
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
        assertThat(batches(service.data().resolve("outbox"), "slow")).hasSize(1);
        Files.delete(part); // which is still there
        assertSentOnce(rows);
    }

    @Test
    void aConnectionThatIsLostInTheMiddleOfAFileLosesNothing() throws Exception {
        CsvFiles rows = CsvFiles.rows(400).from(4_000).column("note", line -> "x".repeat(500));
        erp.cutReads(3);
        drop("cut.csv", rows);
        assertThat(results("cut").summary().success()).isEqualTo(400);

        assertThat(erp.cutsLeft()).isZero();
        assertThat(batches(service.data().resolve("outbox"), "cut")).hasSize(1);
        assertThat(names(service.data().resolve(".uploads"))).isEmpty();
        assertThat(said().lines().filter(line -> line.contains("cannot be fetched"))
                .map(line -> line.replaceFirst(".*cannot", ""))).isNotEmpty().doesNotHaveDuplicates();
        assertSentOnce(rows);
    }

    @Test
    void aKillBetweenTheFetchAndTheMoveOnTheServerCallsNobodyTwice() throws Exception {
        CsvFiles rows = CsvFiles.rows(50).from(5_000);
        Path input = rows.writeTo(folder.resolve("killed.csv"));
        CountDownLatch asked = erp.holdMoves();
        drop("killed.csv", rows);
        assertThat(asked.await(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        service.process().kill9();
        erp.letMoves();
        assertThat(erp.inbox().resolve("killed.csv")).exists();
        service = serve();
        Results back = results("killed");

        assertThat(back.summary().success() + back.summary().inDoubt()).isEqualTo(50);
        await().atMost(SOON).until(() -> names(erp.inbox()).equals(List.of(".done")));
        assertThat(batches(service.data().resolve("outbox"), "killed")).containsExactly(back.summary().batch());
        assertThat(batches(erp.outbox(), "killed")).containsExactly(back.summary().batch());
        // a row that the kill hit between its claim and its call was not sent, and is in doubt like the others
        PromiseCheck.of(bos).inFlight(CONCURRENCY).file(input, back.folder()).verify();
    }

    @Test
    void resultsWaitForAServerThatIsAwayAndOutliveAKill() throws Exception {
        CsvFiles rows = CsvFiles.rows(20).from(7_000);
        bos.reply(Reply.success().after(Duration.ofSeconds(2)));
        drop("away.csv", rows);
        await().atMost(SOON).until(() -> names(erp.inbox()).equals(List.of(".done")));
        erp.stop();
        Results.await(service.data().resolve("outbox"), "away", SOON);
        await().atMost(SOON).until(() -> said().contains("Results cannot be put"));
        service.process().kill9();
        assertThat(batches(erp.outbox(), "away")).isEmpty();
        service = serve();
        await().atMost(SOON).until(() -> service.process().output().contains("Results cannot be put"));
        await().pollDelay(Duration.ofSeconds(4)).until(() -> true);
        assertThat(count(service.process().output(), "SFTP server")).isEqualTo(2); // each way once
        assertThat(count(service.process().output(), "\tat ")).isZero();
        erp.startAgain();

        assertThat(results("away").summary().success()).isEqualTo(20);
        await().atMost(SOON).until(() -> service.process().output().contains("are on the SFTP server"));
        assertSentOnce(rows);
    }

    @Test
    void noSummarySaysThatResultsAreCompleteWhileNewOnesAreOnTheirWay() throws Exception {
        CsvFiles rows = CsvFiles.rows(3).from(8_000);
        bos.reply(post -> post.ackno().equals(rows.pair(0).ackno()) ? Reply.html(500) : Reply.success());
        drop("again.csv", rows);
        Results first = results("again");
        assertThat(first.summary().inDoubt()).isEqualTo(1);
        await().atMost(SOON).until(() -> said().contains("are on the SFTP server"));
        Path error = first.folder().resolve("error.csv");
        Files.delete(error);
        Files.createDirectories(error.resolve("in the way"));
        bos.reply(Reply.success());

        service.json("/batches/" + first.summary().batch() + "/resend", "{\"all\":true}");

        await().atMost(SOON).until(() -> said().contains("Results cannot be put"));
        assertThat(names(first.folder())).contains("success.csv").doesNotContain("summary.json");
        Files.delete(error.resolve("in the way"));
        Files.delete(error);
        await().atMost(SOON).until(() -> Files.exists(first.folder().resolve("summary.json")));
        assertThat(results("again").summary().success()).isEqualTo(3);
        assertThat(said()).containsPattern("Results cannot be put .*: Cannot .*/error.csv: SftpException: ")
                .doesNotContain("RemoteFileProducer"); // Camel's own line, at each try
    }
}
