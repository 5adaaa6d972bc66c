package center.bos.refund.bos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.Results;

/**
 * A file is sent while BOS goes away in its middle. It takes half a minute; for more set the system properties
 * {@code outage.seconds} and {@code outage.rows}.
 */
class OutageIT {
    private static final Duration OUTAGE = Duration.ofSeconds(Integer.getInteger("outage.seconds", 25));
    private static final int ROWS = Integer.getInteger("outage.rows", 2_000);
    private static final int CONCURRENCY = 32;
    private static final Duration LATENCY = Duration.ofMillis(50);
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration RESUMES_WITHIN = Duration.ofSeconds(10);

    @TempDir
    Path folder;

    @Test
    void aServerThatFailsCostsTheRowsInFlightAndTheProbes() {
        outage(server -> server.reply(Reply.html(500)), server -> server.reply(Reply.success().after(LATENCY)), true);
    }

    @Test
    void aServerThatCannotBeReachedCostsNoRow() {
        outage(BosServer::refuseConnections, BosServer::acceptAgain, false);
    }

    private void outage(Consumer<BosServer> begin, Consumer<BosServer> end,
            boolean mayCostRows) {
        Path file = CsvFiles.rows(ROWS).writeTo(folder.resolve("outage.csv"));
        try (BosServer server = BosServer.start().reply(Reply.success().after(LATENCY));
                RefundProcess process = RefundProcess.in(folder.resolve("work")).against(server).start("send",
                        file.toString())) {
            await().atMost(SOON).until(() -> server.postCount() > ROWS / 2);
            begin.accept(server);
            await().atMost(SOON).until(() -> process.stderr().contains("paused, "));
            long postsAtPause = server.postCount();
            await().pollDelay(OUTAGE).atMost(OUTAGE.plus(SOON)).until(() -> true);
            long probes = server.postCount() - postsAtPause;

            end.accept(server);
            Instant back = Instant.now();
            long postsBefore = server.postCount();
            await().atMost(SOON).until(() -> server.postCount() > postsBefore + CONCURRENCY);
            Duration resumed = Duration.between(back, Instant.now());
            int exit = process.waitFor(SOON);

            Results results = Results.await(folder.resolve("work/data/outbox"), "outage", SOON);
            System.out.printf(
                    "outage of %d s in %d rows: %d rows in doubt, %d POSTs while paused, resumed after %.1f s%n",
                    OUTAGE.toSeconds(), ROWS, results.summary().inDoubt(), probes, resumed.toMillis() / 1000.0);
            assertThat(resumed).isLessThan(RESUMES_WITHIN);
            assertThat(probes).isLessThanOrEqualTo(OUTAGE.toSeconds() / 8 + 4);
            assertThat(results.summary().inDoubt()).isLessThanOrEqualTo(mayCostRows ? CONCURRENCY + probes + 10 : 0);
            assertThat(results.summary().success() + results.summary().inDoubt()).isEqualTo(ROWS);
            assertThat(server.postCount()).isEqualTo(ROWS);
            assertThat(exit).isEqualTo(results.summary().inDoubt() == 0 ? 0 : 1);
        }
    }
}
