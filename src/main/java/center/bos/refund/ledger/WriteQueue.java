// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.util.Iterator;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

import center.bos.refund.database.LedgerClock;

/** The writes that wait for the dispatcher, in their order, and the dispatcher's sleep until there is one. */
final class WriteQueue {
    /** A larger turn would release all waiting callers, and the calls in flight, in one wave. */
    private static final int LARGEST_GROUP = 100;

    private final LedgerClock clock;
    private final Thread dispatcher;
    private final Queue<Write<?>> writes = new ConcurrentLinkedQueue<>();
    private volatile boolean asleep;

    WriteQueue(LedgerClock clock, Thread dispatcher) {
        this.clock = clock;
        this.dispatcher = dispatcher;
    }

    void add(Write<?> write) {
        writes.add(write);
        wake();
    }

    boolean isEmpty() {
        return writes.isEmpty();
    }

    /** Moves the writes of the next turn to a group; other pieces of files than the first let those behind them go first. */
    void moveTo(List<Write<?>> group) {
        boolean accepting = false;
        for (Iterator<Write<?>> all = writes.iterator(); all.hasNext() && group.size() < LARGEST_GROUP;) {
            Write<?> next = all.next();
            boolean isPiece = next instanceof Write.Accept accept && accept.rows.size() > 1;
            if (!isPiece || !accepting) { // one piece a turn, so that callers that wait for an outcome are not delayed
                accepting |= isPiece;
                group.add(next);
                all.remove();
            }
        }
    }

    /** Sleeps until a write is queued, the time is over, or {@code news} is true; whoever makes it true calls {@link #wake()}. */
    void await(long nanos, BooleanSupplier news) {
        long end = clock.nanos() + nanos;
        asleep = true;
        for (long left = nanos; left > 0 && asleep && isEmpty() && !news.getAsBoolean(); left = end - clock.nanos()) {
            LockSupport.parkNanos(this, left);
        }
        asleep = false;
    }

    /** Ends the sleep, if there is one. */
    void wake() {
        if (asleep) {
            asleep = false;
            LockSupport.unpark(dispatcher);
        }
    }

    /** Fails all queued writes. */
    void fail(RuntimeException cause) {
        writes.forEach(write -> write.failed(cause));
    }
}
