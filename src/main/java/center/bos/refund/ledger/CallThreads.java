// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;
import jakarta.inject.Singleton;

import center.bos.refund.config.RefundConfig;

/** The threads of calls to BOS: virtual threads if the JVM has them, otherwise a bounded pool. */
@Singleton
public class CallThreads {
    private static final int FIRST_JAVA_WITH_VIRTUAL_THREADS = 21;

    @Produces
    @Singleton
    @Named("callThreads")
    ExecutorService threads(RefundConfig config) {
        if (Runtime.version().feature() < FIRST_JAVA_WITH_VIRTUAL_THREADS) {
            return Executors.newFixedThreadPool(config.concurrency());
        }
        try { // compiled for a Java without them
            return (ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    void stop(@Disposes @Named("callThreads") ExecutorService threads) {
        threads.shutdownNow();
    }
}
