// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import java.util.random.RandomGenerator;

/** One kill: at a point or, without one, at a random time; the first time that the process comes by, or any. */
record Kill(KillPoint point, boolean firstTime) {
    static final Kill AT_RANDOM = new Kill(null, false);

    /** On any of the times that a process comes by that point. */
    static Kill at(KillPoint point) {
        return new Kill(point, false);
    }

    /** For a process that did not come by that often. */
    Kill atFirst() {
        return new Kill(point, true);
    }

    String place() {
        return point == null ? Figures.RANDOM_TIME : point.description();
    }

    boolean atStart() {
        return point != null && point.atStart();
    }

    boolean ofService() {
        return point != null && point.ofService();
    }

    int time(RandomGenerator random) {
        return firstTime ? 1 : point.anyTime(random);
    }
}
