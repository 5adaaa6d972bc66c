// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.Post;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;
import center.bos.refund.testkit.Stalls;

/** Open batches share the calls evenly, row by row, whatever their sizes; a single refund goes first. Shown at the server. */
class FairnessIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final Duration LATENCY = Duration.ofMillis(200);
    private static final int LARGE = 100_000;
    private static final int SMALL = 10;
    private static final long SMALL_FROM = 500_000;
    private static final long SINGLE_FROM = 987_654_320;

    @TempDir
    static Path folder;
    private static BosServer bos;
    private static RestService service;

    @BeforeAll
    static void workOnALargeFile() throws Exception {
        bos = BosServer.start().reply(Reply.success().after(LATENCY));
        service = RestService.start(RefundProcess.in(folder).archived().against(bos).env("REFUND_CONCURRENCY", "32"),
                folder);
        drop(CsvFiles.rows(LARGE), "large");
        await().atMost(SOON).until(() -> bos.postCount() > 500);
    }

    @AfterAll
    static void stop() {
        service.close();
        bos.close();
    }

    @Test
    void tenRowsBehindAHundredThousandEndWithinSecondsAndTheLargeFileLosesNoMoreThanTheirShare() throws Exception {
        CsvFiles small = CsvFiles.rows(SMALL).from(SMALL_FROM);
        Path dropped = drop(small, "small");
        await().atMost(SOON).pollInterval(Duration.ofMillis(10)).until(() -> Files.notExists(dropped));
        try (Stalls stalls = Stalls.watch()) {
            Instant taken = Instant.now();

            assertThat(Results.await(service.data().resolve("outbox"), "small", SOON).summary().success())
                    .isEqualTo(SMALL);

            assertThat(Duration.between(taken, Instant.now()))
                    .isLessThan(Duration.ofSeconds(3).plus(stalls.lost()));
        }
        List<Post> posts = bos.posts();
        List<String> ids = small.pairs().stream().map(pair -> pair.referenceid()).toList();
        int[] places = IntStream.range(0, posts.size()).filter(i -> ids.contains(posts.get(i).referenceid())).toArray();
        assertThat(places).hasSize(SMALL);
        int between = places[SMALL - 1] - places[0] + 1 - SMALL;
        assertThat(between).as("calls for the large file between the first and the last of the small one")
                .isBetween(SMALL - 3, 4 * SMALL);
    }

    @Test
    void aSingleRefundGoesBeforeTheRowsOfAllBatches() {
        callsBeforeSingleRefund(SINGLE_FROM); // loads what a first request needs

        int[] before = LongStream.rangeClosed(1, 5).mapToInt(i -> callsBeforeSingleRefund(SINGLE_FROM + i)).sorted()
                .toArray();

        assertThat(before[before.length / 2]).as("calls that began before it, median of %s", Arrays.toString(before))
                .isLessThan(40);
    }

    /** The calls that began after the request for a single refund was sent and before its own. */
    private static int callsBeforeSingleRefund(long referenceid) {
        int before = (int) bos.postCount();
        assertThat(service.json("/refunds", "{\"referenceid\":" + referenceid + ",\"ackno\":7}").status())
                .isEqualTo(200);
        List<Post> posts = bos.posts();
        return IntStream.range(before, posts.size())
                .filter(i -> posts.get(i).referenceid().equals(String.valueOf(referenceid))).findFirst().orElseThrow()
                - before;
    }

    private static Path drop(CsvFiles rows, String name) throws Exception {
        Path inbox = Files.createDirectories(service.data().resolve("inbox"));
        Path part = rows.writeTo(inbox.resolve(name + ".csv.part"));
        return Files.move(part, inbox.resolve(name + ".csv"), StandardCopyOption.ATOMIC_MOVE);
    }
}
