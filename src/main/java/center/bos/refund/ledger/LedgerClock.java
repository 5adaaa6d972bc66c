package center.bos.refund.ledger;

import java.time.InstantSource;
import java.util.function.LongSupplier;

/** This process' clock for the ledger: the wall's time, but never back, and never still while the wall's is set back. */
final class LedgerClock {
    private static final long NANOS_A_MILLI = 1_000_000;

    private final InstantSource wall;
    private final LongSupplier nanoTime;
    private long lastMillis;
    private long lastNanos;

    LedgerClock(InstantSource wall, LongSupplier nanoTime) {
        this.wall = wall;
        this.nanoTime = nanoTime;
        this.lastMillis = wall.millis();
        this.lastNanos = nanoTime.getAsLong();
    }

    /** Milliseconds since 1970. */
    synchronized long millis() {
        long passed = (nanoTime.getAsLong() - lastNanos) / NANOS_A_MILLI;
        lastMillis = Math.max(wall.millis(), lastMillis + passed);
        lastNanos += passed * NANOS_A_MILLI;
        return lastMillis;
    }

    /** Monotonic nanoseconds. */
    long nanos() {
        return nanoTime.getAsLong();
    }
}
