// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.throttle;

/**
 * The calls that may be in flight: one at first, more with each answer, up to {@code refund.concurrency}, so that an outage
 * at the start, or right after another, costs few rows. Not thread-safe.
 */
final class ConcurrencyLimit {
    /** Sixteen times as many calls from one round trip to the next, so 256 are in flight after two. */
    private static final int GROWTH = 15;

    private final int most;
    private int limit = 1;
    private int inFlight;

    ConcurrencyLimit(int most) {
        this.most = most;
    }

    /** Calls that may be in flight now. */
    int limit() {
        return limit;
    }

    /** Calls that may be in flight at all. */
    int most() {
        return most;
    }

    int inFlight() {
        return inFlight;
    }

    void begin() {
        inFlight++;
    }

    void end() {
        inFlight--;
    }

    /** An answer came; returns whether more may be in flight from now on. */
    boolean grow() {
        int before = limit;
        limit = Math.min(limit + GROWTH, most);
        return limit > before;
    }

    /** BOS asked for less. */
    void halve() {
        limit = Math.max(1, limit / 2);
    }

    /** An outage began. */
    void reset() {
        limit = 1;
    }
}
