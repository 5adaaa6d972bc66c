// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
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
import center.bos.refund.testkit.PostgresServer;
import center.bos.refund.testkit.PromiseCheck;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.Results;

/** A node is killed in the middle of a batch and its data folder is gone for good; the original file is still there. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class LostVolumeIT {
    private static final Duration LONG = Duration.ofSeconds(120);
    private static final int ROWS = 3_000;

    @TempDir
    static Path folder;

    private static Cluster cluster;
    private static Cluster.Node one;
    private static Cluster.Node two;
    private static int number;

    private Path file;
    private long postsBefore;
    private int saidBefore;

    @BeforeAll
    static void start() {
        cluster = new Cluster(PostgresServer.Version.NEWEST, folder);
        one = cluster.node("one").serve();
        two = cluster.node("two").serve();
    }

    @AfterAll
    static void stop() {
        cluster.close();
    }

    @BeforeEach
    void loseTheVolumeOfTheFirstNode() throws Exception {
        for (Cluster.Node node : List.of(one, two)) {
            await().atMost(LONG).until(() -> node.process().output().contains("Watching"));
        }
        cluster.bos().reply(Reply.success().after(Duration.ofMillis(25)));
        postsBefore = cluster.bos().postCount();
        saidBefore = two.process().stdout().length();
        file = CsvFiles.rows(ROWS).from((long) number++ * ROWS)
                .writeTo(folder.resolve("batch" + number + ".csv"));
        one.drop(file);
        await().atMost(LONG).until(() -> cluster.bos().postCount() > postsBefore + 300);
        one.process().kill9();
        try (Stream<Path> files = Files.walk(one.data())) {
            for (Path path : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }

    @Test
    @Order(1) // after it the first node serves again
    void theBatchGoesOnWhenTheOriginalFileIsPutIntoTheArchiveOfTheNewVolume() throws Exception {
        String batch = batch();
        Files.createDirectories(one.data().resolve("archive"));
        Files.copy(file, one.data().resolve("archive").resolve(batch + ".csv"));
        one.serve();

        Results results = Results.await(one.outbox(), "batch" + number, LONG);

        assertThat(results.summary().batch()).isEqualTo(batch);
        PromiseCheck.of(cluster.bos()).inFlight(Cluster.CONCURRENCY).file(file, results.folder()).verify();
        assertThat(results.summary().success() + results.summary().inDoubt()).isEqualTo(ROWS);
    }

    @Test
    void droppedAtAnotherNodeItIsANewBatchInWhichWhatWasDoneIsADuplicate() throws Exception {
        // what is left of the lost node's rows is called, and what it had in flight is in doubt
        await().atMost(LONG).until(() -> two.process().stdout().indexOf("sends no heartbeat", saidBefore) >= 0);
        long before = settledPosts() - postsBefore;
        two.drop(file);

        Results results = Results.await(two.outbox(), "batch" + number, LONG);

        assertThat(results.summary().success() + results.summary().duplicate()).isEqualTo(ROWS);
        assertThat(results.summary().duplicate()).isGreaterThanOrEqualTo(before);
        assertThat(cluster.bos().posts()).extracting(post -> post.pair()).doesNotHaveDuplicates();
    }

    private long settledPosts() {
        long[] last = {-1};
        await().atMost(LONG).pollInterval(Duration.ofSeconds(3)).until(() -> {
            long posts = cluster.bos().postCount();
            boolean settled = posts == last[0];
            last[0] = posts;
            return settled;
        });
        return last[0];
    }

    /** What an operator asks the ledger. */
    private String batch() throws SQLException {
        try (Connection connection = DriverManager.getConnection(cluster.postgres().url());
                ResultSet found = connection.createStatement()
                        .executeQuery("SELECT id FROM batch WHERE node = 'one' AND state = 'open'")) {
            assertThat(found.next()).isTrue();
            return found.getString(1);
        }
    }
}
