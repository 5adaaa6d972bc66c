// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import center.bos.refund.database.LedgerClock;

/** The writes that wait for the dispatcher, in their order, and the dispatcher's sleep until enough of them wait. */
final class WriteQueue {
    /** More in one turn would send all who wait on their way in one wave, and the calls in flight with them. */
    private static final int LARGEST_GROUP = 100;

    private final LedgerClock clock;
    private final Thread dispatcher;
    private final Queue<Write<?>> writes = new ConcurrentLinkedQueue<>();
    private final AtomicInteger size = new AtomicInteger();
    /** So many writes end the sleep of the dispatcher; 0 while it is awake. */
    private volatile int wakeAt;

    WriteQueue(LedgerClock clock, Thread dispatcher) {
        this.clock = clock;
        this.dispatcher = dispatcher;
    }

    void add(Write<?> write) {
        writes.add(write);
        int waiting = size.incrementAndGet();
        if (wakeAt > 0 && waiting >= wakeAt) {
            wake();
        }
    }

    boolean isEmpty() {
        return writes.isEmpty();
    }

    /** Moves the writes of the next turn to a group. */
    void moveTo(List<Write<?>> group) {
        boolean accepting = false;
        for (Write<?> next = writes.peek(); next != null && group.size() < LARGEST_GROUP; next = writes.peek()) {
            if (next instanceof Write.Accept accept && accept.rows.size() > 1) {
                if (accepting) { // one piece a turn: who waits for an outcome must not feel it
                    return;
                }
                accepting = true;
            }
            group.add(writes.poll());
            size.decrementAndGet();
        }
    }

    /** Sleeps until so many writes wait, the time is over, or there is other news, whose bringer calls {@link #wake()}. */
    void await(int enough, long nanos, BooleanSupplier news) {
        long end = clock.nanos() + nanos;
        wakeAt = enough;
        for (long left = nanos; left > 0 && wakeAt > 0 && size.get() < enough && !news.getAsBoolean(); left = end
                - clock.nanos()) {
            LockSupport.parkNanos(this, left);
        }
        wakeAt = 0;
    }

    /** Ends the sleep, if there is one. */
    void wake() {
        if (wakeAt > 0) {
            wakeAt = 0;
            LockSupport.unpark(dispatcher);
        }
    }

    /** Ends the sleep of a dispatcher that has nothing to write; one that waits for company goes on to wait. */
    void wakeIfIdle() {
        if (wakeAt == 1) {
            wake();
        }
    }

    /** None of them will be durable. */
    void fail(RuntimeException cause) {
        writes.forEach(write -> write.failed(cause));
    }
}
