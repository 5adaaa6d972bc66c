// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.problem;

import jakarta.enterprise.event.Observes;
import jakarta.inject.Singleton;

import org.apache.camel.util.StringHelper;
import org.jboss.logging.Logger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;

/** Answers requests that reach no operation with problem documents, and a browser that opens a page with a page. */
@Singleton
public record Problems(ObjectMapper json) {
    private static final Logger LOG = Logger.getLogger(Problems.class);

    void addTo(@Observes Router router) {
        router.route().order(Integer.MIN_VALUE).failureHandler(this::failed);
        router.route().order(Integer.MIN_VALUE + 1).handler(this::checkContentType);
        router.route().order(Integer.MAX_VALUE)
                .handler(context -> answer(context, 404, "there is nothing at this path"));
    }

    /** Refuses a malformed Content-Type, on which Vert.x fails when later handlers read it. */
    private void checkContentType(RoutingContext context) {
        try {
            context.parsedHeaders().contentType().value();
        } catch (RuntimeException e) {
            answer(context, 400, "the Content-Type cannot be read");
            return;
        }
        context.next();
    }

    private void failed(RoutingContext context) {
        int status = context.statusCode() >= 400 ? context.statusCode() : 500;
        if (status >= 500) {
            LOG.errorf(context.failure(), "%s was answered with %d", context.request().method(), status);
        }
        answer(context, status, status >= 500 ? "the service failed; its log says why" : "the request cannot be read");
    }

    /** Whether the connection must be closed because an announced body was not read to its end. */
    public static boolean leavesBody(HttpServerRequest request) {
        String length = request.getHeader("Content-Length");
        boolean announced = request.getHeader("Transfer-Encoding") != null || length != null && !length.equals("0");
        return announced && !request.isEnded() && request.version() != HttpVersion.HTTP_2;
    }

    /** Ends the request with a problem, without waiting for the rest of its body. */
    public void answer(RoutingContext context, int status, String detail) {
        HttpServerResponse response = context.response();
        if (response.ended() || response.headWritten()) {
            return;
        }
        try {
            String accepted = context.request().getHeader("Accept");
            boolean page = accepted != null && accepted.contains("text/html"); // a browser that opens a page
            response.setStatusCode(status)
                    .putHeader("Content-Type", page ? "text/html; charset=utf-8" : Problem.MEDIA_TYPE);
            if (leavesBody(context.request())) {
                response.putHeader("Connection", "close");
            }
            Problem problem = Problem.of(status, detail);
            problem.retryAfterSeconds().ifPresent(seconds -> response.putHeader("Retry-After", seconds.toString()));
            response.end(page ? page(problem) : json.writeValueAsString(problem));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String page(Problem problem) {
        return """
                <!doctype html>
                <html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
                <meta name="color-scheme" content="light dark"><title>%1$s</title>
                <main><h1>%1$s</h1><p>HTTP %2$d: %3$s.</p><p><a href="/">Open the console</a></p></main></html>
                """
                .formatted(problem.title(), problem.status(), StringHelper.xmlEncode(problem.detail()));
    }
}
