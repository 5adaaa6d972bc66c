// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulation;

import java.util.OptionalLong;
import java.util.Random;

import org.junit.jupiter.api.Test;

import center.bos.refund.testkit.TimeLimit;

/**
 * {@link SimulationTest} with other seeds at each run, as many as {@code -Dseeds} says or until the campaign's time is over;
 * {@code -Dfrom} says with which it begins.
 */
class SimulationCampaign {
    private static final long USUAL = 100_000;
    private static final long AT_ONCE = 500;
    /** Of the campaign's time: it takes a whole core from those that run beside it. */
    private static final double PART = 0.3;

    @Test
    void keepsThePromiseWhateverBreaks() {
        TimeLimit limit = TimeLimit.ofCampaign(PART);
        long first = Long.getLong("from", new Random().nextInt());
        long end = first + Long.getLong("seeds", USUAL);
        long began = System.nanoTime();
        try (Seeds seeds = Seeds.ofMain()) {
            long next = first;
            do {
                OptionalLong broken = seeds.firstBroken(next, Math.min(end, next + AT_ONCE));
                broken.ifPresent(seed -> SimulationTest.fail(seeds, seed));
                next = Math.min(end, next + AT_ONCE);
            } while (next < end && !limit.isOver());
            System.out.printf("%,d seeds from %d on, %,d commits, %.0f seeds/s: no promise broken%n", next - first,
                    first,
                    seeds.commits(), (next - first) / ((System.nanoTime() - began) / 1e9));
        }
    }
}
