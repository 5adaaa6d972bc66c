// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.PromiseCheck;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;
import center.bos.refund.testkit.Summary;

/** What a person or a script sees who runs {@code refund send}. */
@Execution(ExecutionMode.CONCURRENT)
class SendIT {
    private static final Duration SOON = Duration.ofSeconds(120);

    @TempDir
    Path folder;

    @AutoClose
    private final BosServer bos = BosServer.start();

    @Test
    void exits0WhenEveryRowWasSentAndLeavesTheFileWhereItIs() {
        Path file = CsvFiles.rows(500).writeTo(folder.resolve("orders.csv"));

        try (RefundProcess send = send("orders.csv")) {
            assertThat(send.waitFor(SOON)).as(send.output()).isZero();
            assertThat(send.stdout()).contains("Batch orders-", "SUCCESS", "500", "Results: data/outbox/orders-",
                    "rows/s");
            // on a slow machine it is long enough for a line of progress
            assertThat(send.stderr().lines()).allMatch(line -> line.contains(" of 500 rows ("));
        }
        assertThat(file).exists();
        assertThat(result("orders").summary().success()).isEqualTo(500);
        assertThat(bos.postCount()).isEqualTo(500);
        assertThat(folder.resolve("data/archive/" + result("orders").summary().batch() + ".csv"))
                .hasSameBinaryContentAs(file);
        assertThat(folder.resolve("data/refund.log")).content().contains("Accepted orders.csv");
    }

    @Test
    void exits1WhenSomeRowEndedOtherwiseAndSaysWhy() {
        bos.reply(post -> post.ackno().equals("2") ? Reply.code(200, 2) : Reply.success());
        CsvFiles.rows(3).writeTo(folder.resolve("some.csv"));

        try (RefundProcess send = send("some.csv")) {
            assertThat(send.waitFor(SOON)).as(send.output()).isEqualTo(1);
            assertThat(send.stdout()).contains("Why:", "code 2: Transaction not found or already refunded");
        }
        assertThat(result("some").error()).extracting(row -> row.get("line")).containsExactly("3");
    }

    @Test
    void namesNoEndWhileItIsPaused() {
        bos.reply(post -> post.number() <= 2 ? Reply.success() : Reply.html(403));
        CsvFiles.rows(5).writeTo(folder.resolve("blocked.csv"));

        try (RefundProcess send = RefundProcess.in(folder).archived().against(bos).env("REFUND_CONCURRENCY", "1")
                .start("send", "blocked.csv")) {
            await().atMost(SOON).until(() -> send.stderr().contains("; paused, HTTP 403"));
            send.terminate();
            assertThat(send.waitFor(SOON)).as(send.output()).isEqualTo(3);
            assertThat(send.stderr().lines()).filteredOn(line -> line.contains("; paused")).isNotEmpty()
                    .allSatisfy(line -> assertThat(line).startsWith("2 of 5 rows (40 %)").doesNotContain(" left"));
        }
    }

    /** In a pseudo-terminal, which {@code script} of util-linux makes. */
    @Test
    void saysOnATerminalWhyItIsPaused() throws Exception {
        bos.refuseConnections();
        CsvFiles.rows(3).writeTo(folder.resolve("away.csv"));
        Path screen = folder.resolve("screen");
        String command = "exec " + Path.of(System.getProperty("java.home"), "bin", "java") + " -jar "
                + Path.of("target", "quarkus-app", "quarkus-run.jar").toAbsolutePath() + " send away.csv";
        ProcessBuilder terminal = new ProcessBuilder("script", "-q", "-f", "-c", command, screen.toString())
                .directory(folder.toFile()).redirectInput(Redirect.from(new File("/dev/null")))
                .redirectOutput(Redirect.DISCARD).redirectError(Redirect.DISCARD);
        terminal.environment().putAll(
                Map.of("BOS_BASE_URL", bos.baseUrl(), "BOS_TOKEN_VALUE", "token-of-a-test", "TERM", "xterm"));

        Process send = terminal.start();
        try {
            await().atMost(SOON).until(() -> Files.exists(screen)
                    && Files.readString(screen).split(" 0/3 rows [^\\r\\n]* paused, cannot connect: ").length > 5);
            // the command gives up by itself: it never reached BOS
            assertThat(send.waitFor(SOON.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } finally {
            send.destroyForcibly();
        }
    }

    @ParameterizedTest
    @CsvSource({"REFUND_HOLD, 1h, ; held since ", "REFUND_HOURS, , ; hours by refund.hours: calls begin "})
    void saysWhichSettingKeepsItFromSending(String setting, String value, String said) {
        ZonedDateTime later = ZonedDateTime.now(ZoneOffset.UTC).plusHours(2);
        String hours = String.format("%1$tH:00-%2$tH:00 Etc/UTC", later, later.plusHours(1));
        CsvFiles.rows(3).writeTo(folder.resolve("later.csv"));

        try (RefundProcess send = RefundProcess.in(folder).archived().against(bos)
                .env(setting, value == null ? hours : value).start("send", "later.csv")) {
            await().atMost(SOON).until(() -> send.stderr().contains("0 of 3 rows (0 %), 0 rows/s" + said));
            send.terminate();
            assertThat(send.waitFor(SOON)).as(send.output()).isEqualTo(3);
        }
        assertThat(bos.postCount()).isZero();
    }

    @Test
    void sendsNothingWhenOneOfItsFilesCannotBeUsed() throws IOException {
        CsvFiles.rows(3).writeTo(folder.resolve("good.csv"));
        Files.writeString(folder.resolve("bad.csv"), "referenceid,name\n12345678926,x\n");

        try (RefundProcess send = send("good.csv", "bad.csv", "none.csv", ".")) {
            assertThat(send.waitFor(SOON)).isEqualTo(2);
            assertThat(send.stderr()).contains("bad.csv: line 1: missing column ackno", "none.csv: does not exist",
                    "is not a regular file", "nothing was sent").doesNotContain("Exception", "null");
        }
        assertThat(bos.postCount() + bos.tokensAsked()).isZero();
    }

    @Test
    void exits2OnBadUsage() {
        try (RefundProcess process = send("--unknown", "x.csv")) {
            assertThat(process.waitFor(SOON)).isEqualTo(2);
            assertThat(process.stderr()).contains("Usage: refund").doesNotContain("\tat ");
        }
    }

    @Test
    void namesTheKeyThatIsMissing() {
        CsvFiles.rows(1).writeTo(folder.resolve("one.csv"));

        try (RefundProcess send = RefundProcess.in(folder).archived().against(bos).env("BOS_TOKEN_CLIENT_ID", "")
                .start("send", "one.csv")) {
            assertThat(send.waitFor(SOON)).isEqualTo(2);
            assertThat(send.stderr()).contains("bos.token.client-id is not set", "BOS_TOKEN_CLIENT_ID");
        }
        assertThat(bos.postCount()).isZero();
    }

    @Test
    void exits3WhenBosCannotBeReachedAndGoesOnNextTimeAlsoUnderAnotherName() {
        CsvFiles.rows(5).writeTo(folder.resolve("later.csv"));
        CsvFiles.rows(5).writeTo(folder.resolve("copy.csv"));
        try (RefundProcess send = RefundProcess.in(folder).archived().against(bos)
                .env("BOS_BASE_URL", "http://127.0.0.1:" + RestService.freePort())
                .start("send", "later.csv")) {
            assertThat(send.waitFor(SOON)).as(send.output()).isEqualTo(3);
            assertThat(send.stderr()).contains("gave up: cannot connect", "run the same command again");
            assertThat(send.stdout()).contains("(not finished)");
        }
        try (RefundProcess send = send("copy.csv")) {
            assertThat(send.waitFor(SOON)).as(send.output()).isZero();
            assertThat(send.stdout()).contains("Batch later-");
        }
        assertThat(result("later").summary().success()).isEqualTo(5);
        assertThat(folder.resolve("data/outbox")).isDirectoryNotContaining("glob:**copy*");
        assertThat(Results.finished(folder.resolve("data/outbox"), "later")).hasSize(1);
        assertThat(bos.postCount()).isEqualTo(5);
    }

    @Test
    void eachFileOfACommandIsABatchAlsoWithTheSameContentAndSharedPairsGoOutOnce() {
        CsvFiles.rows(10).writeTo(folder.resolve("a.csv"));
        CsvFiles.rows(10).writeTo(folder.resolve("copy.csv"));
        CsvFiles.rows(20).writeTo(folder.resolve("b.csv"));

        try (RefundProcess send = send("a.csv", "copy.csv", "b.csv")) {
            assertThat(send.waitFor(SOON)).as(send.output()).isZero();
        }
        List<Summary> batches = Stream.of("a", "copy", "b").map(stem -> result(stem).summary()).toList();
        assertThat(batches).extracting(Summary::rows).containsExactly(10L, 10L, 20L);
        assertThat(batches.stream().mapToLong(Summary::duplicate).sum()).isEqualTo(20);
        assertThat(batches.stream().mapToLong(Summary::success).sum()).isEqualTo(20);
        assertThat(bos.postCount()).isEqualTo(20);
    }

    @Test
    void sendsThoughItsBrokerCannotBeReachedAndSaysThatTheChannelsAreOwedTheOutcomes() {
        CsvFiles.rows(5).writeTo(folder.resolve("unheard.csv"));
        try (RefundProcess send = RefundProcess.in(folder).archived().against(bos)
                .env("REFUND_BROKER_URL", "tcp://127.0.0.1:" + RestService.freePort()).start("send", "unheard.csv")) {
            assertThat(send.waitFor(SOON)).as(send.output()).isZero();
            assertThat(send.stderr()).contains("5 outcomes are not delivered to their channels yet");
        }
        assertThat(bos.postCount()).isEqualTo(5);
    }

    @Test
    void exits3WhenTheTokenEndpointRefuses() {
        bos.tokens().credentials("another", "secret");
        CsvFiles.rows(5).writeTo(folder.resolve("no-token.csv"));

        try (RefundProcess send = send("no-token.csv")) {
            assertThat(send.waitFor(SOON)).as(send.output()).isEqualTo(3);
            assertThat(send.stderr()).contains("gave up: the token endpoint refused");
        }
        assertThat(bos.postCount()).isZero();
    }

    @Test
    void theSameFileAgainIsAllDuplicatesUnlessAPersonSaysAgain() {
        CsvFiles.rows(4).writeTo(folder.resolve("otp.csv"));
        try (RefundProcess first = send("otp.csv")) {
            assertThat(first.waitFor(SOON)).isZero();
        }
        try (RefundProcess second = send("otp.csv")) {
            assertThat(second.waitFor(SOON)).as(second.output()).isZero();
            assertThat(second.stdout()).contains("DUPLICATE           4");
        }
        try (RefundProcess unasked = RefundProcess.in(folder).archived().against(bos).start("send", "--again",
                "otp.csv")) {
            assertThat(unasked.waitFor(SOON)).isEqualTo(2);
            assertThat(unasked.stderr()).contains("up to 4 customers would be texted", "nothing was sent",
                    "--yes");
        }
        assertThat(bos.postCount()).isEqualTo(4);
        try (RefundProcess again = RefundProcess.in(folder).archived().against(bos).start("send", "--again", "--yes",
                "otp.csv")) {
            assertThat(again.waitFor(SOON)).as(again.output()).isZero();
        }
        assertThat(bos.postCount()).isEqualTo(8);
        assertThat(Results.finished(folder.resolve("data/outbox"), "otp")).hasSize(3);
    }

    @Test
    void saysHowFarItIsOnPlainLinesAndOpensNoPort() throws IOException {
        bos.reply(Reply.success().after(Duration.ofMillis(300)));
        CsvFiles.rows(1_500).writeTo(folder.resolve("slow.csv"));

        try (RefundProcess send = send("slow.csv")) {
            org.awaitility.Awaitility.await().atMost(SOON).until(() -> bos.postCount() > 100);
            assertThat(listening(send.pid())).isEmpty();
            assertThat(send.waitFor(SOON)).as(send.output()).isZero();
            assertThat(send.stderr())
                    .matches("(?s)([\\d,]+ of 1,500 rows \\(\\d+ %\\), [\\d,]+ rows/s, [^\\n]+ left\\n)+");
            assertThat(send.output()).doesNotContain("INFO", "WARN", "\r", "\u001b");
        }
    }

    @Test
    void exits3WhenItIsStoppedAndGoesOnNextTime() {
        bos.reply(Reply.success().after(Duration.ofMillis(100)));
        Path file = CsvFiles.rows(2_000).writeTo(folder.resolve("stopped.csv"));

        // the terminal that closes stops it as the operator does
        for (Consumer<RefundProcess> stop : List.<Consumer<RefundProcess>>of(RefundProcess::terminate,
                RefundProcess::hangUp)) {
            long before = bos.postCount();
            try (RefundProcess send = send("stopped.csv")) {
                org.awaitility.Awaitility.await().atMost(SOON).until(() -> bos.postCount() > before + 100);
                stop.accept(send);
                assertThat(send.waitFor(SOON)).as(send.output()).isEqualTo(3);
                assertThat(send.stderr()).contains("stopped; calls that are under way end first",
                        "nothing is lost, run the same command again to continue");
            }
        }
        bos.reply(Reply.success());
        try (RefundProcess send = RefundProcess.in(folder).archived().against(bos).jvmArg("-Duser.language=de")
                .start("send", "stopped.csv")) {
            assertThat(send.waitFor(SOON)).as(send.output()).isZero();
            assertThat(send.stderr()).contains("Continuing batch stopped-", " of 2,000 rows done");
        }
        PromiseCheck.of(bos).file(file, result("stopped").folder()).verify();
        assertThat(bos.postCount()).isEqualTo(2_000);
    }

    private RefundProcess send(String... files) {
        String[] words = Stream.concat(Stream.of("send"), Stream.of(files)).toArray(String[]::new);
        return RefundProcess.in(folder).archived().against(bos).start(words);
    }

    private Results result(String stem) {
        return Results.finished(folder.resolve("data/outbox"), stem).get(0);
    }

    /** The TCP ports on which that process listens, as Linux tells them. */
    private static List<String> listening(long pid) throws IOException {
        List<String> own;
        try (Stream<Path> open = Files.list(Path.of("/proc/" + pid + "/fd"))) {
            own = open.map(SendIT::linkTarget).filter(target -> target.startsWith("socket:["))
                    .map(target -> target.substring(8, target.length() - 1)).toList();
        }
        List<String> ports = new java.util.ArrayList<>();
        for (String table : List.of("tcp", "tcp6")) {
            for (String line : Files.readString(Path.of("/proc/" + pid + "/net/" + table), StandardCharsets.US_ASCII)
                    .lines().skip(1).toList()) {
                String[] fields = line.trim().split("\\s+");
                if (fields[3].equals("0A") && own.contains(fields[9])) {
                    ports.add(fields[1]);
                }
            }
        }
        return ports;
    }

    private static String linkTarget(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException e) {
            return ""; // closed meanwhile
        }
    }
}
