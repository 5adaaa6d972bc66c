// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalLong;

import org.junit.jupiter.api.Test;

/**
 * The ledger's promise under every order of events that {@value #USUAL} seeds bring about; {@code -Dseed=…} tells all that
 * happens in one, {@link SimulationCampaign} tries more.
 */
class SimulationTest {
    private static final long USUAL = 500;
    private static final long LAST_LINES = 60;

    @Test
    void keepsThePromiseWhateverBreaks() {
        long began = System.nanoTime();
        try (Seeds seeds = Seeds.ofMain()) {
            Long one = Long.getLong("seed");
            long from = one == null ? Long.getLong("from", 0) : one;
            long to = one == null ? from + Long.getLong("seeds", USUAL) : one + 1;
            OptionalLong broken = seeds.firstBroken(from, to);
            if (one != null) {
                seeds.story(one).forEach(System.out::println);
            }
            broken.ifPresent(seed -> fail(seeds, seed));
            double seconds = (System.nanoTime() - began) / 1e9;
            System.out.printf("%d seeds, %d commits, %.0f seeds/s%n", to - from, seeds.commits(),
                    (to - from) / seconds);
        }
    }

    static void fail(Seeds seeds, long seed) {
        var story = seeds.story(seed);
        throw new AssertionError(
                "seed " + seed + "; for all of it: ./mvnw -Dtest=SimulationTest -Dseed=" + seed + " test\n"
                        + String.join("\n", story.subList((int) Math.max(0, story.size() - LAST_LINES), story.size())));
    }

    @Test
    void runsASeedTheSameWayEachTime() {
        try (Seeds seeds = Seeds.ofMain(); Seeds others = Seeds.ofMain()) {
            others.firstBroken(0, 5);
            for (long seed = 0; seed < 20; seed++) {
                assertEquals(seeds.story(seed), others.story(seed), "seed " + seed);
            }
            assertTrue(seeds.story(1).size() > 20);
        }
    }
}
