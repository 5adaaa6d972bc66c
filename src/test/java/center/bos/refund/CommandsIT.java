// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.Login;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;
import center.bos.refund.testkit.SelfSigned;

/** The commands beside {@code send}, as a person or a script runs them. */
@Execution(ExecutionMode.CONCURRENT)
class CommandsIT {
    private static final Duration SOON = Duration.ofSeconds(120);

    @TempDir
    Path folder;

    @AutoClose
    private final BosServer bos = BosServer.start();

    @Test
    void checkNamesBadRowsAndDuplicatesByLineAndSendsNothing() throws IOException {
        write("done.csv", "1,1");
        assertThat(run(0, "send", "done.csv").stdout()).contains("SUCCESS");
        long posts = bos.postCount();
        write("next.csv", "1,1", "2,2", "2,2", "x,3");

        RefundProcess check = run(1, "check", "next.csv");

        assertThat(check.stdout()).contains("4 rows, 1 to send, 2 duplicate, 1 rejected", "line 2: DUPLICATE",
                "line 4: DUPLICATE, repeats next.csv line 3", "line 5: REJECTED, referenceid", "Nothing was sent");
        assertThat(bos.postCount()).isEqualTo(posts);
        assertThat(folder.resolve("data/outbox")).isDirectoryNotContaining("glob:**next*");
    }

    @Test
    void checkTakesNoMoreMemoryForALargeFileAndExits0WhenEveryRowCanBeSentOrIsADuplicate() throws IOException {
        Path large = CsvFiles.rows(400_000).writeTo(folder.resolve("large.csv"));
        Files.writeString(large, Files.readAllLines(large).get(1) + "\n", StandardOpenOption.APPEND);
        try (RefundProcess check = RefundProcess.in(folder).archived().against(bos).jvmArg("-Xmx48m").start("check",
                large.toString())) {
            assertThat(check.waitFor(SOON)).as(check.output()).isZero();
            assertThat(check.stdout()).contains("400,001 rows, 400,000 to send, 1 duplicate, 0 rejected");
        }
        assertThat(bos.postCount() + bos.tokensAsked()).isZero();
    }

    @Test
    void checkSaysWhatOfAnUnfinishedBatchIsLeft() throws IOException {
        write("rest.csv", "1,1", "2,2", "3,3");
        bos.reply(post -> post.ackno().equals("1") ? Reply.success() : Reply.html(403));
        try (RefundProcess send = RefundProcess.in(folder).archived().against(bos).start("send", "rest.csv")) {
            await().atMost(SOON).until(() -> bos.postCount() > 1);
            send.terminate();
            assertThat(send.waitFor(SOON)).as(send.output()).isEqualTo(3);
        }
        String batch = run(0, "check", "rest.csv").stdout();

        assertThat(batch).contains("3 rows, 2 to send, 0 duplicate, 0 rejected", "continues batch rest-",
                "1 of 3 rows are done");
    }

    @Test
    void aBatchThatWasBegunWithAgainIsGoneOnWithAgainAlone() throws IOException {
        write("lost.csv", "1,1");
        try (RefundProcess send = RefundProcess.in(folder).archived().against(bos)
                .env("BOS_BASE_URL", "http://127.0.0.1:" + RestService.freePort())
                .start("send", "--again", "--yes", "lost.csv")) {
            await().atMost(SOON).until(() -> send.stderr().contains("; paused, cannot connect"));
            send.terminate();
            assertThat(send.waitFor(SOON)).as(send.output()).isEqualTo(3);
            assertThat(send.stderr()).contains("Text up to 1 customer, also those who already got an OTP? yes");
        }
        assertThat(run(2, "send", "lost.csv").stderr()).contains("lost.csv is batch lost-", "begun with --again",
                "nothing was sent");
        run(0, "send", "--again", "--yes", "lost.csv");
        assertThat(bos.postCount()).isEqualTo(1);
    }

    @Test
    void aFolderThatCannotBeUsedCostsOneLine() throws IOException {
        write("one.csv", "1,1");
        Path file = Files.createFile(folder.resolve("file"));
        for (String command : List.of("send", "check")) {
            try (RefundProcess process = RefundProcess.in(folder).archived().against(bos)
                    .env("REFUND_DATA", file.toString()).start(command, "one.csv")) {
                assertThat(process.waitFor(SOON)).as(process.output()).isEqualTo(2);
                assertThat(process.stderr().lines()).singleElement().asString().contains("refund: ", "cannot be ");
            }
        }
        try (RefundProcess process = RefundProcess.in(folder).archived().against(bos)
                .env("REFUND_DATA", "/proc/cannot-be-made").start("send", "one.csv")) {
            assertThat(process.waitFor(SOON)).as(process.output()).isEqualTo(2);
            assertThat(process.stderr().lines()).singleElement().asString().contains("refund: ", "cannot be written");
        }
    }

    @Test
    void resendSendsRowsInDoubtOnAPersonsWordAloneAndWritesTheResultsAnew() throws IOException {
        bos.reply(post -> post.ackno().equals("1") ? Reply.success() : Reply.reset());
        write("doubt.csv", "1,1", "2,2", "3,3");
        run(1, "send", "doubt.csv");
        String batch = result("doubt").summary().batch();
        assertThat(result("doubt").summary().inDoubt()).isEqualTo(2);
        bos.reply(Reply.success());

        assertThat(run(2, "resend", batch).stderr()).contains("nothing was sent", "--yes");
        assertThat(bos.postCount()).isEqualTo(3);
        assertThat(run(2, "resend", "no-such-batch", "--yes").stderr()).contains("there is no batch no-such-batch");
        assertThat(run(2, "resend", "data/outbox/" + batch + "/", "--line", "2", "--yes").stderr())
                .contains("line 2 of batch").contains("is not IN_DOUBT");

        run(1, "resend", batch, "--line", "3", "--yes");
        assertThat(bos.postsFor("2", "2")).hasSize(2);
        assertThat(bos.postsFor("3", "3")).hasSize(1);
        assertThat(result("doubt").summary().success()).isEqualTo(2);

        run(0, "resend", batch, "--yes");
        assertThat(result("doubt").summary().success()).isEqualTo(3);
        assertThat(result("doubt").success()).extracting(row -> row.get("line")).containsExactly("2", "3", "4");
        assertThat(bos.postsFor("1", "1")).hasSize(1);
    }

    @Test
    void resendGoesOnWhereItWasStopped() throws IOException {
        write("doubt.csv", "1,1", "2,2");
        bos.reply(post -> Reply.hang());
        try (RefundProcess send = RefundProcess.in(folder).archived().against(bos).env("BOS_TIMEOUT_RESPONSE", "1s")
                .start("send", "doubt.csv")) {
            assertThat(send.waitFor(SOON)).isEqualTo(1);
        }
        String batch = result("doubt").summary().batch();
        try (RefundProcess resend = RefundProcess.in(folder).archived().against(bos)
                .env("BOS_BASE_URL", "http://127.0.0.1:" + RestService.freePort())
                .start("resend", batch, "--yes")) {
            await().atMost(SOON).until(() -> resend.stderr().contains("; paused, cannot connect"));
            assertThat(run(0, "status").stdout())
                    .startsWith("A command, or a service that is starting or stopping, holds the data folder /")
                    .contains("2 rows wait");
            resend.terminate();
            assertThat(resend.waitFor(SOON)).as(resend.output()).isEqualTo(3);
            assertThat(resend.stderr()).contains("run the same command again");
        }
        assertThat(run(2, "resend", batch, "--line", "2", "--yes").stderr()).contains("without --line");
        bos.reply(Reply.code(200, 5)); // 'not done' says nothing of the call before
        try (RefundProcess resend = RefundProcess.in(folder).archived().against(bos).env("REFUND_RETRY_MAX", "0")
                .start("resend", batch, "--yes")) {
            assertThat(resend.waitFor(SOON)).as(resend.output()).isEqualTo(1);
        }
        assertThat(result("doubt").summary().inDoubt()).isEqualTo(2);
        bos.reply(Reply.success());
        try (RefundProcess resend = RefundProcess.in(folder).archived().against(bos).start("resend", batch, "--yes")) {
            assertThat(resend.waitFor(SOON)).as(resend.output()).isZero();
        }
        assertThat(result("doubt").summary().success()).isEqualTo(2);
    }

    @Test
    void demoShowsTheProductExits0AndCanBeRunAgain() {
        Path outbox = folder.resolve("data/outbox");
        assertThat(demo(RefundProcess.in(folder).archived())).contains("nobody is texted", "SUCCESS            55",
                "Results: data/outbox/refunds-", "rows/s");
        assertThat(Results.finished(outbox, "refunds")).singleElement()
                .satisfies(results -> assertThat(results.summary().success()).isEqualTo(55));

        assertThat(demo(RefundProcess.in(folder).archived())).contains("Results: data/outbox/refunds-");
        assertThat(Results.finished(outbox, "refunds")).hasSize(2);
    }

    @Test
    void demoRunsOnEachOtherJavaOfThisMachine() throws IOException {
        for (Path java : otherJavas()) {
            Path own = folder.resolve(java.getFileName());
            assertThat(demo(RefundProcess.in(own).java(java))).contains("SUCCESS            55");
            assertThat(Results.finished(own.resolve("data/outbox"), "refunds")).hasSize(1);
        }
    }

    /** The Javas of this machine beside the one that runs the test. */
    private static List<Path> otherJavas() throws IOException {
        Path own = Path.of(System.getProperty("java.home")).toRealPath();
        Path installed = Path.of("/usr/lib/jvm");
        List<Path> others = new ArrayList<>();
        if (Files.isDirectory(installed)) {
            try (Stream<Path> homes = Files.list(installed)) {
                for (Path home : homes.filter(java -> Files.exists(java.resolve("bin/java"))).toList()) {
                    Path java = home.toRealPath();
                    if (!java.equals(own) && !others.contains(java)) {
                        others.add(java);
                    }
                }
            }
        }
        return others;
    }

    private static String demo(RefundProcess.Launch launch) {
        try (RefundProcess demo = launch.start("demo")) {
            assertThat(demo.waitFor(SOON)).as(demo.output()).isZero();
            assertThat(demo.stderr()).doesNotContain("Exception", "WARN");
            return demo.stdout();
        }
    }

    @Test
    void demoKeepsAwayFromRealWorkAndItsSettings() throws IOException {
        write("real.csv", "1,1");
        run(0, "send", "real.csv");
        int tokensAsked = bos.tokensAsked();
        ZonedDateTime later = ZonedDateTime.now(ZoneOffset.UTC).plusHours(2);
        assertThat(demo(RefundProcess.in(folder).archived().against(bos).env("BOS_TOKEN_VALUE", "real")
                .env("REFUND_HOURS", String.format("%1$tH:00-%2$tH:00 Etc/UTC", later, later.plusHours(1)))
                .env("REFUND_HOLD", "1h").env("REFUND_RELEASE_ABOVE", "5")))
                .contains("SUCCESS            55", "Results: data/demo/outbox/refunds-");
        assertThat(bos.postCount()).isEqualTo(1);
        assertThat(bos.tokensAsked()).isEqualTo(tokensAsked);
        assertThat(folder.resolve("data/outbox")).isDirectoryNotContaining("glob:**refunds-*");
    }

    @Test
    void theBuildLeavesAnArchiveThatItsJavaTakes() {
        assertThat(RefundProcess.archive("send")).isPresent();
        String orNothing = RefundProcess.archive("send").get().toString().endsWith(".aot")
                ? "-XX:AOTMode=on"
                : "-Xshare:on";
        try (RefundProcess process = RefundProcess.in(folder).archived().jvmArg(orNothing).start("--version")) {
            assertThat(process.waitFor(SOON)).as(process.output()).isZero();
            assertThat(process.stdout()).isEqualTo("refund 1.0\n");
        }
    }

    @Test
    void statusSaysWhatAKilledCommandLeftAndResendAsksForNoLineThatIsNotInDoubt() throws Exception {
        bos.reply(post -> Reply.hang());
        write("rest.csv", "1,1", "2,2");
        try (RefundProcess send = RefundProcess.in(folder).archived().against(bos).env("REFUND_CONCURRENCY", "1")
                .start("send", "rest.csv")) {
            await().atMost(SOON).until(() -> bos.inFlightNow() == 1);
            send.kill9();
        }
        assertThat(run(0, "status").stdout()).contains(
                "1 call had begun when the last process ended: IN_DOUBT from the next start on. ", "1 row waits",
                "Batch rest-");

        bos.reply(Reply.success());
        String single;
        try (RestService service = RestService.start(RefundProcess.in(folder).archived().against(bos), folder)) {
            String batch = result("rest").summary().batch();
            RefundProcess resend = run(2, "resend", batch, "--line", "3", "--yes");
            assertThat(resend.stderr()).isEqualTo("refund: line 3 of batch " + batch + " is not IN_DOUBT\n");
            assertThat(run(0, "resend", batch, "--line", "2", "--yes").stdout()).contains("2 success");

            bos.reply(Reply.reset());
            single = service.json("/refunds", "{\"referenceid\":9,\"ackno\":9}").json().get("id").asText();
        }
        assertThat(run(2, "resend", single, "--yes").stderr())
                .contains("batch " + single + " came as a request: start refund serve");
    }

    @Test
    void commandsThatOnlyReadMakeNoDataFolder() throws IOException {
        write("rest.csv", "1,1");

        run(0, "check", "rest.csv");
        assertThat(run(0, "status").stdout()).contains(folder.resolve("data") + ", which does not exist");
        assertThat(run(0, "audit").stdout()).contains("There is no ledger yet");
        Files.writeString(folder.resolve("summary.json"), "{\"audit\":{\"number\":5,\"hash\":\"abc\"}}");
        assertThat(run(2, "audit", "summary.json").stderr()).contains("is only checked with --verify");
        assertThat(run(1, "audit", "--verify", "summary.json").stdout())
                .contains("entry 5, which summary.json names, was lost");
        assertThat(run(2, "audit", "--limit", "0").stderr()).contains("--limit is 0 and must be at least 1");

        assertThat(folder.resolve("data")).doesNotExist();
    }

    @Test
    void aCommandThatOnlyReadsEndsAtOnceWhenItIsStopped() throws IOException {
        try (ServerSocket silent = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                RefundProcess status = RefundProcess.in(folder).archived().against(bos)
                        .env("REFUND_LEDGER_URL", "jdbc:postgresql://127.0.0.1:" + silent.getLocalPort() + "/refunds")
                        .start("status");
                Socket asked = silent.accept()) {
            status.terminate();
            assertThat(status.waitFor(Duration.ofSeconds(5))).as(status.output()).isEqualTo(3);
            assertThat(asked.isClosed()).isFalse();
        }
    }

    @Test
    void whoMayNotWriteToTheDataFolderIsToldToBeTheServicesUser() throws IOException {
        write("rest.csv", "1,1");
        run(0, "send", "rest.csv");
        Path java = Files.createDirectories(folder.resolve("java/bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nset -- " + System.getProperty("java.home") + "/bin/java \"$@\"\n"
                + "[ $(id -u) != 0 ] || set -- setpriv --bounding-set -dac_override,-dac_read_search \"$@\"\nexec \"$@\"\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(folder.resolve("data"), PosixFilePermissions.fromString("r-xr-xr-x"));

        try (RefundProcess status = RefundProcess.in(folder).against(bos).java(folder.resolve("java"))
                .start("status")) {
            assertThat(status.waitFor(SOON)).as(status.output()).isEqualTo(2);
            assertThat(status.stderr()).contains("the ledger cannot be read",
                    " may not write to " + folder.resolve("data"), "run this as the service's user");
        }
        Files.setPosixFilePermissions(folder.resolve("data"), PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void aLogThatCannotBeWrittenKeepsNoCommandFromItsWork() throws IOException {
        Files.createDirectories(folder.resolve("data/refund.log"));
        write("rest.csv", "1,1");

        assertThat(run(0, "send", "rest.csv").output()).contains("SUCCESS").doesNotContain("Exception");
    }

    private void write(String name, String... rows) throws IOException {
        Files.writeString(folder.resolve(name), "referenceid,ackno\n" + String.join("\n", List.of(rows)) + "\n");
    }

    private Results result(String stem) {
        return Results.await(folder.resolve("data/outbox"), stem, SOON);
    }

    @Test
    void theyReachAServiceThatSpeaksTlsAloneUnderTheNameThatOthersUse() throws IOException {
        SelfSigned certificate = SelfSigned.forHost(folder, "refund.example");
        Path pem = Files.writeString(folder.resolve("service.pem"), certificate.pem());
        Path key = Files.writeString(folder.resolve("service.key"), certificate.pemWithKey());
        int port = RestService.freePort();
        try (RestService service = RestService.start(Login.ALICE.allow(RefundProcess.in(folder).archived().against(bos))
                .jvmArg("-Dquarkus.http.ssl.certificate.files=" + pem)
                .jvmArg("-Dquarkus.http.ssl.certificate.key-files=" + key)
                .jvmArg("-Dquarkus.http.insecure-requests=disabled").jvmArg("-Dquarkus.http.ssl-port=" + port),
                folder)) {
            assertThat(service.process().output()).contains("The console is at https://127.0.0.1:" + port + "/");
            assertThat(run(0, "status").stdout()).isNotBlank().doesNotContain("No service runs");
            assertThat(run(2, "pause", "none").stderr()).contains("there is no batch of that id");
        }
    }

    @Test
    void aServiceThatHangsIsNamed() throws Exception {
        try (RestService service = RestService.start(RefundProcess.in(folder).archived().against(bos), folder)) {
            signal("STOP", service);
            assertThat(run(3, "status").stderr())
                    .contains("the service at http://127.0.0.1:" + service.port() + " does not answer");
            signal("CONT", service);
        }
    }

    private static void signal(String name, RestService service) throws Exception {
        assertThat(new ProcessBuilder("kill", "-" + name, Long.toString(service.process().pid())).start().waitFor())
                .isZero();
    }

    private RefundProcess run(int exitCode, String... words) {
        try (RefundProcess process = RefundProcess.in(folder).archived().against(bos).start(words)) {
            assertThat(process.waitFor(SOON)).as(process.output()).isEqualTo(exitCode);
            return process;
        }
    }
}
