package center.bos.refund.bos;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;
import jakarta.inject.Singleton;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.config.RestConfig;
import center.bos.refund.queue.Chunk;
import center.bos.refund.queue.VirtualThreads;

/** The threads on which rows are worked: virtual ones where the JVM has them, a bounded pool where not. */
@Singleton
public class RowThreads {
    private static final int FIRST_JAVA_WITH_VIRTUAL_THREADS = 21;
    /** As many as the route begins with. */
    private static final int FEWEST_SINGLE = 4;

    @Produces
    @Singleton
    @Named("rowThreads")
    ExecutorService threads(RefundConfig config) {
        return VirtualThreads.perTask(FIRST_JAVA_WITH_VIRTUAL_THREADS)
                // in a call, and waiting for the ledger after it
                .orElseGet(() -> Executors.newFixedThreadPool(2 * config.concurrency()));
    }

    void stop(@Disposes @Named("rowThreads") ExecutorService threads) {
        threads.shutdownNow();
    }

    /** Single requests worked at once: as many as may wait here for their outcome, or be called. */
    @Produces
    @Dependent
    @Named("singleConsumers")
    Integer singleConsumers(RefundConfig config, RestConfig rest) {
        return Math.max(FEWEST_SINGLE, Math.min(rest.waiting(), config.concurrency()));
    }

    /** Chunks worked at once: as many as hold {@code refund.concurrency} rows, one that ends and one that begins. */
    @Produces
    @Dependent
    @Named("chunkConsumers")
    Integer chunkConsumers(RefundConfig config) {
        return 2 + (config.concurrency() + Chunk.LARGEST - 1) / Chunk.LARGEST;
    }
}
