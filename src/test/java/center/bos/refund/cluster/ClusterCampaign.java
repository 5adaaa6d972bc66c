// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cluster;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.PostgresServer;
import center.bos.refund.testkit.PromiseCheck;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.Results;
import center.bos.refund.testkit.TimeLimit;

/**
 * Three nodes that are killed, paused and restarted at random, like their database, until all rows have their
 * results: as many rows as {@code -Drows} says, or until the campaign's time is over. {@code -Dseed} repeats the order
 * of a run.
 */
class ClusterCampaign {
    /** Of the campaign's time: what is begun then takes a while to end. */
    private static final double PART = 0.6;
    private static final int ROWS_OF_A_FILE = 2_500;
    /** Files that wait or are worked on: enough for all nodes to have something to do. */
    private static final int MOST_OPEN = 6;
    private static final Duration LONG = Duration.ofSeconds(120);
    /** Longer than a node may be silent before its rows are taken from it, with the time that others take to notice. */
    private static final int LONG_PAUSE_SECONDS = 25;

    private final Random random = new Random(Long.getLong("seed", System.nanoTime()));
    private final Map<Blow, Integer> blows = new EnumMap<>(Blow.class);
    private final List<Path> files = new ArrayList<>();
    private final TimeLimit limit = TimeLimit.ofCampaign(PART);
    private int startedAgain;

    @TempDir
    Path folder;

    private enum Blow {
        KILL(7), SHORT_PAUSE(3), LONG_PAUSE(2), STOP(2), RESTART_DATABASE(3);

        private final int weight;

        Blow(int weight) {
            this.weight = weight;
        }

        /** Whether the calls in flight at the node that it hits may end in doubt. */
        boolean leavesDoubt() {
            return this == KILL || this == LONG_PAUSE;
        }
    }

    @Test
    void losesNothingAndSendsNothingTwiceWhateverIsKilledPausedOrRestarted() throws Exception {
        int rows = Integer.getInteger("rows", 100_000);
        long began = System.nanoTime();
        try (Cluster cluster = new Cluster(PostgresServer.Version.NEWEST, folder)) {
            cluster.bos().reply(Reply.success().after(Duration.ofMillis(20)));
            List<Cluster.Node> nodes = List.of(cluster.node("one"), cluster.node("two"), cluster.node("three"));
            nodes.forEach(Cluster.Node::serve);
            for (int done = 0; drop(rows, done, nodes) || done < files.size(); done = done(nodes)) {
                TimeUnit.MILLISECONDS.sleep(2_000 + random.nextInt(4_000));
                nodes.forEach(this::supervise);
                if (!limit.isOver()) {
                    strike(cluster, nodes.get(random.nextInt(nodes.size())));
                }
                System.out.printf("%d of %d files done, %,d calls, blows %s%n", done(nodes), files.size(),
                        cluster.bos().postCount(), blows);
            }
            check(cluster, nodes, Duration.ofNanos(System.nanoTime() - began));
        }
    }

    /** Drops files until so many are open, all are dropped or the time is over; false when there are no more to drop. */
    private boolean drop(int rows, int done, List<Cluster.Node> nodes) throws IOException {
        boolean more = !limit.isOver();
        while (more && files.size() < rows / ROWS_OF_A_FILE && files.size() - done < MOST_OPEN) {
            int i = files.size();
            Path file = CsvFiles.rows(ROWS_OF_A_FILE).from((long) i * ROWS_OF_A_FILE)
                    .writeTo(folder.resolve("batch" + i + ".csv"));
            files.add(file);
            owner(nodes, i).drop(file);
        }
        return more && files.size() < rows / ROWS_OF_A_FILE;
    }

    private void strike(Cluster cluster, Cluster.Node node) throws InterruptedException {
        Blow blow = next();
        blows.merge(blow, 1, Integer::sum);
        switch (blow) {
            case KILL -> {
                node.process().kill9();
                TimeUnit.MILLISECONDS.sleep(random.nextInt(5_000));
                node.serve();
            }
            case STOP -> {
                node.process().terminate();
                node.process().waitFor(LONG);
                node.serve();
            }
            case SHORT_PAUSE -> pause(node, 1 + random.nextInt(6));
            case LONG_PAUSE -> pause(node, LONG_PAUSE_SECONDS);
            case RESTART_DATABASE -> cluster.postgres().restart();
        }
    }

    /** Starts a node again that could not start, for the database was just being restarted; as a supervisor does. */
    private void supervise(Cluster.Node node) {
        if (!node.process().isAlive()) {
            System.out.println("a node ended by itself: " + node.process().stderr());
            startedAgain++;
            node.serve();
        }
    }

    private static void pause(Cluster.Node node, int seconds) throws InterruptedException {
        node.process().pause();
        TimeUnit.SECONDS.sleep(seconds);
        node.process().resume();
    }

    private Blow next() {
        int all = 0;
        for (Blow blow : Blow.values()) {
            all += blow.weight;
        }
        int at = random.nextInt(all);
        for (Blow blow : Blow.values()) {
            at -= blow.weight;
            if (at < 0) {
                return blow;
            }
        }
        throw new AssertionError();
    }

    private static Cluster.Node owner(List<Cluster.Node> nodes, int file) {
        return nodes.get(file % nodes.size());
    }

    private int done(List<Cluster.Node> nodes) {
        int done = 0;
        for (int i = 0; i < files.size(); i++) {
            done += Results.finished(owner(nodes, i).outbox(), "batch" + i).isEmpty() ? 0 : 1;
        }
        return done;
    }

    private void check(Cluster cluster, List<Cluster.Node> nodes, Duration took) {
        long doubtful = blows.entrySet().stream().filter(blow -> blow.getKey().leavesDoubt())
                .mapToLong(Map.Entry::getValue).sum() * Cluster.CONCURRENCY;
        PromiseCheck check = PromiseCheck.of(cluster.bos()).inFlight(doubtful);
        long inDoubt = 0;
        for (int i = 0; i < files.size(); i++) {
            Results results = Results.await(owner(nodes, i).outbox(), "batch" + i, LONG);
            check.file(files.get(i), results.folder());
            inDoubt += results.summary().inDoubt();
        }
        check.verify();
        for (Cluster.Node node : nodes) {
            node.process().terminate();
            await().atMost(LONG).until(() -> !node.process().isAlive());
        }
        System.out.printf(
                "%,d rows in %d files, three nodes, %d s: %,d calls, %d rows IN_DOUBT, blows %s, %d starts that failed%n",
                files.size() * ROWS_OF_A_FILE, files.size(), took.toSeconds(), cluster.bos().postCount(), inDoubt,
                blows, startedAgain);
    }
}
