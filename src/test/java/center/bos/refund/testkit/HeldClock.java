// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** A clock that moves only when a test says so: the wall's time, and monotonic nanoseconds. */
public final class HeldClock implements InstantSource {
    private Instant wall = Instant.parse("2026-11-26T09:00:00Z");
    private long nanos = -1_000_000; // below 0, as the real one may be

    /** Lets that much time pass. */
    public synchronized void pass(Duration time) {
        nanos += time.toNanos();
        wall = wall.plus(time);
    }

    /** Sets the wall's clock alone: forward or, by a negative time, back. */
    public synchronized void setWall(Duration by) {
        wall = wall.plus(by);
    }

    /** Monotonic nanoseconds, from an arbitrary start. */
    public synchronized long nanos() {
        return nanos;
    }

    @Override
    public synchronized Instant instant() {
        return wall;
    }
}
