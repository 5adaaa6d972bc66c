// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.database;

import java.time.Duration;
import java.time.InstantSource;
import java.util.function.LongSupplier;

/** This process' clock for the ledger: wall clock time that never goes back, and goes on while the wall clock is set back. */
public final class LedgerClock {
    private static final long NANOS_A_MILLI = 1_000_000;

    private final InstantSource wall;
    private final LongSupplier nanoTime;
    private final Sleep sleep;
    private long lastMillis;
    private long lastNanos;

    /** Lets time pass. */
    @FunctionalInterface
    public interface Sleep {
        void millis(long millis) throws InterruptedException;
    }

    public LedgerClock(InstantSource wall, LongSupplier nanoTime, Sleep sleep) {
        this.wall = wall;
        this.nanoTime = nanoTime;
        this.sleep = sleep;
        this.lastMillis = wall.millis();
        this.lastNanos = nanoTime.getAsLong();
    }

    /** Milliseconds since 1970. */
    public synchronized long millis() {
        long passed = (nanoTime.getAsLong() - lastNanos) / NANOS_A_MILLI;
        lastMillis = Math.max(wall.millis(), lastMillis + passed);
        lastNanos += passed * NANOS_A_MILLI;
        return lastMillis;
    }

    /** Monotonic nanoseconds. */
    public long nanos() {
        return nanoTime.getAsLong();
    }

    public void sleep(Duration time) throws InterruptedException {
        sleep.millis(time.toMillis());
    }
}
