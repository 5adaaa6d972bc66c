// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.Post;
import center.bos.refund.testkit.PostgresServer;
import center.bos.refund.testkit.PromiseCheck;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;

/** Two nodes of the packaged application on one PostgreSQL ledger, and nothing else between them. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NodesIT {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final Reply SLOW = Reply.success().after(Duration.ofMillis(50));
    private static final String WHY = "{\"reason\":\"asked to\",\"by\":\"asha\"}";
    private static final AtomicInteger FILES = new AtomicInteger();

    @TempDir
    static Path folder;

    private static Cluster cluster;
    private static Cluster.Node one;
    private static Cluster.Node two;

    private long postsBefore;

    @BeforeAll
    static void start() {
        cluster = new Cluster(PostgresServer.Version.NEWEST, folder);
        one = cluster.node("one");
        two = cluster.node("two");
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    /** Those that a test ended are started by the next. */
    @BeforeEach
    void bothServeAndCall() {
        List<Cluster.Node> both = List.of(one, two);
        both.stream().filter(node -> node.rest() == null || !node.process().isAlive()).forEach(Cluster.Node::serve);
        both.forEach(NodesIT::awaitStart);
        both.forEach(node -> node.rest().json("/service/resume", "{}"));
        cluster.bos().reply(Reply.success());
        postsBefore = cluster.bos().postCount();
    }

    /** The calls of this test. */
    private long posts() {
        return cluster.bos().postCount() - postsBefore;
    }

    private static void pause(Cluster.Node node) {
        assertThat(node.rest().json("/service/pause", WHY).json().get("calling").asBoolean()).isFalse();
    }

    private static void resume(Cluster.Node node) {
        assertThat(node.rest().json("/service/resume", "{}").json().get("calling").asBoolean()).isTrue();
    }

    @Test
    void shareTheRowsOfABatchWhoseResultsAppearOnceWhereItWasTaken() throws Exception {
        cluster.bos().reply(SLOW);
        Path file = rows(3_000);
        one.drop(file);

        Results results = results(one, file);

        PromiseCheck.of(cluster.bos()).file(file, results.folder()).verify();
        assertThat(results.summary().success()).isEqualTo(3_000);
        assertThat(cluster.rowsByNode(results.summary().batch())).containsOnlyKeys("one", "two")
                .allSatisfy((node, rows) -> assertThat(rows).isGreaterThan(600));
        assertThat(two.outbox().resolve(results.summary().batch())).doesNotExist();
    }

    @Test
    void shareTheirTokenWhereANewOneEndsTheOneBefore(@TempDir Path other) throws Exception {
        try (Cluster strict = new Cluster(PostgresServer.Version.NEWEST, other)) {
            strict.bos().tokens().oneAtATime().lifetime(Duration.ofSeconds(20));
            strict.bos().reply(SLOW);
            Cluster.Node first = strict.node("one").serve();
            Cluster.Node second = strict.node("two").serve();
            awaitStart(first);
            awaitStart(second);
            Path file = rows(4_000);
            first.drop(file);

            Results results = results(first, file);

            assertThat(results.summary().success()).isEqualTo(4_000);
            PromiseCheck.of(strict.bos().posts().stream().filter(Post::authorized).toList())
                    .file(file, results.folder()).verify();
            assertThat(strict.bos().tokensAsked()).isBetween(2, 20);
            assertThat(strict.bos().postCount()).isLessThan(4_000 + 20 * Cluster.CONCURRENCY);
            assertThat(strict.rowsByNode(results.summary().batch())).containsOnlyKeys("one", "two");
            assertThat(strict.sealedToken()).isNotBlank().doesNotContain("tok-");
            assertThat(first.process().output() + second.process().output()).doesNotContain("tok-");
        }
    }

    @Test
    void takeEachFileOfASharedInboxOnce() throws Exception {
        Cluster.Node east = cluster.node("east");
        Cluster.Node west = cluster.node("west");
        cluster.shareInbox(east);
        cluster.shareInbox(west);
        try (RestService first = east.serve().rest(); RestService second = west.serve().rest()) {
            awaitStart(east);
            awaitStart(west);
            List<Path> files = Stream.generate(() -> rows(10)).limit(20).toList();
            files.forEach(east::drop);

            await().atMost(LONG).until(() -> summaries(east).size() + summaries(west).size() == files.size());

            assertThat(posts()).isEqualTo(200);
            for (Path file : files) {
                Cluster.Node taker = Results.finished(east.outbox(), stem(file)).isEmpty() ? west : east;
                PromiseCheck.of(cluster.bos()).file(file, results(taker, file).folder()).verify();
            }
        }
    }

    @Test
    void doubtTheCallsThatADeadNodeHadInFlightAndDoTheRest() throws Exception {
        CountDownLatch never = new CountDownLatch(1);
        AtomicInteger calls = new AtomicInteger();
        AtomicInteger hanging = new AtomicInteger();
        cluster.bos().reply(post -> calls.incrementAndGet() > 100 && hanging.incrementAndGet() > 0 && waitsFor(never)
                ? Reply.success()
                : Reply.success());
        pause(two); // what hangs is the first node's
        Path mine = rows(300);
        one.drop(mine);
        await().atMost(LONG).until(() -> hanging.get() >= Cluster.CONCURRENCY);
        one.process().kill9();
        never.countDown();
        cluster.bos().reply(SLOW);
        Path file = rows(600);
        two.drop(file);
        resume(two);

        Results results = results(two, file);
        assertThat(results.summary().success()).isEqualTo(600);
        // the file of the node that is gone waits for it; its rows do not
        one.serve();
        Results ended = results(one, mine);
        PromiseCheck.of(cluster.bos()).inFlight(Cluster.CONCURRENCY).file(mine, ended.folder())
                .file(file, results.folder()).verify();
        assertThat(ended.summary().inDoubt()).isBetween(1L, (long) Cluster.CONCURRENCY);
    }

    @Test
    void recordNothingOnceTheirRowsWereTakenFromThemWhileTheyWerePaused() throws Exception {
        CountDownLatch answer = new CountDownLatch(1);
        AtomicInteger hanging = new AtomicInteger();
        cluster.bos().reply(post -> {
            hanging.incrementAndGet();
            waitsFor(answer);
            return Reply.success();
        });
        pause(one); // the other takes the row; this one is to see it complete
        Path file = rows(1);
        two.drop(file);
        await().atMost(LONG).until(() -> hanging.get() == 1);
        two.process().pause();
        await().atMost(LONG).until(() -> one.process().output().contains("sends no heartbeat"));
        two.process().resume();
        answer.countDown();

        Results results = results(two, file);

        assertThat(results.summary().inDoubt()).isEqualTo(1);
        assertThat(results.summary().success()).isZero();
        PromiseCheck.of(cluster.bos()).inFlight(1).file(file, results.folder()).verify();
        cluster.bos().reply(Reply.success());
        Path next = rows(20);
        two.drop(next);
        assertThat(results(two, next).summary().success()).isEqualTo(20);
    }

    @Test
    @Order(Integer.MAX_VALUE) // it ends both
    void goOnAfterTheDatabaseWasRestartedTwice() throws Exception {
        cluster.bos().reply(SLOW);
        Path first = rows(2_000);
        Path second = rows(2_000);
        one.drop(first);
        two.drop(second);
        await().atMost(LONG).until(() -> posts() > 400);
        cluster.postgres().restart();
        await().atMost(LONG).until(() -> posts() > 1_200);
        cluster.postgres().restart();

        Results ofOne = results(one, first);
        Results ofTwo = results(two, second);

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
        Path file = rows(1_500);
        Cluster.Node sender = cluster.node("sender");
        try (RefundProcess send = sender.launch().start("send", file.toString())) {
            assertThat(send.waitFor(LONG)).as(send.output()).isZero();
        }
        Results results = results(sender, file);
        String batch = results.summary().batch();
        PromiseCheck.of(cluster.bos()).file(file, results.folder()).verify();
        assertThat(cluster.rowsByNode(batch)).containsOnlyKeys("one", "two", "sender");
        assertThat(List.of(one, two)).allSatisfy(node -> assertThat(node.outbox().resolve(batch)).doesNotExist());
        try (RefundProcess resend = cluster.node("stranger").launch().start("resend", "--yes", batch)) {
            assertThat(resend.waitFor(LONG)).isEqualTo(2);
            assertThat(resend.output()).contains("belongs to node sender");
        }
    }

    @Test
    void answerASingleRefundAtTheNodeThatWasAskedAlthoughAnotherCallsIt() throws Exception {
        CountDownLatch busy = new CountDownLatch(1);
        pause(two);
        Path opening = rows(100); // after which as many calls as it may make are made at once
        one.drop(opening);
        assertThat(results(one, opening).summary().success()).isEqualTo(100);
        cluster.bos().reply(post -> post.referenceid().equals("4711") || waitsFor(busy)
                ? Reply.success()
                : Reply.code(200, 2));
        one.drop(rows(Cluster.CONCURRENCY));
        await().atMost(LONG).until(() -> cluster.bos().inFlightNow() == Cluster.CONCURRENCY);
        resume(two);

        RestService.Answer answer = one.rest().json("/refunds", "{\"referenceid\":4711,\"ackno\":1}");

        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.json().get("outcome").asText()).isEqualTo("SUCCESS");
        assertThat(cluster.rowsByNode(answer.json().get("id").asText())).containsOnlyKeys("two");
        assertThat(cluster.bos().inFlightNow()).isEqualTo(Cluster.CONCURRENCY);
        busy.countDown();
    }

    @Test
    void answerForEachOtherWhereNobodyHasToLogIn() {
        RestService first = one.rest();
        RestService second = two.rest();
        String batch = first.post("/batches", "text/csv", "referenceid,ackno\n1,1\n").header("Location");
        await().atMost(LONG).until(() -> second.get(batch).json().get("state").asText().equals("complete"));

        assertThat(second.get(batch + "/success.csv").http().body())
                .isEqualTo(first.get(batch + "/success.csv").http().body()).contains("SUCCESS");
        RestService.Answer paused = second.json("/service/pause?node=one", WHY);
        assertThat(paused.json().get("verdict").asText()).contains("by asha: asked to");
        assertThat(first.get("/service").json().get("calling").asBoolean()).isFalse();
        assertThat(second.get("/service").json().get("calling").asBoolean()).isTrue();
    }

    @Test
    @Order(Integer.MAX_VALUE - 1) // it ends one
    void refuseANameThatIsInUseAndEndWhereTheirsWasTakenWhileTheyWerePaused() {
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
            process.terminate();
            assertThat(process.waitFor(LONG)).isZero();
        }
    }

    /** A file of rows that no other has. */
    private static Path rows(int rows) {
        int number = FILES.incrementAndGet();
        return CsvFiles.rows(rows).from(number * 10_000L).writeTo(folder.resolve("batch" + number + ".csv"));
    }

    private static String stem(Path file) {
        return file.getFileName().toString().replace(".csv", "");
    }

    private static Results results(Cluster.Node node, Path file) {
        return Results.await(node.outbox(), stem(file), LONG);
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
