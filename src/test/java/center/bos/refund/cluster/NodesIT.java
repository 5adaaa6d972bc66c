// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.Post;
import center.bos.refund.testkit.PostgresServer;
import center.bos.refund.testkit.PromiseCheck;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;

/** Two nodes of the packaged application on one PostgreSQL ledger, and nothing else between them. */
@Execution(ExecutionMode.CONCURRENT)
class NodesIT {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final Reply SLOW = Reply.success().after(Duration.ofMillis(50));

    @TempDir
    Path folder;

    private Cluster cluster;
    private Cluster.Node one;
    private Cluster.Node two;

    @BeforeEach
    void start() {
        cluster = new Cluster(PostgresServer.Version.NEWEST, folder);
        one = cluster.node("one");
        two = cluster.node("two");
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void shareTheRowsOfABatchWhoseResultsAppearOnceWhereItWasTaken() throws Exception {
        cluster.bos().reply(SLOW);
        one.serve();
        two.serve();
        awaitStart(one);
        awaitStart(two);
        Path file = rows(3_000, 0);
        one.drop(file);

        Results results = Results.await(one.outbox(), "batch0", LONG);

        PromiseCheck.of(cluster.bos()).file(file, results.folder()).verify();
        assertThat(results.summary().success()).isEqualTo(3_000);
        assertThat(cluster.rowsByNode(results.summary().batch())).containsOnlyKeys("one", "two")
                .allSatisfy((node, rows) -> assertThat(rows).isGreaterThan(600));
        assertThat(two.outbox()).isEmptyDirectory();
    }

    @Test
    void shareTheirTokenWhereANewOneEndsTheOneBefore() throws Exception {
        cluster.bos().tokens().oneAtATime().lifetime(Duration.ofSeconds(20));
        cluster.bos().reply(SLOW);
        one.serve();
        two.serve();
        awaitStart(one);
        awaitStart(two);
        Path file = rows(4_000, 0);
        one.drop(file);

        Results results = Results.await(one.outbox(), "batch0", LONG);

        assertThat(results.summary().success()).isEqualTo(4_000);
        PromiseCheck.of(cluster.bos().posts().stream().filter(Post::authorized).toList())
                .file(file, results.folder()).verify();
        assertThat(cluster.bos().tokensAsked()).isBetween(2, 20);
        assertThat(cluster.bos().postCount()).isLessThan(4_000 + 20 * Cluster.CONCURRENCY);
        assertThat(cluster.rowsByNode(results.summary().batch())).containsOnlyKeys("one", "two");
        assertThat(cluster.sealedToken()).isNotBlank().doesNotContain("tok-");
        assertThat(one.process().output() + two.process().output()).doesNotContain("tok-");
    }

    @Test
    void takeEachFileOfASharedInboxOnce() throws Exception {
        cluster.shareInbox(one);
        cluster.shareInbox(two);
        one.serve();
        two.serve();
        awaitStart(one);
        awaitStart(two);
        List<Path> files = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            files.add(rows(10, i));
        }
        files.forEach(one::drop);

        await().atMost(LONG).until(() -> summaries(one).size() + summaries(two).size() == files.size());

        assertThat(cluster.bos().postCount()).isEqualTo(200);
        for (int i = 0; i < files.size(); i++) {
            Path outbox = Results.finished(one.outbox(), "batch" + i).isEmpty() ? two.outbox() : one.outbox();
            PromiseCheck.of(cluster.bos()).file(files.get(i), Results.await(outbox, "batch" + i, LONG).folder())
                    .verify();
        }
    }

    @Test
    void doubtTheCallsThatADeadNodeHadInFlightAndDoTheRest() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        AtomicInteger hanging = new AtomicInteger();
        one.serve();
        awaitStart(one);
        cluster.bos().reply(post -> post.number() > 100 && hanging.incrementAndGet() > 0 && waitsFor(never)
                ? Reply.success()
                : Reply.success());
        // two is not started yet: what hangs is the first node's
        Path file = rows(600, 0);
        two.drop(file);
        Path mine = rows(300, 1);
        one.drop(mine);
        await().atMost(LONG).until(() -> hanging.get() >= Cluster.CONCURRENCY);
        one.process().kill9();
        never.countDown();
        cluster.bos().reply(SLOW);
        two.serve();

        Results results = Results.await(two.outbox(), "batch0", LONG);
        assertThat(results.summary().success()).isEqualTo(600);
        // the file of the node that is gone waits for it; its rows do not
        one.serve();
        Results ended = Results.await(one.outbox(), "batch1", LONG);
        PromiseCheck.of(cluster.bos()).inFlight(Cluster.CONCURRENCY).file(mine, ended.folder())
                .file(file, results.folder()).verify();
        assertThat(ended.summary().inDoubt()).isBetween(1L, (long) Cluster.CONCURRENCY);
    }

    @Test
    void recordNothingOnceTheirRowsWereTakenFromThemWhileTheyWerePaused() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        AtomicInteger hanging = new AtomicInteger();
        two.serve();
        awaitStart(two);
        cluster.bos().reply(post -> {
            hanging.incrementAndGet();
            waitsFor(answer);
            return Reply.success();
        });
        // the only node that is up takes the rows; the other is to see them complete
        Path file = rows(1, 0);
        RefundProcess paused = two.process();
        two.drop(file);
        await().atMost(LONG).until(() -> hanging.get() == 1);
        paused.pause();
        one.serve();
        awaitStart(one);
        await().atMost(LONG).until(() -> one.process().output().contains("sends no heartbeat"));
        paused.resume();
        answer.countDown();

        Results results = Results.await(two.outbox(), "batch0", LONG);

        assertThat(results.summary().inDoubt()).isEqualTo(1);
        assertThat(results.summary().success()).isZero();
        PromiseCheck.of(cluster.bos()).inFlight(1).file(file, results.folder()).verify();
        cluster.bos().reply(Reply.success());
        Path next = rows(20, 1);
        two.drop(next);
        assertThat(Results.await(two.outbox(), "batch1", LONG).summary().success()).isEqualTo(20);
    }

    @Test
    void goOnAfterTheDatabaseWasRestartedTwice() throws Exception {
        cluster.bos().reply(SLOW);
        one.serve();
        two.serve();
        awaitStart(one);
        awaitStart(two);
        Path first = rows(2_000, 0);
        Path second = rows(2_000, 1);
        one.drop(first);
        two.drop(second);
        await().atMost(LONG).until(() -> cluster.bos().postCount() > 400);
        cluster.postgres().restart();
        await().atMost(LONG).until(() -> cluster.bos().postCount() > 1_200);
        cluster.postgres().restart();

        Results ofOne = Results.await(one.outbox(), "batch0", LONG);
        Results ofTwo = Results.await(two.outbox(), "batch1", LONG);

        PromiseCheck.of(cluster.bos()).file(first, ofOne.folder()).file(second, ofTwo.folder()).verify();
        assertThat(ofOne.summary().success() + ofTwo.summary().success()).isEqualTo(4_000);
        for (Cluster.Node node : List.of(one, two)) {
            node.process().terminate();
            assertThat(node.process().waitFor(LONG)).isZero();
        }
    }

    @Test
    void doTheirShareForACommandWhoseResultsStayWithIt() throws Exception {
        cluster.bos().reply(SLOW);
        one.serve();
        awaitStart(one);
        Path file = rows(1_500, 0);
        try (RefundProcess send = two.launch().start("send", file.toString())) {
            assertThat(send.waitFor(LONG)).as(send.output()).isZero();
        }
        Results results = Results.await(two.outbox(), "batch0", LONG);
        PromiseCheck.of(cluster.bos()).file(file, results.folder()).verify();
        assertThat(cluster.rowsByNode(results.summary().batch())).containsOnlyKeys("one", "two");
        assertThat(one.outbox()).isEmptyDirectory();
        Cluster.Node other = cluster.node("three");
        try (RefundProcess resend = other.launch().start("resend", "--yes", results.summary().batch())) {
            assertThat(resend.waitFor(LONG)).isEqualTo(2);
            assertThat(resend.output()).contains("belongs to node two");
        }
    }

    @Test
    void answerASingleRefundAtTheNodeThatWasAskedAlthoughAnotherCallsIt() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        cluster.bos().reply(post -> post.referenceid().equals("4711") || waitsFor(busy)
                ? Reply.success()
                : Reply.code(200, 2));
        RefundProcess.Launch patient = one.concurrency(1).launch().env("BOS_TIMEOUT_RESPONSE", "120s");
        try (RestService asked = RestService.start(patient, folder.resolve("one"))) {
            one.drop(rows(1, 0)); // one call is all that it makes at once
            await().atMost(LONG).until(() -> cluster.bos().inFlightNow() == 1);
            two.serve();
            awaitStart(two);

            RestService.Answer answer = asked.json("/refunds", "{\"referenceid\":4711,\"ackno\":1}");

            assertThat(answer.status()).isEqualTo(200);
            assertThat(answer.json().get("outcome").asText()).isEqualTo("SUCCESS");
            assertThat(cluster.rowsByNode(answer.json().get("id").asText())).containsOnlyKeys("two");
            assertThat(cluster.bos().inFlightNow()).isEqualTo(1);
            busy.countDown();
        }
    }

    @Test
    void answerForEachOtherWhereNobodyHasToLogIn() {
        try (RestService first = RestService.start(one.launch(), folder.resolve("one"));
                RestService second = RestService.start(two.launch(), folder.resolve("two"))) {
            String batch = first.post("/batches", "text/csv", "referenceid,ackno\n1,1\n").header("Location");
            await().atMost(LONG)
                    .until(() -> second.get(batch).json().get("state").asText().equals("complete"));

            assertThat(second.get(batch + "/success.csv").http().body())
                    .isEqualTo(first.get(batch + "/success.csv").http().body()).contains("SUCCESS");
            RestService.Answer paused = second.json("/service/pause?node=one",
                    "{\"reason\":\"asked to\",\"by\":\"asha\"}");
            assertThat(paused.json().get("verdict").asText()).contains("by asha: asked to");
            assertThat(first.get("/service").json().get("calling").asBoolean()).isFalse();
            assertThat(second.get("/service").json().get("calling").asBoolean()).isTrue();
        }
    }

    @Test
    void refuseANameThatIsInUseAndEndWhereTheirsWasTakenWhileTheyWerePaused() {
        one.serve();
        awaitStart(one);
        Cluster.Node twin = cluster.node("twin");
        try (RefundProcess process = twin.launch().env("REFUND_NODE", "one").start("serve")) {
            assertThat(process.waitFor(LONG)).isEqualTo(2);
            assertThat(process.output()).contains("another process runs as node one", "refund.node");
        }
        assertThat(one.process().isAlive()).isTrue();

        one.process().pause();
        try (RefundProcess process = twin.launch().env("REFUND_NODE", "one").start("serve")) {
            await().atMost(LONG).until(() -> process.output().contains("Watching"));
            one.process().resume();

            assertThat(one.process().waitFor(LONG)).isEqualTo(2);
            assertThat(one.process().output()).contains("another process runs under this node's name");
            assertThat(process.isAlive()).isTrue();
        }
    }

    private Path rows(int rows, int number) {
        return CsvFiles.rows(rows).from(number * 10_000L).writeTo(folder.resolve("batch" + number + ".csv"));
    }

    private static void awaitStart(Cluster.Node node) {
        await().atMost(LONG).until(() -> node.process().output().contains("Watching"));
    }

    private static List<Path> summaries(Cluster.Node node) throws Exception {
        // not a walk, which fails on a file that is renamed meanwhile
        try (Stream<Path> batches = Files.list(node.outbox())) {
            return batches.map(batch -> batch.resolve("summary.json")).filter(Files::exists).toList();
        }
    }

    private static boolean waitsFor(CountDownLatch latch) {
        try {
            latch.await();
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
