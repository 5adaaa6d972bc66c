// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * When requests arrived, and how evenly.
 *
 * @param times earliest first
 */
public record Arrivals(List<Instant> times) {

    /** The most that arrived within any span of that length. */
    public int mostWithin(Duration window) {
        int most = 0;
        for (int first = 0, last = 0; last < times.size(); last++) {
            while (Duration.between(times.get(first), times.get(last)).compareTo(window) >= 0) {
                first++;
            }
            most = Math.max(most, last - first + 1);
        }
        return most;
    }

    /** The fewest that arrived within any span of that length between the first and the last. */
    public int leastWithin(Duration window) {
        int least = Integer.MAX_VALUE;
        // the emptiest span begins just after an arrival and ends just before another
        for (int before = 0, next = 0; next < times.size(); before++) {
            Instant end = times.get(before).plus(window);
            while (next < times.size() && times.get(next).isBefore(end)) {
                next++;
            }
            if (next < times.size()) {
                least = Math.min(least, next - before - 1);
            }
        }
        return least;
    }
}
