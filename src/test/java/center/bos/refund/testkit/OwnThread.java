// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * Runs each task on a thread of its own. From Java 25 on, the common pool has a single thread on two cores, also for
 * CompletableFuture; tasks that wait for each other would wait for ever.
 */
public final class OwnThread {
    private static final Executor EACH = task -> {
        Thread thread = new Thread(task, "own");
        thread.setDaemon(true);
        thread.start();
    };

    private OwnThread() {
    }

    /** Starts a task; its value, or why it failed, comes with the future. */
    public static <T> CompletableFuture<T> supply(Supplier<T> task) {
        return CompletableFuture.supplyAsync(task, EACH);
    }

    /** Starts a task without a value. */
    public static CompletableFuture<Void> run(Runnable task) {
        return CompletableFuture.runAsync(task, EACH);
    }
}
