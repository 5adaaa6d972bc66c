// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.time.Duration;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.TimeUnit;

import center.bos.refund.database.LedgerClock;

/**
 * When waiting rows may be due, which avoids turns that find no row. For the dispatcher's thread only, except
 * {@link #lookAgain()}.
 */
final class DueTimes {
    /** How often a shared ledger is checked for rows that other nodes returned or accepted. */
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

    /** Whether {@link #lookAgain()} was called since the last {@link #isReached()}. */
    boolean isToLookAgain() {
        return lookAgain;
    }

    /** Records that rows may be due now. */
    void dueNow() {
        next = clock.nanos();
    }

    /** Records that a row is due after that pause. */
    void dueAfter(Duration pause) {
        pauses.add(clock.nanos() + pause.toNanos());
    }

    /** Records that no row is due now. */
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
