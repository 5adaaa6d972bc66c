// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.throttle;

/**
 * The limit of calls in flight: one at first, more with each answer, up to {@code refund.concurrency} (slow start), so that an
 * outage at the start, or right after another, costs few rows. Not thread-safe.
 */
final class ConcurrencyLimit {
    /** Each round trip multiplies the calls by sixteen, so 256 are in flight after two. */
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

    /** The upper limit. */
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

    /** Notes an answer; returns whether the limit rose. */
    boolean grow() {
        int before = limit;
        limit = Math.min(limit + GROWTH, most);
        return limit > before;
    }

    /** Halves the limit, because BOS asked for a pause. */
    void halve() {
        limit = Math.max(1, limit / 2);
    }

    /** An outage began: back to one. */
    void reset() {
        limit = 1;
    }
}
