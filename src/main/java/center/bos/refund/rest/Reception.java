// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.io.InputStream;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import org.apache.camel.CamelContext;
import org.apache.camel.util.IOHelper;

import center.bos.refund.problem.Problems;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** Admits requests from the start of the routes until shutdown begins, and counts those in progress. */
@ApplicationScoped
public class Reception {
    private static final Duration PATIENCE = Duration.ofSeconds(3);
    private static final Duration LOOK = Duration.ofMillis(20);
    private static final Duration LINGER = Duration.ofSeconds(3);

    private final Contract contract;
    private final CamelContext camel;
    private final Problems problems;
    private final AtomicInteger underWay = new AtomicInteger();
    /** The answers that are being streamed. */
    private final Map<HttpServerRequest, InputStream> streams = new ConcurrentHashMap<>();
    private volatile boolean closed;

    Reception(Contract contract, CamelContext camel, Problems problems) {
        this.contract = contract;
        this.camel = camel;
        this.problems = problems;
    }

    void addTo(@Observes Router router) {
        router.route().handler(context -> {
            if (contract.isOf(context.normalizedPath())) { // read at the first request: a command has none
                receive(context);
            } else {
                context.next();
            }
        });
    }

    private void receive(RoutingContext context) {
        underWay.incrementAndGet();
        context.addEndHandler(end -> ended(context));
        if (closed) {
            problems.answer(context, 503, "the service is stopping");
        } else if (!camel.isStarted()) {
            problems.answer(context, 503, "the service is starting");
        } else {
            context.next();
        }
    }

    /** Closes the stream of an answer with its request: Camel does not if the caller leaves in the middle of it. */
    void closeAtEnd(HttpServerRequest request, InputStream answer) {
        streams.put(request, answer);
        if (request.response().closed()) {
            IOHelper.close(streams.remove(request));
        }
    }

    /** A client that still sends its body gets time to read the answer; then the connection is closed. */
    private void ended(RoutingContext context) {
        underWay.decrementAndGet();
        IOHelper.close(streams.remove(context.request()));
        if (Problems.leavesBody(context.request())) {
            context.vertx().setTimer(LINGER.toMillis(), timer -> context.request().connection().close());
        }
    }

    /** True once shutdown has begun: callers must not wait any longer. */
    boolean isClosed() {
        return closed;
    }

    /** Refuses new requests and waits for a short time until the others are answered. */
    public void close() throws InterruptedException {
        closed = true;
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (underWay.get() > 0 && System.nanoTime() - end < 0) {
            Thread.sleep(LOOK.toMillis());
        }
    }
}
