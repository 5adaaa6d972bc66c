// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.Random;

import center.bos.refund.testkit.TimeLimit;

/** The kills that are still to be done, which several runs share. */
final class Kills {
    private final Deque<Kill> left = new ArrayDeque<>();
    private final TimeLimit limit;
    /** So many are done whatever the time. */
    private int needed;

    private Kills(List<KillPoint> points, TimeLimit limit, Random random) {
        this.limit = limit;
        points.stream().map(Kill::at).forEach(left::add);
        needed = left.size();
        shuffle(random);
    }

    /** One at each of these points, and so many at random times. */
    static Kills of(List<KillPoint> points, int atRandom, TimeLimit limit, Random random) {
        Kills kills = new Kills(points, limit, random);
        kills.left.addAll(Collections.nCopies(atRandom, Kill.AT_RANDOM));
        kills.needed = kills.left.size();
        kills.shuffle(random);
        return kills;
    }

    /** First one at each of these points, however long that takes, then so many in all: as many at points as at random times. */
    static Kills many(List<KillPoint> points, int all, TimeLimit limit, Random random) {
        Kills kills = new Kills(points, limit, random);
        List<Kill> more = new ArrayList<>();
        for (int i = points.size(); i < all; i++) {
            more.add(i % 2 == 0 ? Kill.at(points.get(i / 2 % points.size())) : Kill.AT_RANDOM);
        }
        Collections.shuffle(more, random);
        kills.left.addAll(more);
        return kills;
    }

    private void shuffle(Random random) {
        List<Kill> all = new ArrayList<>(left);
        Collections.shuffle(all, random);
        left.clear();
        left.addAll(all);
    }

    /** The next, unless all are done or the time is over. */
    synchronized Optional<Kill> next() {
        if (needed > 0) {
            needed--;
        } else if (limit.isOver()) {
            return Optional.empty();
        }
        return Optional.ofNullable(left.poll());
    }

    /** How many there are still to be done. */
    synchronized int left() {
        return left.size();
    }
}
