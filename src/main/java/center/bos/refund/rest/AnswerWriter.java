// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.regex.Pattern;

import jakarta.inject.Singleton;

import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.commons.codec.digest.DigestUtils;
import org.jboss.logging.Logger;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.ledger.IdempotencyKeys;
import center.bos.refund.problem.Problem;
import center.bos.refund.problem.Problems;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;

/** Turns the result of an operation, an {@link Answer} or a failure, into an HTTP answer. */
@Singleton
record AnswerWriter(ObjectMapper json, Snapshots snapshots, Reception reception) {
    private static final Logger LOG = Logger.getLogger(AnswerWriter.class);

    /** Fields that change with time alone, and do not count for the ETag. */
    private static final Pattern CLOCK = Pattern.compile("\"(?:as_of|age_seconds)\":(?:\"[^\"]*\"|[0-9]+)");

    /** Writes a snapshot that is young enough for the request; false if there is none. */
    boolean writeSnapshot(Exchange exchange, HttpServerRequest request) {
        Optional<String> found = snapshots.find(request);
        found.ifPresent(text -> {
            exchange.getMessage().removeHeaders("*");
            write(exchange.getMessage(), text, request);
        });
        return found.isPresent();
    }

    /** Writes the answer; afterwards the exchange has neither failed nor been stopped. */
    void write(Exchange exchange, HttpServerRequest request) throws JsonProcessingException {
        Throwable failure = exchange.getException();
        exchange.setException(null);
        exchange.setRouteStop(false);
        Message message = exchange.getMessage();
        Integer status = message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        String allow = message.getHeader("Allow", String.class);
        message.removeHeaders("*");
        if (failure == null && message.getBody() instanceof Answer answer) {
            write(message, answer, request);
        } else if (failure == null && status != null) {
            write(message, Problem.of(status, status == 404
                    ? "there is nothing at this path"
                    : "this path does not take this method"));
            if (allow != null) {
                message.setHeader("Allow", allow.replace("GET", "GET, HEAD"));
            }
        } else {
            write(message, problem(failure, request));
        }
        if (!Snapshots.isReading(request)) {
            snapshots.clear();
        }
        if (message.getBody() instanceof InputStream stream) {
            reception.closeAtEnd(request, stream);
        }
        if (Problems.leavesBody(request)) {
            message.setHeader("Connection", "close");
        }
    }

    private void write(Message message, Answer answer, HttpServerRequest request) throws JsonProcessingException {
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, answer.status());
        if (answer.location() != null) {
            message.setHeader("Location", answer.location());
        }
        if (answer.content() instanceof Answer.PassedOn passedOn) {
            passedOn.headers().forEach(message::setHeader);
            message.setBody(answer.status() == 304 ? null : passedOn.bytes()); // it has none
        } else if (answer.content() instanceof Answer.Csv csv) {
            message.setBody(csv.bytes());
            message.setHeader(Exchange.CONTENT_TYPE, "text/csv; charset=utf-8");
            message.setHeader("Content-Disposition", "attachment; filename=\"" + csv.name() + "\"");
        } else if (Snapshots.isReading(request)) {
            String text = json.writeValueAsString(answer.content());
            if (answer.shared()) {
                snapshots.keep(request, text);
            }
            write(message, text, request);
        } else {
            message.setHeader(Exchange.CONTENT_TYPE, ApiRequestReader.JSON);
            message.setBody(json.writeValueAsString(answer.content()));
        }
    }

    /** Adds an ETag; answers 304 to a caller that has it. */
    private static void write(Message message, String text, HttpServerRequest request) {
        String tag = "W/\"" + DigestUtils.sha256Hex(CLOCK.matcher(text).replaceAll("")) + '"';
        String known = request.getHeader("If-None-Match");
        boolean unchanged = known != null && known.contains(tag);
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, unchanged ? 304 : 200);
        message.setHeader("ETag", tag);
        message.setBody(unchanged ? null : text);
        if (!unchanged) {
            message.setHeader(Exchange.CONTENT_TYPE, ApiRequestReader.JSON);
        }
    }

    private void write(Message message, Problem problem) throws JsonProcessingException {
        message.setHeader(Exchange.HTTP_RESPONSE_CODE, problem.status());
        message.setHeader(Exchange.CONTENT_TYPE, Problem.MEDIA_TYPE);
        problem.retryAfterSeconds().ifPresent(seconds -> message.setHeader("Retry-After", seconds));
        message.setBody(json.writeValueAsString(problem));
    }

    private static Problem problem(Throwable failure, HttpServerRequest request) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof Refusal refusal) {
                return refusal.problem();
            }
            if (cause instanceof IdempotencyKeys.StandsForAnother) {
                return Problem.of(422, cause.getMessage());
            }
            if (cause instanceof LedgerUnavailable) {
                LOG.warnf("%s was answered with 503: %s", request.method(), cause.getMessage()); // a path names customers
                return Problem.of(503, "the ledger cannot be reached" + nothing(request));
            }
            if (cause instanceof IOException && !(cause instanceof JsonProcessingException)) {
                LOG.errorf("%s was answered with 503: %s", request.method(), cause);
                return Problem.of(503, "the data folder cannot be read or written" + nothing(request));
            }
        }
        LOG.errorf(failure, "%s was answered with 500", request.method());
        return Problem.of(500, "the service failed; its log says why");
    }

    /** What a caller who submits or decides must know; who only asks would take it for the state of what was asked for. */
    private static String nothing(HttpServerRequest request) {
        return request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD)
                ? ""
                : "; nothing was accepted";
    }
}
