// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** What the machine itself takes away from whoever must be on time: a bystander that only looks at the clock. */
public final class Stalls implements AutoCloseable {
    private static final long TICK = Duration.ofMillis(5).toNanos();
    private static final long STALL = Duration.ofMillis(15).toNanos();

    private final AtomicLong lost = new AtomicLong();
    private final Thread thread = new Thread(this::look, "stalls");
    private volatile boolean closed;

    private Stalls() {
        thread.setDaemon(true);
    }

    /** Begins to look. */
    public static Stalls watch() {
        Stalls stalls = new Stalls();
        stalls.thread.start();
        return stalls;
    }

    /** The time lost so far in stalls of 15 ms and more: whoever waits for several threads one after the other loses more than 100 ms by few of them. */
    public Duration lost() {
        return Duration.ofNanos(lost.get());
    }

    private void look() {
        long last = System.nanoTime();
        while (!closed) {
            LockSupport.parkNanos(TICK);
            long now = System.nanoTime();
            if (now - last > STALL) {
                lost.addAndGet(now - last);
            }
            last = now;
        }
    }

    @Override
    public void close() {
        closed = true;
    }
}
