// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import static center.bos.refund.model.Outcome.ERROR;
import static center.bos.refund.model.Outcome.IN_DOUBT;
import static center.bos.refund.model.Outcome.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import center.bos.refund.model.NewRow;
import center.bos.refund.model.RowOutcome;
import center.bos.refund.testkit.ImpatientBosInTests;
import center.bos.refund.testkit.Post;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RowSender;
import center.bos.refund.testkit.Stalls;
import center.bos.refund.testkit.TroubleAtBos;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;

/** What one row or many cost while BOS has trouble, counted at the server. */
@QuarkusTest
@QuarkusTestResource(value = ImpatientBosInTests.class, restrictToAnnotatedClass = true)
class TroubleTest extends TroubleAtBos {
    @Test
    void sendsOnceAfterTheConnectionCouldNotBeMade() {
        server.refuseConnections();
        NewRow row = rows.row();
        Future<RowOutcome> sent = rows.begin(row);
        awaitPause();

        server.acceptAgain();

        assertThat(RowSender.get(sent, SOON).outcome()).isEqualTo(SUCCESS);
        assertThat(postsFor(row)).hasSize(1);
        assertThat(RowSender.get(sent, SOON).attempts()).isEqualTo(1);
    }

    @Test
    void obeysRetryAfterInSecondsForEverybody() {
        NewRow refused = rows.row();
        server.reply(post -> post.attempt() == 1 && post.referenceid().equals(refused.referenceid())
                ? Reply.empty(429).withHeader("Retry-After", "2")
                : Reply.success());
        Future<RowOutcome> sent = rows.begin(refused);
        await().atMost(SOON).until(() -> postsFor(refused).size() == 1);
        Instant told = postsFor(refused).get(0).at();
        await().atMost(SOON).until(throttle::isAskedToPause);

        List<NewRow> others = rows.rows(5);
        rows.send(others);

        assertThat(RowSender.get(sent, SOON).outcome()).isEqualTo(SUCCESS);
        assertThat(others).allSatisfy(other -> assertThat(postsFor(other)).singleElement()
                .satisfies(
                        post -> assertThat(Duration.between(told, post.at())).isGreaterThan(Duration.ofMillis(1900))));
        assertThat(Duration.between(postsFor(refused).get(0).at(), postsFor(refused).get(1).at()))
                .isBetween(Duration.ofMillis(2000), Duration.ofMillis(4500));
    }

    @Test
    void obeysRetryAfterAsADate() {
        Instant date = Instant.now().plusSeconds(3).truncatedTo(ChronoUnit.SECONDS);
        String text = DateTimeFormatter.RFC_1123_DATE_TIME.format(date.atZone(ZoneOffset.UTC));
        server.reply(post -> post.attempt() == 1
                ? Reply.empty(503).withHeader("Retry-After", text)
                : Reply.success());
        NewRow row = rows.row();

        assertThat(rows.send(row).outcome()).isEqualTo(SUCCESS);

        assertThat(postsFor(row)).hasSize(2);
        assertThat(postsFor(row).get(1).at()).isBetween(date.minusMillis(100), date.plusMillis(2_000));
    }

    @Test
    void aRetryAfterOfDaysIsObeyedUpToTheLongestPause() {
        String nextYear = DateTimeFormatter.RFC_1123_DATE_TIME
                .format(Instant.now().plus(Duration.ofDays(365)).atZone(ZoneOffset.UTC));
        server.reply(post -> switch (post.attempt()) {
            case 1 -> Reply.empty(429).withHeader("Retry-After", "86400");
            case 2 -> Reply.empty(503).withHeader("Retry-After", nextYear);
            default -> Reply.success();
        });
        NewRow row = rows.row();

        assertThat(rows.send(row).outcome()).isEqualTo(SUCCESS);

        List<Post> posts = postsFor(row);
        assertThat(posts).hasSize(3);
        for (int retry = 0; retry < 2; retry++) {
            assertThat(Duration.between(posts.get(retry).at(), posts.get(retry + 1).at()))
                    .isBetween(Duration.ofMillis(3_900), Duration.ofMillis(6_500));
        }
    }

    @Test
    void doublesThePauseBetweenRetriesAndKeepsTheLastAnswer() {
        server.reply(post -> post.attempt() < 4
                ? Reply.code(200, 5)
                : Reply.json(200, "{\"status\":false,\"response_code\":5,\"message\":\"the fourth\"}"));
        rows.send(rows.row()); // the first takes longer
        NewRow row = rows.row();
        RowOutcome ended;
        Duration spoilt;

        try (Stalls stalls = Stalls.watch()) {
            ended = rows.send(row);
            spoilt = stalls.lost();
        }

        List<Post> posts = postsFor(row);
        assertThat(ended.outcome()).isEqualTo(ERROR);
        assertThat(ended.message()).isEqualTo("the fourth");
        assertThat(posts).hasSize(4);
        for (int retry = 0; retry < 3; retry++) {
            Duration gap = Duration.between(posts.get(retry).at(), posts.get(retry + 1).at());
            assertThat(gap).isBetween(Duration.ofMillis(50L << retry),
                    Duration.ofMillis((100L << retry) + 400).plus(spoilt));
        }
    }

    @Test
    void aThrottlingServerCostsNoRowItsRetries() {
        Instant end = Instant.now().plusSeconds(6);
        server.reply(post -> Instant.now().isBefore(end)
                ? Reply.empty(429).withHeader("Retry-After", "1")
                : Reply.success());
        List<NewRow> many = rows.rows(100);
        long before = server.postCount();

        assertThat(rows.send(many)).extracting(RowOutcome::outcome).containsOnly(SUCCESS);

        assertThat(server.postCount() - before).isLessThan(100 + 32 + 16 + 8 + 4 + 10);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", ""})
    void aServerThatTakesSoManyCallsASecondCostsFewRowsTheirRetries(String retryAfter) {
        Semaphore allowed = new Semaphore(0);
        ScheduledExecutorService refill = Executors.newSingleThreadScheduledExecutor();
        refill.scheduleAtFixedRate(() -> {
            allowed.drainPermits();
            allowed.release(10);
        }, 0, 400, TimeUnit.MILLISECONDS);
        Reply tooMany = Reply.empty(429);
        Reply refusal = retryAfter.isEmpty() ? tooMany : tooMany.withHeader("Retry-After", retryAfter);
        server.reply(post -> allowed.tryAcquire() ? Reply.success() : refusal);
        try {
            List<RowOutcome> outcomes = rows.send(rows.rows(100));

            assertThat(outcomes.stream().filter(row -> row.outcome() != SUCCESS)).hasSizeLessThan(10);
        } finally {
            refill.shutdownNow();
        }
    }

    @Test
    void aRowThatIsRefusedAloneEndsAndDoesNotHoldUpTheOthers() {
        NewRow poison = rows.row();
        server.reply(post -> post.referenceid().equals(poison.referenceid()) ? Reply.html(403) : Reply.success());
        Future<RowOutcome> refused = rows.begin(poison);
        Instant start = Instant.now();

        while (!refused.isDone()) {
            rows.send(rows.rows(10));
            assertThat(Duration.between(start, Instant.now())).isLessThan(SOON);
        }

        assertThat(RowSender.get(refused, SOON).outcome()).isEqualTo(ERROR);
        assertThat(RowSender.get(refused, SOON).httpStatus()).isEqualTo(403);
        assertThat(postsFor(poison)).hasSizeBetween(4, 8);
    }

    @Test
    void aRowThatIsRefusedAloneWhileNoOtherWaitsDoesNotKeepLaterRowsFromBos() {
        NewRow poison = rows.row();
        server.reply(post -> post.referenceid().equals(poison.referenceid()) ? Reply.html(403) : Reply.success());
        Future<RowOutcome> refused = rows.begin(poison);
        awaitPause();

        List<Future<RowOutcome>> later = rows.rows(40).stream().map(rows::begin).toList();

        assertThat(later).allSatisfy(row -> assertThat(RowSender.get(row, SOON).outcome()).isEqualTo(SUCCESS));
        Instant start = Instant.now();
        while (!refused.isDone()) {
            rows.send(rows.rows(10));
            assertThat(Duration.between(start, Instant.now())).isLessThan(SOON);
        }
        assertThat(RowSender.get(refused, SOON).outcome()).isEqualTo(ERROR);
    }

    @Test
    void anOutageCostsTheRowsInFlightAndTheProbes() {
        AtomicBoolean isBack = new AtomicBoolean();
        AtomicInteger calls = new AtomicInteger();
        // the first failure is answered after the last success: a success in between would let further calls begin
        server.reply(post -> isBack.get() || calls.incrementAndGet() <= 160
                ? Reply.success().after(Duration.ofMillis(200))
                : Reply.html(500).after(Duration.ofMillis(500)));
        rows.send(rows.rows(100));
        List<Future<RowOutcome>> sent = rows.rows(400).stream().map(rows::begin).toList();

        awaitPause(); // in the midst of them
        long atPause = server.postCount();
        Instant paused = Instant.now();
        pass(Duration.ofSeconds(10));
        long probes = server.postCount() - atPause;
        isBack.set(true);
        Instant back = Instant.now();
        awaitEndOfOutageWithinTenSeconds();

        List<RowOutcome> outcomes = sent.stream().map(row -> RowSender.get(row, SOON)).toList();
        long lost = outcomes.stream().filter(row -> row.outcome() != SUCCESS).count();
        assertThat(outcomes).extracting(RowOutcome::outcome).containsOnly(SUCCESS, IN_DOUBT);
        assertThat(probes).isLessThanOrEqualTo(4);
        assertThat(lost).isLessThanOrEqualTo(32 + 4);
        assertThat(Duration.between(paused, back)).isGreaterThan(Duration.ofSeconds(9));
    }

    @Test
    void aServerThatComesBackWhileACallHangsIsNoticedWithinTenSeconds() {
        server.reply(Reply.hang());
        List<Future<RowOutcome>> sent = rows.rows(40).stream().map(rows::begin).toList();
        awaitPause();
        pass(Duration.ofSeconds(6));

        server.reply(Reply.success());

        awaitEndOfOutageWithinTenSeconds();
        sent.forEach(row -> RowSender.get(row, SOON));
    }

    private void awaitEndOfOutageWithinTenSeconds() {
        Instant back = Instant.now();
        try (Stalls stalls = Stalls.watch()) {
            await().atMost(SOON).until(() -> throttle.outage().isEmpty());
            assertThat(Duration.between(back, Instant.now())).isLessThan(Duration.ofSeconds(10).plus(stalls.lost()));
        }
    }

    @Test
    void aBlockedAddressCostsNoRow() {
        server.reply(Reply.html(403));
        List<NewRow> many = rows.rows(60);
        List<Future<RowOutcome>> sent = many.stream().map(rows::begin).toList();
        awaitPause();
        assertThat(throttle.outage().orElseThrow().reason()).isEqualTo("HTTP 403, not the expected JSON");

        server.reply(Reply.success());

        assertThat(sent.stream().map(row -> RowSender.get(row, SOON))).extracting(RowOutcome::outcome)
                .containsOnly(SUCCESS);
    }

    /**
     * A close that comes after the look at a connection cannot be seen by any client. From the first on no connection is
     * used twice for a minute: each of those that there were then, one a call in flight, costs a row at the most, and those
     * that come later none.
     */
    @Test
    void aServerThatClosesUnannouncedCostsARowForEachConnectionThereWasAndNoMore() {
        rows.send(rows.rows(200));
        Set<Integer> usedBefore = ConcurrentHashMap.newKeySet();
        server.reply(post -> usedBefore.add(post.connection())
                ? Reply.success().after(Duration.ofMillis(5))
                : Reply.closeWithoutAnswer());

        List<RowOutcome> outcomes = rows.send(rows.rows(500));
        List<RowOutcome> later = rows.send(rows.rows(500));

        assertThat(outcomes.stream().filter(row -> row.outcome() == IN_DOUBT)).hasSizeBetween(1, 32);
        assertThat(later).extracting(RowOutcome::outcome).containsOnly(SUCCESS);
    }

    @Test
    void failuresNowAndThenDoNotSlowThePace() {
        Reply usual = Reply.success().after(Duration.ofMillis(20));
        server.reply(usual);
        rows.send(rows.rows(200));
        Instant begun = Instant.now();
        rows.send(rows.rows(1000));
        Duration undisturbed = Duration.between(begun, Instant.now());
        server.reply(post -> post.number() % 50 == 0 ? Reply.html(502) : usual);
        Instant start = Instant.now();

        List<RowOutcome> outcomes = rows.send(rows.rows(1000));

        assertThat(outcomes.stream().filter(row -> row.outcome() == IN_DOUBT)).hasSizeBetween(18, 22);
        assertThat(Duration.between(start, Instant.now())).isLessThan(undisturbed.multipliedBy(2).plusSeconds(3));
    }

    @Test
    void neverExceedsTheConcurrency() {
        server.reply(post -> post.number() % 7 == 0
                ? Reply.html(500).after(Duration.ofMillis(30))
                : Reply.success().after(Duration.ofMillis(10)));

        rows.send(rows.rows(1000));

        assertThat(server.maxInFlight()).isBetween(25, 32);
    }
}
