// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import static center.bos.refund.model.Outcome.ERROR;
import static center.bos.refund.model.Outcome.IN_DOUBT;
import static center.bos.refund.model.Outcome.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import center.bos.refund.model.NewRow;
import center.bos.refund.model.RowOutcome;
import center.bos.refund.testkit.ImpatientBosInTests;
import center.bos.refund.testkit.Post;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RowSender;
import center.bos.refund.testkit.TroubleAtBos;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;

/** What becomes of rows whose connection does not do as it should. */
@QuarkusTest
@QuarkusTestResource(value = ImpatientBosInTests.class, restrictToAnnotatedClass = true)
class ConnectionTroubleTest extends TroubleAtBos {
    private static final int CONCURRENCY = 32;

    @Test
    void connectionsThatTheServerClosedWhileIdleCostNoRow() {
        int closed = 0;
        for (int round = 0; round < 10; round++) {
            List<RowOutcome> outcomes = rows.send(rows.rows(CONCURRENCY));
            assertThat(outcomes).extracting(RowOutcome::outcome).containsOnly(SUCCESS);
            closed += server.closeIdleConnections();
        }
        assertThat(closed).isGreaterThan(10);
    }

    @Test
    void anAnswerThatNobodyAskedForIsNotTakenForThatOfTheNextRow() {
        server.reply(Reply.success().twice());
        NewRow first = rows.row();
        assertThat(rows.send(first).outcome()).isEqualTo(SUCCESS);
        server.reply(Reply.code(200, 2));
        NewRow next = rows.row();

        assertThat(rows.send(next).outcome()).isEqualTo(ERROR);

        assertThat(postsFor(next)).hasSize(1);
        assertThat(connection(next)).isNotEqualTo(connection(first));
    }

    @Test
    void anAnswerThatComesWhileTheConnectionIsIdleIsNotTakenForThatOfTheNextRow() {
        Reply slowlyTwice = Reply.success().twice().dripping(Duration.ofMillis(1));
        server.reply(slowlyTwice);
        NewRow first = rows.row();
        assertThat(rows.send(first).outcome()).isEqualTo(SUCCESS);
        server.reply(Reply.code(200, 2));
        await().pollDelay(Duration.ofMillis(100)).until(() -> true); // the second answer has begun

        for (int i = 0; i < 5; i++) {
            NewRow next = rows.row();
            assertThat(rows.send(next).outcome()).isEqualTo(ERROR);
            assertThat(connection(next)).isNotEqualTo(connection(first));
        }
    }

    static Stream<Arguments> answersThatNeverEnd() {
        Reply success = Reply.success();
        return Stream.of(arguments("nothing", Reply.hang()),
                arguments("a status line and headers, a byte at a time", success.dripping(Duration.ofMillis(50))),
                arguments("a body, a byte at a time", Reply.drip(" ".repeat(100) + "{}", Duration.ofMillis(50))),
                arguments("headers without end",
                        Reply.raw("HTTP/1.1 200 OK\r\n" + "X: y\r\n".repeat(1000), Duration.ofMillis(5))),
                arguments("continue, and continue",
                        Reply.raw("HTTP/1.1 100 Continue\r\n\r\n".repeat(1000), Duration.ofMillis(2))));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("answersThatNeverEnd")
    void noAnswerHoldsACallForLongerThanTheDeadline(String name, Reply reply) {
        server.reply(reply);
        NewRow row = rows.row();
        Instant start = Instant.now();

        RowOutcome ended = rows.send(row);

        assertThat(ended.outcome()).isEqualTo(IN_DOUBT);
        assertThat(ended.message()).isEqualTo("no answer after the request was sent: no whole answer within 2000 ms");
        // the shortest of these answers would take 5 s
        assertThat(Duration.between(start, Instant.now())).isBetween(Duration.ofMillis(1900), Duration.ofMillis(4900));
        assertThat(postsFor(row)).hasSize(1);
    }

    @Test
    void callsThatWereGivenUpLeaveNoConnectionBehindAndTakeNoPlace() {
        server.reply(post -> post.number() % 2 == 0 ? Reply.hang() : Reply.success());
        List<RowOutcome> outcomes = rows.send(rows.rows(200));
        assertThat(outcomes.stream().filter(row -> row.outcome() == IN_DOUBT)).hasSizeGreaterThan(60);
        server.reply(Reply.success());
        rows.send(rows.rows(100));
        await().atMost(SOON).until(() -> server.openConnections() <= CONCURRENCY);

        CountDownLatch all = new CountDownLatch(1);
        server.reply(post -> {
            awaitLatch(all);
            return Reply.success();
        });
        List<Future<RowOutcome>> held = rows.rows(CONCURRENCY + 10).stream().map(rows::begin).toList();
        await().atMost(Duration.ofMillis(1900)).pollInterval(Duration.ofMillis(10))
                .until(() -> server.inFlightNow() >= CONCURRENCY);
        pass(Duration.ofMillis(50));
        int most = server.inFlightNow();
        all.countDown();

        assertThat(held.stream().map(row -> RowSender.get(row, SOON))).extracting(RowOutcome::outcome)
                .containsOnly(SUCCESS);
        // not the most ever: the server learns of a call that is given up after the next may have begun
        assertThat(most).isEqualTo(CONCURRENCY);
    }

    private int connection(NewRow row) {
        return postsFor(row).stream().map(Post::connection).findFirst().orElseThrow();
    }
}
