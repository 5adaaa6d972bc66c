// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import jakarta.annotation.PreDestroy;
import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.NamedNode;
import org.apache.camel.Processor;
import org.apache.camel.Route;
import org.apache.camel.spi.Policy;

/** Interrupts a send that takes too long: a broker may block senders to a full queue for ever. */
@Singleton
@Named("sendLimit")
public class SendLimit implements Policy {
    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final ScheduledExecutorService alarms = Executors.newSingleThreadScheduledExecutor();

    /** A send on the thread that made it. */
    private static final class Send {
        private final Thread thread = Thread.currentThread();
        private boolean over;

        private synchronized void interrupt() {
            if (!over) {
                thread.interrupt();
            }
        }

        private synchronized void end() {
            over = true;
            Thread.interrupted(); // clears an interrupt that came too late
        }
    }

    @Override
    public void beforeWrap(Route route, NamedNode definition) {
        // nothing in the steps changes
    }

    @Override
    public Processor wrap(Route route, Processor steps) {
        return exchange -> {
            Send send = new Send();
            alarms.schedule(send::interrupt, LIMIT.toMillis(), TimeUnit.MILLISECONDS);
            try {
                steps.process(exchange);
            } finally {
                send.end();
            }
        };
    }

    @PreDestroy
    void stop() {
        alarms.shutdownNow();
    }
}
