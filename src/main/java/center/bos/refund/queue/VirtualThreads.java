package center.bos.refund.queue;

import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** Virtual threads, which this code may find missing: it is compiled for a Java without them. */
public final class VirtualThreads {
    private VirtualThreads() {
    }

    /**
     * A new executor with a virtual thread for each task.
     *
     * @param since the Java version from which they are wanted, 21 or later
     * @return empty on an older one
     */
    public static Optional<ExecutorService> perTask(int since) {
        if (Runtime.version().feature() < since) {
            return Optional.empty();
        }
        try {
            return Optional
                    .of((ExecutorService) Executors.class.getMethod("newVirtualThreadPerTaskExecutor").invoke(null));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
