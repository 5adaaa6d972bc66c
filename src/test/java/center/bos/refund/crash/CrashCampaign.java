// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.TimeLimit;

/**
 * Kills at each point and at random times, over two data folders at once, as often as {@code -Dkills} says or until the
 * campaign's time is over; at each point once in any case. {@code -Dseed} repeats the order of a run.
 */
class CrashCampaign {
    private static final int USUAL = 400;
    private static final int RUNS = 2;

    @TempDir
    Path folder;

    @Test
    void losesNothingAndSendsNothingTwiceWhereverItIsKilled() throws Exception {
        Random random = new Random(Long.getLong("seed", System.nanoTime()));
        List<KillPoint> points = KillPoint.withoutBroker();
        Kills kills = Kills.many(points, Integer.getInteger("kills", USUAL), TimeLimit.ofCampaign(1), random);
        Figures figures = new Figures();
        ExecutorService threads = Executors.newFixedThreadPool(RUNS);
        try {
            List<Future<?>> runs = new ArrayList<>();
            for (int i = 0; i < RUNS; i++) {
                Path home = folder.resolve("run" + i);
                Random own = new Random(random.nextLong());
                runs.add(threads.submit(() -> {
                    KillRun.of(home, kills, own, figures);
                    return null;
                }));
            }
            for (Future<?> run : runs) {
                run.get();
            }
        } finally {
            threads.shutdownNow();
            System.out.println(figures.table());
        }
        assertThat(figures.places()).containsAll(points.stream().map(KillPoint::description).toList());
    }
}
