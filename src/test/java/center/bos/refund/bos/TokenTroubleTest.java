// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import static center.bos.refund.model.Outcome.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;

import jakarta.inject.Inject;

import org.apache.camel.CamelContext;
import org.junit.jupiter.api.Test;

import center.bos.refund.metrics.FlowMetrics;
import center.bos.refund.model.NewRow;
import center.bos.refund.model.RowOutcome;
import center.bos.refund.testkit.ImpatientBosInTests;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RowSender;
import center.bos.refund.testkit.TroubleAtBos;
import center.bos.refund.token.TokenCache;
import io.micrometer.core.instrument.MeterRegistry;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;

/** What trouble with tokens costs, in POSTs and in requests for a token. */
@QuarkusTest
@QuarkusTestResource(value = ImpatientBosInTests.class, restrictToAnnotatedClass = true, initArgs = @ResourceArg(name = "bos.token.refresh-margin", value = "7s"))
class TokenTroubleTest extends TroubleAtBos {
    @Inject
    TokenCache tokens;
    @Inject
    CamelContext camel;
    @Inject
    FlowMetrics metrics;
    @Inject
    MeterRegistry registry;
    @TestHTTPResource("/service")
    URI service;

    @Test
    void manyCallsThatAreRefusedAtOnceShareOneNewToken() {
        rows.send(rows.rows(100));
        server.reply(Reply.success().after(Duration.ofMillis(20)));
        int asked = server.tokensAsked();
        long posts = server.postCount();

        server.tokens().revokeAll();
        List<RowOutcome> outcomes = rows.send(rows.rows(200));

        assertThat(outcomes).extracting(RowOutcome::outcome).containsOnly(SUCCESS);
        assertThat(server.tokensAsked() - asked).isEqualTo(1);
        assertThat(server.postCount() - posts).isBetween(201L, 232L);
    }

    @Test
    void manyCallsThatWaitForASlowTokenEndpointShareOneToken() {
        discardToken(Duration.ofSeconds(600));
        server.tokens().reply(request -> server.tokens().grant().after(Duration.ofMillis(400)));
        int asked = server.tokensAsked();

        List<RowOutcome> outcomes = rows.send(rows.rows(200));

        assertThat(outcomes).extracting(RowOutcome::outcome).containsOnly(SUCCESS);
        assertThat(server.tokensAsked() - asked).isEqualTo(1);
    }

    @Test
    void tokensThatExpireMidBatchCostNoRow() {
        server.reply(Reply.success().after(Duration.ofMillis(50)));
        discardToken(Duration.ofSeconds(2));
        int asked = server.tokensAsked();
        long posts = server.postCount();
        Instant start = Instant.now();

        List<RowOutcome> outcomes = rows.send(rows.rows(2500));

        assertThat(outcomes).extracting(RowOutcome::outcome).containsOnly(SUCCESS);
        assertThat(server.postCount() - posts).isLessThanOrEqualTo(2500 + 32);
        // it may say 1 s, being in whole seconds; each is used for three quarters of that at the least
        assertThat(server.tokensAsked() - asked).isBetween(2,
                2 + (int) Duration.between(start, Instant.now()).toMillis() / 750);
    }

    @Test
    void aTokenThatEndsSoonerThanItsExpirySaysIsReplaced() {
        server.tokens().reply(request -> {
            server.tokens().lifetime(Duration.ofSeconds(1));
            String token = server.tokens().issue();
            return Reply.json(200, "{\"status\":\"SUCCESS\",\"data\":{\"token\":\"" + token + "\",\"expiry\":600}}");
        });
        server.reply(Reply.success().after(Duration.ofMillis(50)));
        discardToken(Duration.ofSeconds(1));
        int asked = server.tokensAsked();
        Instant start = Instant.now();

        List<RowOutcome> outcomes = rows.send(rows.rows(2000));

        assertThat(outcomes).extracting(RowOutcome::outcome).containsOnly(SUCCESS);
        // one a second, and a few
        assertThat(server.tokensAsked() - asked).isBetween(2,
                6 + (int) Duration.between(start, Instant.now()).toSeconds());
    }

    @Test
    void aWrongClockOnEitherSideDoesNotMakeEachCallAskForAToken() {
        for (long skew : List.of(-86_400L, -3_600L, 3_600L)) {
            server.tokens().reply(request -> granted(Instant.now().plusSeconds(600 + skew).getEpochSecond()));
            discardToken(Duration.ofSeconds(600));
            int asked = server.tokensAsked();

            assertThat(rows.send(rows.rows(50))).extracting(RowOutcome::outcome).containsOnly(SUCCESS);

            assertThat(server.tokensAsked() - asked).isEqualTo(1);
        }
    }

    @Test
    void theServersOwnClockCountsWhereItTellsIt() {
        Instant serverNow = Instant.now().minusSeconds(7_200);
        server.tokens().reply(request -> granted(serverNow.plusSeconds(4).getEpochSecond()).withHeader("Date",
                DateTimeFormatter.RFC_1123_DATE_TIME.format(serverNow.atZone(ZoneOffset.UTC))));
        discardToken(Duration.ofSeconds(600));
        int asked = server.tokensAsked();
        rows.send(rows.row());

        pass(Duration.ofSeconds(4));
        rows.send(rows.row());

        assertThat(server.tokensAsked() - asked).isEqualTo(2);
    }

    @Test
    void expiriesThatMakeNoSenseDoNotMakeEachCallAskForAToken() {
        for (String expiry : List.of("0", "-5", "\"soon\"", "null", "99999999999999999999", "\"600\"",
                Long.toString(Instant.now().plusSeconds(600).toEpochMilli()))) {
            server.tokens().reply(request -> Reply.json(200, "{\"status\":\"SUCCESS\",\"data\":{\"token\":\""
                    + server.tokens().issue() + "\",\"expiry\":" + expiry + "}}"));
            discardToken(Duration.ofSeconds(600));
            int asked = server.tokensAsked();

            assertThat(rows.send(rows.rows(20))).extracting(RowOutcome::outcome).containsOnly(SUCCESS);

            assertThat(server.tokensAsked() - asked).as(expiry).isEqualTo(1);
        }
    }

    @Test
    void aTokenEndpointThatAnswersErrorWithHttp200PausesAndCostsNoRow() {
        pausesWhileTheTokenEndpointAnswers(Reply.tokenError(200, "401", "Invalid client id"),
                "the token endpoint refused: HTTP 200, status ERROR");
    }

    @Test
    void aTokenEndpointThatIsDownPausesAndCostsNoRow() {
        pausesWhileTheTokenEndpointAnswers(Reply.html(502), "HTTP 502");
    }

    @Test
    void aTokenEndpointThatHangsPausesAndCostsNoRow() {
        pausesWhileTheTokenEndpointAnswers(Reply.hang(), "the token endpoint does not answer");
    }

    private void pausesWhileTheTokenEndpointAnswers(Reply trouble, String reason) {
        discardToken(Duration.ofSeconds(600));
        server.tokens().reply(trouble);
        int asked = server.tokensAsked();
        long posts = server.postCount();
        List<Future<RowOutcome>> sent = rows.rows(100).stream().map(rows::begin).toList();

        awaitPause();
        assertThat(throttle.outage().orElseThrow().reason()).contains(reason);
        pass(Duration.ofSeconds(6));
        assertThat(server.tokensAsked() - asked).isLessThanOrEqualTo(8);
        server.tokens().replyAsUsual();

        assertThat(sent.stream().map(row -> RowSender.get(row, SOON))).extracting(RowOutcome::outcome)
                .containsOnly(SUCCESS);
        assertThat(server.postCount() - posts).isEqualTo(100);
    }

    private void takeTokenOfFifteenSeconds() {
        server.tokens().relativeExpiry(); // or it may say a second less
        discardToken(Duration.ofSeconds(15));
        rows.send(rows.row());
    }

    /** Waits until the next use fetches another token; for the seven seconds of the margin that one is valid. */
    private static void letTheTokenGrowOld() {
        pass(Duration.ofMillis(8_100));
    }

    @Test
    void aValidTokenGoesOnWhileTheEndpointFails() throws Exception {
        takeTokenOfFifteenSeconds();
        server.tokens().reply(Reply.html(500));
        letTheTokenGrowOld();

        assertThat(rows.send(rows.rows(5))).extracting(RowOutcome::outcome).containsOnly(SUCCESS);
        assertThat(tokens.trouble()).isPresent();
        assertThat(HttpClient.newHttpClient().send(HttpRequest.newBuilder(service).build(), BodyHandlers.ofString())
                .body()).contains("\"calling\":true").doesNotContain("No call begins");
    }

    @Test
    void theMetricOfAPauseNamesBosOrTheTokenByWhatFails() {
        metrics.register();
        takeTokenOfFifteenSeconds();
        server.tokens().reply(Reply.html(500));
        letTheTokenGrowOld();
        server.reply(Reply.html(403));
        List<Future<RowOutcome>> sent = rows.rows(5).stream().map(rows::begin).toList();
        awaitPause();
        assertThat(tokens.trouble()).isPresent();
        assertThat(List.of(paused("bos"), paused("token"))).containsExactly(1.0, 0.0);

        await().atMost(SOON).until(() -> paused("token") == 1.0); // when the old one has ended
        assertThat(paused("bos")).isZero();

        server.reply(Reply.success()).tokens().replyAsUsual();
        sent.forEach(row -> RowSender.get(row, SOON));
    }

    private double paused(String reason) {
        return registry.get("refund.pause").tag("reason", reason).gauge().value();
    }

    @Test
    void aSlowRefreshHoldsUpOneRowAtTheMostWhileTheOldTokenIsValid() {
        rows.send(rows.rows(100)); // the first calls are few at once
        takeTokenOfFifteenSeconds();
        letTheTokenGrowOld();
        CountDownLatch others = new CountDownLatch(1);
        server.tokens().reply(request -> {
            awaitLatch(others);
            return server.tokens().grant();
        });
        int asked = server.tokensAsked();
        long posts = server.postCount();

        List<Future<RowOutcome>> sent = rows.rows(20).stream().map(rows::begin).toList();

        await().atMost(SOON).pollInterval(Duration.ofMillis(10)).until(() -> server.postCount() - posts == 19);
        others.countDown();
        assertThat(sent.stream().map(row -> RowSender.get(row, SOON))).extracting(RowOutcome::outcome)
                .containsOnly(SUCCESS);
        assertThat(server.tokensAsked() - asked).isEqualTo(1);
    }

    @Test
    void callsThatBeginWithAnOldTokenWhileANewOneIsFetchedAreNoReasonToPause() {
        rows.send(rows.rows(100)); // the first calls are few at once
        takeTokenOfFifteenSeconds();
        String old = "Bearer " + camel.createProducerTemplate().requestBody("direct:token", "", String.class);
        letTheTokenGrowOld();
        server.tokens().reply(request -> server.tokens().grant().after(Duration.ofMillis(400)));
        List<NewRow> late = rows.rows(8);
        server.reply(post -> {
            if (!post.header("Authorization").orElse("").equals(old)) {
                return Reply.success();
            }
            int place = late.stream().map(NewRow::referenceid).toList().indexOf(post.referenceid());
            return Reply.code(401, 18).after(Duration.ofMillis(place < 0 ? 0 : 550 + 20 * place)); // one by one
        });
        long posts = server.postCount();

        List<Future<RowOutcome>> sent = new ArrayList<>(rows.rows(8).stream().map(rows::begin).toList());
        await().atMost(SOON).pollInterval(Duration.ofMillis(10)).until(() -> server.postCount() - posts >= 7);
        late.stream().map(rows::begin).forEach(sent::add);

        await().atMost(SOON).pollInterval(Duration.ofMillis(10)).until(() -> {
            assertThat(throttle.outage()).isEmpty();
            return sent.stream().allMatch(Future::isDone);
        });
        assertThat(sent.stream().map(row -> RowSender.get(row, SOON))).extracting(RowOutcome::outcome)
                .containsOnly(SUCCESS);
    }

    @Test
    void tokensThatBosNeverAcceptsPauseInsteadOfAskingForMore() {
        discardToken(Duration.ofSeconds(600));
        server.reply(Reply.code(401, 18));
        int asked = server.tokensAsked();
        long posts = server.postCount();
        List<Future<RowOutcome>> sent = rows.rows(100).stream().map(rows::begin).toList();

        awaitPause();
        assertThat(throttle.outage().orElseThrow().reason()).contains("does not accept the token");
        pass(Duration.ofSeconds(6));

        // each call in flight may find that the token of the one before was refused; then only the probes ask
        assertThat(server.tokensAsked() - asked).isLessThanOrEqualTo(32 + 10);
        assertThat(server.postCount() - posts).isLessThanOrEqualTo(32 + 32 + 10);
        server.reply(Reply.success());
        assertThat(sent.stream().map(row -> RowSender.get(row, SOON))).extracting(RowOutcome::outcome)
                .containsOnly(SUCCESS);
    }

    @Test
    void aRowWhoseTokenIsRefusedAloneEnds() {
        NewRow poison = rows.row();
        server.reply(post -> post.referenceid().equals(poison.referenceid()) ? Reply.code(200, 7) : Reply.success());
        Future<RowOutcome> refused = rows.begin(poison);

        await().atMost(SOON).until(() -> {
            rows.send(rows.rows(10));
            return refused.isDone();
        });

        assertThat(RowSender.get(refused, SOON).responseCode()).isEqualTo("7");
        assertThat(postsFor(poison)).hasSizeBetween(4, 8);
    }

    private Reply granted(long expiry) {
        return Reply.json(200, "{\"status\":\"SUCCESS\",\"data\":{\"token\":\"" + server.tokens().issue()
                + "\",\"expiry\":" + expiry + "}}");
    }

    /** Makes the product ask for a token at its next call; the next ones live that long. */
    private void discardToken(Duration lifetime) {
        tokens.discard(camel.createProducerTemplate().requestBody("direct:token", "", String.class));
        server.tokens().lifetime(lifetime);
    }
}
