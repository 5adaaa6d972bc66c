// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import java.util.function.Function;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.Pair;
import center.bos.refund.testkit.Post;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.Results;
import center.bos.refund.testkit.Stalls;

/**
 * A file is sent while BOS goes away in its middle. The outage is as long as it takes
 * until the pauses between the probes are the longest; for more set the system properties
 * {@code outage.seconds} and {@code outage.rows}.
 */
@Execution(ExecutionMode.CONCURRENT)
class OutageIT {
    private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("outage.seconds", 17));
    private static final int ROWS = Integer.getInteger("outage.rows", 2_000);
    private static final int CONCURRENCY = 32;
    private static final Duration LATENCY = Duration.ofMillis(50);
    private static final Duration SOON = Duration.ofSeconds(120);
    private static final Duration RESUMES_WITHIN = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    @Test
    void aServerThatFailsCostsTheRowsInFlightAndTheProbes() throws IOException {
        long cost = outage(server -> server.reply(Reply.html(500).after(LATENCY)), "HTTP 500, not the expected JSON");
        assertThat(cost).isPositive();
    }

    @Test
    void aServerThatCannotBeReachedCostsNoRow() throws IOException {
        assertThat(outage(BosServer::drain, "cannot connect: ")).isZero();
    }

    @Test
    void anAddressThatIsBlockedCostsNoRow() throws IOException {
        long cost = outage(server -> server.reply(Reply.html(403).after(LATENCY)), "HTTP 403, not the expected JSON");
        assertThat(cost).isZero();
    }

    @Test
    void aTokenEndpointThatIsDownCostsNoRow() throws IOException {
        long cost = outage(server -> server.tokens().reply(Reply.html(502)).revokeAll(),
                "the token endpoint's answer is not JSON: HTTP 502");
        assertThat(cost).isZero();
    }

    /** Returns the rows in doubt. */
    private long outage(Consumer<BosServer> begin, String reason) throws IOException {
        Path file = CsvFiles.rows(ROWS).writeTo(folder.resolve("outage.csv"));
        Path work = folder.resolve("work");
        Map<Pair, Integer> done = new ConcurrentHashMap<>();
        Function<Post, Reply> usual = post -> {
            done.merge(post.pair(), 1, Integer::sum);
            return Reply.success().after(LATENCY);
        };
        // the second half waits for the outage, however late this thread begins it
        CountDownLatch begun = new CountDownLatch(1);
        Function<Post, Reply> untilTheOutage = post -> {
            if (post.number() > ROWS / 2) {
                awaitLatch(begun);
            }
            return usual.apply(post);
        };
        try (BosServer server = BosServer.start().reply(untilTheOutage);
                RefundProcess process = RefundProcess.in(work).archived().against(server).start("send",
                        file.toString())) {
            await().atMost(SOON).until(() -> server.postCount() > ROWS / 2);
            long postsBefore = server.postCount();
            begin.accept(server);
            begun.countDown();
            await().atMost(SOON).until(() -> process.stderr().contains("paused, " + reason));
            long postsAtPause = server.postCount();
            int tokensAtPause = server.tokensAsked();
            await().pollDelay(OUTAGE).atMost(OUTAGE.plus(SOON)).until(() -> true);
            long probes = server.postCount() - postsAtPause;
            int tokenProbes = server.tokensAsked() - tokensAtPause;

            server.reply(usual).acceptAgain();
            server.tokens().replyAsUsual();
            Instant back = Instant.now();
            long postsWhileBack = server.postCount();
            Duration resumed;
            Duration spoilt;
            try (Stalls stalls = Stalls.watch()) {
                await().atMost(SOON).until(() -> server.postCount() > postsWhileBack + CONCURRENCY);
                resumed = Duration.between(back, Instant.now());
                spoilt = stalls.lost();
            }
            int exit = process.waitFor(SOON);

            Results results = Results.await(work.resolve("data/outbox"), "outage", SOON);
            long inDoubt = results.summary().inDoubt();
            System.out.printf(
                    "outage of %d s in %d rows: %d rows in doubt, %d POSTs until and %d in the pause, resumed after %.1f s%n",
                    OUTAGE.toSeconds(), ROWS, inDoubt, postsAtPause - postsBefore, probes, resumed.toMillis() / 1000.0);
            assertThat(resumed).isLessThan(RESUMES_WITHIN.plus(spoilt));
            // one each 8 s, after 1, 2 and 4 s at first
            assertThat(probes).isLessThanOrEqualTo(OUTAGE.toSeconds() / 8 + 4);
            assertThat(tokenProbes).isLessThanOrEqualTo((int) OUTAGE.toSeconds() / 8 + 4);
            assertThat(inDoubt).isLessThanOrEqualTo(CONCURRENCY + probes + 4);
            assertThat(results.summary().success() + inDoubt).isEqualTo(ROWS);
            assertThat(done).hasSize((int) (ROWS - inDoubt)).doesNotContainValue(2);
            assertThat(exit).isEqualTo(inDoubt == 0 ? 0 : 1);
            assertThat(Files.readAllLines(work.resolve("data/refund.log"))).satisfiesOnlyOnce(
                    line -> assertThat(line).contains("WARN", "Paused, trying one call at a time: " + reason))
                    .satisfiesOnlyOnce(line -> assertThat(line).contains("INFO", "BOS answers again; going on after "))
                    .filteredOn(line -> line.contains("Paused")).hasSize(1);
            return inDoubt;
        }
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
