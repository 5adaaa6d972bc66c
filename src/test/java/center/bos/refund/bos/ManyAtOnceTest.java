// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import static center.bos.refund.model.Outcome.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import center.bos.refund.model.RowOutcome;
import center.bos.refund.testkit.BosInTests;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RowSender;
import center.bos.refund.testkit.TroubleAtBos;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;

/** Two hundred calls that meet the same trouble at the same moment. */
@QuarkusTest
@QuarkusTestResource(value = BosInTests.class, restrictToAnnotatedClass = true, initArgs = @ResourceArg(name = "refund.concurrency", value = "200"))
class ManyAtOnceTest extends TroubleAtBos {
    private static final int CALLS = 200;

    /** The first calls are few at once and become more with each answer. */
    @BeforeEach
    void widen() {
        rows.send(rows.rows(CALLS + 50));
    }

    @Test
    void oneNewTokenForAllWhoseTokenEndedWhileTheyWereUnderWay() {
        int asked = server.tokensAsked();
        long posts = server.postCount();
        AtomicInteger asking = new AtomicInteger();
        AtomicInteger mostAsking = new AtomicInteger();
        server.tokens().reply(request -> {
            mostAsking.accumulateAndGet(asking.incrementAndGet(), Math::max);
            await().pollDelay(Duration.ofMillis(300)).until(() -> true);
            asking.decrementAndGet();
            return server.tokens().grant();
        });

        List<RowOutcome> outcomes = allAtOnce(() -> Reply.code(401, 18));

        assertThat(outcomes).extracting(RowOutcome::outcome).containsOnly(SUCCESS);
        assertThat(server.tokensAsked() - asked).isEqualTo(1);
        assertThat(mostAsking).hasValue(1);
        assertThat(server.postCount() - posts).isEqualTo(2 * CALLS);
    }

    @Test
    void idleConnectionsThatAreClosedTogetherCostNoRow() {
        for (int round = 0; round < 5; round++) {
            assertThat(allAtOnce(Reply::success)).extracting(RowOutcome::outcome).containsOnly(SUCCESS);

            await().atMost(SOON).until(() -> server.inFlightNow() == 0);
            assertThat(server.closeIdleConnections()).isGreaterThan(CALLS / 2);
            long posts = server.postCount();
            assertThat(rows.send(rows.rows(CALLS))).extracting(RowOutcome::outcome).containsOnly(SUCCESS);
            assertThat(server.postCount() - posts).isEqualTo(CALLS);
        }
        assertThat(server.maxInFlight()).isEqualTo(CALLS);
    }

    /** Holds the calls at the server until all are there, and then answers all; each repeat is a success. */
    private List<RowOutcome> allAtOnce(Supplier<Reply> reply) {
        CountDownLatch there = new CountDownLatch(CALLS);
        server.reply(post -> {
            if (post.attempt() > 1) {
                return Reply.success();
            }
            there.countDown();
            awaitLatch(there);
            return reply.get();
        });
        List<Future<RowOutcome>> sent = rows.rows(CALLS).stream().map(rows::begin).toList();
        List<RowOutcome> outcomes = sent.stream().map(row -> RowSender.get(row, SOON)).toList();
        server.reply(Reply.success());
        return outcomes;
    }
}
