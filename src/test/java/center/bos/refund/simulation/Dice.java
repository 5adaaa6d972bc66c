// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulation;

import java.util.List;
import java.util.SplittableRandom;

/** Everything that is left to chance, decided by the seed. */
final class Dice {
    private final SplittableRandom random;

    Dice(long seed) {
        random = new SplittableRandom(seed * 0x9E3779B97F4A7C15L + 1);
    }

    /** From 0 up to the bound, which is left out. */
    int below(int bound) {
        return random.nextInt(bound);
    }

    long below(long bound) {
        return random.nextLong(bound);
    }

    /** Between the two, both included. */
    int between(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    boolean chance(double probability) {
        return random.nextDouble() < probability;
    }

    <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }

    /** An index, each as likely as its weight. */
    int weighted(int... weights) {
        int sum = 0;
        for (int weight : weights) {
            sum += weight;
        }
        int at = random.nextInt(sum);
        for (int i = 0;; i++) {
            at -= weights[i];
            if (at < 0) {
                return i;
            }
        }
    }
}
