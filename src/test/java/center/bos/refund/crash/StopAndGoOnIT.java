// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import jakarta.jms.JMSContext;
import jakarta.jms.JMSProducer;
import jakarta.jms.Queue;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.BrokerProcess;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.PromiseCheck;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;

@Execution(ExecutionMode.CONCURRENT)
class StopAndGoOnIT {

    private static final Duration STOPPED = Duration.ofSeconds(30);
    private static final Duration LONG = Duration.ofSeconds(90);
    /** Calls that are answered before the others hang: the first are made one by one. */
    private static final int ANSWERED = 20;
    private static final int ROWS = 1_000;
    private static final CsvFiles FILE = CsvFiles.rows(ROWS);
    private static final String SLOW_RESULTS = """
            RULE slow
            CLASS center.bos.refund.results.ResultFiles
            METHOD process
            AT ENTRY
            IF true
            DO java.util.concurrent.TimeUnit.SECONDS.sleep(1)
            ENDRULE
            """;
    private static final String BEFORE_ROWS_ARE_OPENED = """
            RULE kill
            CLASS center.bos.refund.ledger.Doubts
            METHOD resend(java.lang.String, java.util.Set, center.bos.refund.ledger.Deed)
            AT ENTRY
            """;

    @TempDir
    Path folder;

    private BosServer bos;
    private Path outbox;

    @BeforeEach
    void start() {
        bos = BosServer.start();
        outbox = folder.resolve("data").resolve("outbox");
    }

    @AfterEach
    void stop() {
        bos.close();
    }

    @Test
    void aServiceThatIsStoppedFinishesItsCallsAndItsNextStartGoesOn() {
        bos.reply(Reply.success().after(Duration.ofMillis(400)));
        Path input = FILE.writeTo(folder.resolve("data").resolve("inbox").resolve("in.csv"));
        Path copy = FILE.writeTo(folder.resolve("copy.csv"));
        long sent;
        try (RefundProcess service = process().start("serve")) {
            await().atMost(LONG).until(() -> bos.postCount() > 60);
            service.terminate();

            assertThat(service.waitFor(STOPPED)).isZero();
            sent = bos.postCount();
            assertThat(sent).isLessThan(ROWS);
            assertThat(input).doesNotExist();
        }
        bos.reply(Reply.success());
        try (RefundProcess service = process().start("serve")) {
            Results results = Results.await(outbox, "in", LONG);

            assertThat(results.summary().success()).isEqualTo(ROWS);
            PromiseCheck.of(bos).file(copy, results.folder()).verify();
            service.terminate();
            assertThat(service.waitFor(STOPPED)).isZero();
        }
        assertThat(bos.postCount()).isEqualTo(ROWS);
    }

    @Test
    void aStopIsQuietAndTellsNothingOfTheMessagesThatCome() throws Exception {
        bos.reply(Reply.success().after(Duration.ofMillis(300)));
        try (BrokerProcess broker = BrokerProcess.start(folder.resolve("broker"));
                JMSContext jms = broker.client().createContext()) {
            JMSProducer producer = jms.createProducer().setProperty("customer", "Jane Roe");
            Queue requests = jms.createQueue("bos.refund.requests");
            producer.send(requests, array(FILE));
            try (RefundProcess service = process().env("REFUND_BROKER_URL", broker.url())
                    .env("REFUND_BROKER_USER", BrokerProcess.USER)
                    .env("REFUND_BROKER_PASSWORD", BrokerProcess.PASSWORD).start("serve")) {
                await().atMost(LONG).until(() -> bos.postCount() > 60);
                // consumers that are not busy wait for one while they are stopped
                for (int sent = 0; service.isAlive(); sent++) {
                    producer.send(requests, "no JSON");
                    TimeUnit.MILLISECONDS.sleep(10);
                    if (sent == 100) {
                        service.terminate();
                    }
                }

                assertThat(service.waitFor(STOPPED)).isZero();
                assertThat(service.output()).doesNotContain("Jane Roe").doesNotContain("\tat ");
            }
        }
    }

    private static String array(CsvFiles rows) {
        return rows.pairs().stream()
                .map(pair -> "{\"referenceid\":" + pair.referenceid() + ",\"ackno\":" + pair.ackno() + "}")
                .collect(Collectors.joining(",", "[", "]"));
    }

    @Test
    void aStopWaitsForNoBatchesWhoseResultsAreStillToBeWritten() throws Exception {
        int files = 60;
        for (int i = 0; i < files; i++) {
            CsvFiles.rows(1).from(i).writeTo(folder.resolve("data").resolve("inbox").resolve("in" + i + ".csv"));
        }
        try (RefundProcess service = KillAgent.inject(SLOW_RESULTS, folder, process()).start("serve")) {
            // those that end while the first are written come all at once
            await().atMost(LONG).until(() -> bos.postCount() == files && summaries() > 5);
            int written = summaries();
            service.terminate();

            assertThat(service.waitFor(Duration.ofSeconds(12))).isZero();
            assertThat(summaries()).isBetween(written, files / 2);
        }
        try (RefundProcess service = process().start("serve")) {
            await().atMost(LONG).until(() -> summaries() == files);
        }
        assertThat(bos.postCount()).isEqualTo(files);
    }

    private int summaries() throws IOException {
        try (Stream<Path> batches = Files.list(outbox)) {
            return (int) batches.filter(batch -> Files.exists(batch.resolve("summary.json"))).count();
        }
    }

    @Test
    void aSingleRequestThatWaitsForTheServiceIsLeftAloneByACommand() throws IOException {
        RefundProcess.Launch noBos = process().env("BOS_BASE_URL", "http://127.0.0.1:" + RestService.freePort())
                .env("REFUND_REST_TIMEOUT", "1s");
        try (RestService service = RestService.start(noBos, folder)) {
            assertThat(service.json("/refunds", "{\"referenceid\":77,\"ackno\":7}").status()).isEqualTo(202);
            service.process().terminate();
            assertThat(service.process().waitFor(STOPPED)).isZero();
        }
        Path input = CsvFiles.rows(5).writeTo(folder.resolve("in.csv"));
        try (RefundProcess command = process().start("send", input.toString())) {
            assertThat(command.waitFor(LONG)).as(command.output()).isZero();
        }
        assertThat(bos.postCount()).isEqualTo(5);
        try (RefundProcess service = process().start("serve")) {
            await().atMost(LONG).until(() -> bos.postCount() == 6);
        }
        assertThat(bos.postsFor("77", "7")).hasSize(1);
    }

    @Test
    void aFileThatWasClaimedUnderAnotherNameOfTheNodeIsTakenAllTheSame() {
        Path claimed = folder.resolve("data").resolve("inbox").resolve(".yesterday");
        Path input = CsvFiles.rows(5).writeTo(claimed.resolve("in.csv"));
        try (RefundProcess service = process().env("REFUND_NODE", "today").start("serve")) {
            assertThat(Results.await(outbox, "in", LONG).summary().success()).isEqualTo(5);
        }
        assertThat(input).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 1_000, 1_500, 2_000, 2_500})
    void aServiceThatIsStoppedWhileItStartsEnds(int millis) throws InterruptedException {
        try (RefundProcess service = process().start("serve")) {
            // the moment is the point, and nothing tells it from outside
            TimeUnit.MILLISECONDS.sleep(millis);
            service.terminate();

            // 143: so early that Java itself ends it
            assertThat(service.waitFor(STOPPED)).isIn(0, 143);
        }
    }

    @Test
    void sendsRowsInDoubtOnceMoreAfterACrashWhenItIsToldTo() {
        bos.reply(post -> post.number() <= ANSWERED ? Reply.success() : Reply.hang());
        Path input = CsvFiles.rows(40).writeTo(folder.resolve("in.csv"));
        try (RefundProcess command = process().env("REFUND_CONCURRENCY", "5").start("send", input.toString())) {
            await().atMost(LONG).until(() -> bos.postCount() == ANSWERED + 5);
            command.kill9();
        }
        bos.reply(Reply.success());
        try (RefundProcess command = process().env("REFUND_IN_DOUBT", "resend").start("send", input.toString())) {
            assertThat(command.waitFor(LONG)).isZero();
        }
        Results results = Results.await(outbox, "in", LONG);
        PromiseCheck.of(bos).max(2).file(input, results.folder()).verify();
        assertThat(bos.postCount()).isEqualTo(45);
        assertThat(results.success()).filteredOn(row -> row.get("attempts").equals("2")).hasSize(5);
    }

    @Test
    void listsTheRowsInDoubtInTheLogTheResultsAndTheSummaryAndRepeatingThemDoesNotLookLikeSuccess() throws Exception {
        bos.reply(post -> post.number() <= 3 ? Reply.success() : Reply.hang()); // check names the first duplicates
        Path input = CsvFiles.rows(40).writeTo(folder.resolve("in.csv"));
        try (RefundProcess command = process().env("REFUND_CONCURRENCY", "5").start("send", input.toString())) {
            await().atMost(LONG).until(() -> bos.postCount() == 3 + 5);
            command.kill9();
        }
        bos.reply(Reply.success());
        try (RefundProcess command = process().start("send", input.toString())) {
            assertThat(command.waitFor(LONG)).isEqualTo(1);
        }
        Results results = Results.await(outbox, "in", LONG);
        PromiseCheck.of(bos).inFlight(5).file(input, results.folder()).verify();
        assertThat(results.summary().inDoubt()).isEqualTo(5);
        assertThat(results.error()).hasSize(5).allMatch(row -> row.get("outcome").equals("IN_DOUBT"));
        String log = Files.readString(folder.resolve("data").resolve("refund.log"));
        assertThat(results.error()).allSatisfy(row -> assertThat(log).contains("line " + row.get("line")));

        try (RefundProcess again = process().start("send", input.toString())) {
            assertThat(again.waitFor(LONG)).as(again.output()).isEqualTo(1);
            assertThat(again.stdout()).contains("DUPLICATE          40", "repeats a row that ended IN_DOUBT");
        }
        try (RefundProcess check = process().start("check", input.toString())) {
            assertThat(check.waitFor(LONG)).as(check.output()).isEqualTo(1);
            assertThat(check.stdout()).contains("line " + results.error().get(0).get("line")
                    + ": DUPLICATE, repeats batch in-", "which ended IN_DOUBT");
        }
        assertThat(bos.postCount()).isEqualTo(40);
    }

    @Test
    void refusesADataFolderThatAnotherProcessHoldsAndLeavesItsRowsAlone() {
        CountDownLatch answers = new CountDownLatch(1);
        bos.reply(post -> {
            awaitLatch(answers);
            return Reply.success();
        });
        Path input = CsvFiles.rows(3).writeTo(folder.resolve("in.csv"));
        try (RefundProcess first = process().env("BOS_TIMEOUT_RESPONSE", "120s").start("send", input.toString())) {
            await().atMost(LONG).until(() -> bos.inFlightNow() > 0);
            Path other = CsvFiles.rows(3).from(100).writeTo(folder.resolve("other.csv"));
            for (String[] command : new String[][]{{"send", other.toString()}, {"serve"}, {"resend", "--yes", "in"}}) {
                try (RefundProcess second = process().env("REFUND_IN_DOUBT", "resend").start(command)) {
                    assertThat(second.waitFor(LONG)).as(second.output()).isEqualTo(2);
                    assertThat(second.output()).contains("in use by another process");
                }
            }
            answers.countDown();
            assertThat(first.waitFor(LONG)).as(first.output()).isZero();
        }
        assertThat(bos.postCount()).isEqualTo(3);
    }

    @Test
    void aBatchKeepsItsSummaryWhenItsResendIsKilledBeforeARowIsOpened() throws IOException {
        bos.reply(Reply.code(500, 1));
        Path input = CsvFiles.rows(1).writeTo(folder.resolve("in.csv"));
        try (RefundProcess command = process().start("send", input.toString())) {
            assertThat(command.waitFor(LONG)).as(command.output()).isEqualTo(1);
        }
        Results doubted = Results.await(outbox, "in", LONG);
        assertThat(doubted.summary().inDoubt()).isEqualTo(1);
        Files.createFile(folder.resolve(KillPoint.ARMED));
        String kill = KillPoint.script(BEFORE_ROWS_ARE_OPENED, 1);
        try (RefundProcess resend = KillAgent.inject(kill, folder, process()).start("resend",
                doubted.folder().getFileName().toString(), "--yes")) {
            assertThat(resend.waitFor(LONG)).isEqualTo(137);
        }
        assertThat(doubted.folder().resolve("summary.json")).doesNotExist();
        try (RefundProcess service = process().start("serve")) {
            assertThat(Results.await(outbox, "in", LONG).summary()).isEqualTo(doubted.summary());
        }
        assertThat(bos.postCount()).isEqualTo(1);
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private RefundProcess.Launch process() {
        return RefundProcess.in(folder).archived().against(bos).env("REFUND_HTTP_PORT", "0");
    }
}
