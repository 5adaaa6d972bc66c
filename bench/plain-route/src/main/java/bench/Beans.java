// SPDX-License-Identifier: Apache-2.0
package bench;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;

import org.apache.camel.Processor;
import org.eclipse.microprofile.config.inject.ConfigProperty;

import io.quarkus.runtime.Quarkus;

/** What the plain route needs beside YAML. */
@ApplicationScoped
public class Beans {
    private final LongAdder success = new LongAdder();
    private final LongAdder error = new LongAdder();

    /** As many rows at once as there may be calls; the caller waits when all are busy, so that memory stays flat. */
    @Produces
    @ApplicationScoped
    @Named("rowThreads")
    ExecutorService rowThreads(@ConfigProperty(name = "bench.concurrency") int concurrency)
            throws ReflectiveOperationException {
        if (Runtime.version().feature() < 21) {
            return new ThreadPoolExecutor(concurrency, concurrency, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(1000),
                    new ThreadPoolExecutor.CallerRunsPolicy());
        }
        Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
        java.util.concurrent.ThreadFactory virtual = (java.util.concurrent.ThreadFactory) Class
                .forName("java.lang.Thread$Builder").getMethod("factory").invoke(builder);
        return new ThreadPoolExecutor(concurrency, concurrency, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(1000),
                virtual, new ThreadPoolExecutor.CallerRunsPolicy());
    }

    @Produces
    @ApplicationScoped
    @Named("requestBody")
    Processor requestBody() {
        return exchange -> {
            String line = exchange.getMessage().getBody(String.class);
            int comma = line.indexOf(',');
            exchange.getMessage().setBody("{\"referenceid\":" + line.substring(0, comma) + ",\"ackno\":"
                    + line.substring(comma + 1).trim() + "}");
        };
    }

    @Produces
    @ApplicationScoped
    @Named("countSuccess")
    Processor countSuccess() {
        return exchange -> success.increment();
    }

    @Produces
    @ApplicationScoped
    @Named("countError")
    Processor countError() {
        return exchange -> error.increment();
    }

    @Produces
    @ApplicationScoped
    @Named("end")
    Processor end() {
        return exchange -> {
            System.out.println("success " + success + " error " + error);
            Quarkus.asyncExit(0);
        };
    }
}
