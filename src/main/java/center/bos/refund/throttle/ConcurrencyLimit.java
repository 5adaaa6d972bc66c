// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.throttle;

/**
 * The limit of calls in flight: one at first, more with each answer, up to {@code refund.concurrency} (slow start), so that an
 * outage at the start, or right after another, costs few rows. Where BOS asked for a pause it goes on slowly (congestion avoidance).
 * Not thread-safe.
 */
final class ConcurrencyLimit {
    /** Each round trip multiplies the calls by sixteen, so 256 are in flight after two. */
    private static final int GROWTH = 15;

    private final int most;
    private int limit = 1;
    /** From this limit on, half of that at which BOS asked for a pause, it grows by one each round trip. */
    private int steep;
    private int answers;
    private int inFlight;

    ConcurrencyLimit(int most) {
        this.most = most;
        this.steep = most;
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
        if (limit < steep) {
            limit = Math.min(limit + GROWTH, steep);
        } else if (limit < most && ++answers >= limit) {
            limit++;
            answers = 0;
        }
        return limit > before;
    }

    /** Halves the limit, because BOS asked for a pause. */
    void halve() {
        limit = Math.max(1, limit / 2);
        steep = limit;
        answers = 0;
    }

    /** An outage began: back to one. */
    void reset() {
        limit = 1;
    }
}
