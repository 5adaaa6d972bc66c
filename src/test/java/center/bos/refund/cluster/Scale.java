// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cluster;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.PostgresServer;
import center.bos.refund.testkit.PromiseCheck;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.Results;

/** Rows a second of one, two and four nodes at a server with latency; see {@code bench/scale}. */
class Scale {
    private static final int ROWS_OF_A_NODE = 6_000;
    private static final Duration LATENCY = Duration.ofMillis(200);
    private static final Duration LONG = Duration.ofMinutes(5);

    @TempDir
    Path folder;

    @Test
    void printsRowsASecondByNodes() throws Exception {
        System.out.println("| nodes | rows/s | of one node |");
        System.out.println("|--:|--:|--:|");
        double one = 0;
        for (int nodes : new int[]{1, 2, 4}) {
            double speed = measure(nodes);
            one = nodes == 1 ? speed : one;
            System.out.printf("| %d | %.0f | %.2f |%n", nodes, speed, speed / one);
        }
    }

    /** All rows come in one file at one node; from the first call to the last answer. */
    private double measure(int count) throws Exception {
        Path home = folder.resolve("nodes" + count);
        try (Cluster cluster = new Cluster(PostgresServer.Version.NEWEST, home)) {
            cluster.bos().reply(Reply.success().after(LATENCY));
            List<Cluster.Node> nodes = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                nodes.add(cluster.node("node" + i).concurrency(32).serve());
            }
            for (Cluster.Node node : nodes) {
                Awaitility.await().atMost(LONG).until(() -> node.process().output().contains("Watching"));
            }
            int rows = count * ROWS_OF_A_NODE;
            Path file = CsvFiles.rows(rows).writeTo(home.resolve("rows.csv"));
            nodes.get(0).drop(file);
            long began = reached(cluster, 1);
            long ended = reached(cluster, rows) + LATENCY.toNanos();
            Results results = Results.await(nodes.get(0).outbox(), "rows", LONG);
            PromiseCheck.of(cluster.bos()).file(file, results.folder()).verify();
            return rows / ((ended - began) / (double) TimeUnit.SECONDS.toNanos(1));
        }
    }

    private static long reached(Cluster cluster, int posts) {
        Awaitility.await().atMost(LONG).pollInterval(Duration.ofMillis(20))
                .until(() -> cluster.bos().postCount() >= posts);
        return System.nanoTime();
    }
}
