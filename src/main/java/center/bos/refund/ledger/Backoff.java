// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

/** The pause before the next try: twice the one before, up to a limit. Not thread-safe. */
final class Backoff {
    private final long first;
    private final long longest;
    private long next;

    Backoff(long first, long longest) {
        this.first = first;
        this.longest = longest;
        this.next = first;
    }

    /** The pause after a try that failed. */
    long next() {
        long pause = next;
        next = Math.min(2 * pause, longest);
        return pause;
    }

    /** A try succeeded. */
    void reset() {
        next = first;
    }
}
