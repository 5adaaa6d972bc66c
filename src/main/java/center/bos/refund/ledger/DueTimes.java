// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.time.Duration;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

import center.bos.refund.database.LedgerClock;

/**
 * When rows may be due that were not taken, which avoids turns that find no row. For the dispatcher's thread alone, but for
 * {@link #lookAgain()}.
 */
final class DueTimes {
    /** Rows may become due without this process: other nodes give them back, or accept them. */
    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long NEVER = Long.MAX_VALUE / 2;

    private final Turns turns;
    private final LedgerClock clock;
    /** When pauses of rows end, as {@link LedgerClock#nanos()}. */
    private final PriorityQueue<Long> pauses = new PriorityQueue<>();
    private long next;
    private volatile boolean lookAgain;

    DueTimes(Turns turns, LedgerClock clock, List<Duration> pauses) {
        this.turns = turns;
        this.clock = clock;
        this.next = clock.nanos();
        pauses.forEach(this::dueAfter);
    }

    /** The set of rows that may be taken has changed. */
    void lookAgain() {
        lookAgain = true;
    }

    /** Whether {@link #isReached()} is to be asked at once. */
    boolean isToLookAgain() {
        return lookAgain;
    }

    /** Rows may be due now. */
    void dueNow() {
        next = clock.nanos();
    }

    /** A row is due when that pause is over. */
    void dueAfter(Duration pause) {
        pauses.add(clock.nanos() + pause.toNanos());
    }

    /** No row is due that this process knows of. */
    void noneDue() {
        turns.lookAtAll();
        next = clock.nanos() + (turns.isShared() ? LOOK_NANOS : NEVER);
    }

    /** Nanoseconds until rows may be due. */
    long nanosToNext() {
        return (pauses.isEmpty() ? next : Math.min(next, pauses.peek())) - clock.nanos();
    }

    /** Whether rows may be due now. */
    boolean isReached() {
        boolean all = lookAgain;
        lookAgain = false;
        long now = clock.nanos();
        while (!pauses.isEmpty() && now - pauses.peek() >= 0) {
            pauses.poll();
            all = true;
        }
        if (all) {
            next = now;
            turns.lookAtAll();
        }
        return now - next >= 0;
    }
}
