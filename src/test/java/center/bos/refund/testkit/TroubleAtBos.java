// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import jakarta.inject.Inject;

import org.junit.jupiter.api.BeforeEach;

import center.bos.refund.model.NewRow;
import center.bos.refund.throttle.Throttle;

/** What tests of trouble share: a server that can do the worst, rows on their way to it, and the throttle that sees it. */
public abstract class TroubleAtBos {
    /** Longer than anything takes that is waited for. */
    protected static final Duration SOON = Duration.ofSeconds(60);

    protected BosServer server;

    @Inject
    protected RowSender rows;
    @Inject
    protected Throttle throttle;

    @BeforeEach
    void settle() {
        rows.settle(server);
    }

    /** Waits until the node pauses. */
    protected void awaitPause() {
        await().atMost(SOON).until(() -> throttle.outage().isPresent());
    }

    /** Waits for others, on a thread of the server. */
    protected static void awaitLatch(CountDownLatch latch) {
        try {
            if (!latch.await(SOON.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IllegalStateException("nobody lets it go on");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Lets time go by in which nothing should happen. */
    protected static void pass(Duration time) {
        await().pollDelay(time).atMost(time.plus(SOON)).until(() -> true);
    }

    /** The POSTs that a row has cost. */
    protected List<Post> postsFor(NewRow row) {
        return server.postsFor(row.pair().referenceid(), row.pair().ackno());
    }
}
