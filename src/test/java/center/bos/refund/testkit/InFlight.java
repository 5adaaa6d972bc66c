// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.util.concurrent.atomic.AtomicInteger;

/** How many requests are being handled at once, and the most that ever were. */
final class InFlight {

    private final AtomicInteger now = new AtomicInteger();
    private final AtomicInteger most = new AtomicInteger();

    /** One request's time in the server. */
    final class Stay {

        private boolean left;

        /** Ends it; a second call does nothing. */
        void leave() {
            if (!left) {
                left = true;
                now.decrementAndGet();
            }
        }
    }

    Stay enter() {
        int count = now.incrementAndGet();
        if (count > most.get()) {
            most.accumulateAndGet(count, Math::max);
        }
        return new Stay();
    }

    int now() {
        return now.get();
    }

    int most() {
        return most.get();
    }
}
