package center.bos.refund.bos;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Reads what came back from BOS, whatever it is, into a {@link BosAnswer}, and into the variables that the route
 * {@code outcome} decides on: {@code kind}, {@code http}, {@code status}, {@code code} and {@code retryAfter}, each a
 * text that is empty when there is none.
 */
@ApplicationScoped
@Named("answerReader")
public class AnswerReader implements Processor {
    private static final int LONGEST_MESSAGE = 500;
    private static final int LONGEST_RAW = 4_000;

    private final ObjectMapper json;

    AnswerReader(ObjectMapper json) {
        this.json = json;
    }

    @Override
    public void process(Exchange exchange) {
        Exception failure = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        BosAnswer answer = failure == null ? read(exchange.getMessage()) : failed(failure);
        exchange.setVariable("answer", answer);
        exchange.setVariable("kind", answer.kind().name());
        exchange.setVariable("http", text(answer.httpStatus()));
        exchange.setVariable("status", text(answer.status()));
        exchange.setVariable("code", text(answer.code()));
        exchange.setVariable("retryAfter", text(answer.retryAfter()));
        exchange.getMessage().setBody(null);
        exchange.getMessage().removeHeaders("*");
    }

    private static String text(Object value) {
        return value == null ? "" : value.toString();
    }

    private static BosAnswer failed(Exception failure) {
        if (failure instanceof TokenUnavailable) {
            return BosAnswer.none(BosAnswer.Kind.NO_TOKEN, failure.getMessage());
        }
        if (failure instanceof NotSentException) {
            return BosAnswer.none(BosAnswer.Kind.NOT_SENT, failure.getMessage());
        }
        String what = failure instanceof IOException && failure.getMessage() != null
                && failure.getMessage().startsWith("no whole answer")
                        ? failure.getMessage()
                        : failure.getClass().getSimpleName();
        return BosAnswer.none(BosAnswer.Kind.LOST, "no answer after the request was sent: " + what);
    }

    private BosAnswer read(Message message) {
        Integer httpStatus = message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        Duration retryAfter = retryAfter(message.getHeader("Retry-After"), Instant.now());
        byte[] body = bytes(message.getBody());
        String raw = new String(body, 0, Math.min(body.length, LONGEST_RAW), StandardCharsets.UTF_8);
        JsonNode node = parse(body);
        String code = code(node);
        if (code == null) {
            return new BosAnswer(BosAnswer.Kind.OTHER, httpStatus, null, null, "the answer is not the expected JSON",
                    retryAfter, raw);
        }
        return new BosAnswer(BosAnswer.Kind.REPLY, httpStatus, status(node.get("status")), code,
                shortened(node.path("message").asText("")), retryAfter, raw);
    }

    private static byte[] bytes(Object body) {
        if (body instanceof byte[] bytes) {
            return bytes;
        }
        if (body instanceof InputStream stream) {
            try (stream) {
                return stream.readAllBytes();
            } catch (IOException e) {
                return new byte[0];
            }
        }
        return body == null ? new byte[0] : body.toString().getBytes(StandardCharsets.UTF_8);
    }

    private JsonNode parse(byte[] body) {
        try {
            JsonNode node = json.readTree(body);
            return node != null && node.isTextual() ? json.readTree(node.textValue()) : node;
        } catch (JsonProcessingException e) {
            return null;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String code(JsonNode node) {
        if (node == null || !node.isObject()) {
            return null;
        }
        JsonNode code = node.hasNonNull("response_code") ? node.get("response_code") : node.get("responsecode");
        if (code == null || !code.isIntegralNumber() && !code.isTextual()) {
            return null;
        }
        String text = code.asText().trim();
        return text.isEmpty() ? null : text;
    }

    private static Boolean status(JsonNode status) {
        if (status == null || status.isNull()) {
            return null;
        }
        return switch (status.asText().trim().toLowerCase(Locale.ROOT)) {
            case "true", "1" -> Boolean.TRUE;
            case "false", "0" -> Boolean.FALSE;
            default -> null;
        };
    }

    private static String shortened(String text) {
        String clean = text.replace('\0', ' ');
        return clean.length() <= LONGEST_MESSAGE ? clean : clean.substring(0, LONGEST_MESSAGE) + "…";
    }

    /** Seconds or a date, as RFC 9110 §10.2.3 has it; null when there is none that can be read. */
    static Duration retryAfter(Object header, Instant now) {
        if (header == null) {
            return null;
        }
        String text = header.toString().trim();
        if (!text.isEmpty() && text.length() <= 9 && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Duration.ofSeconds(Long.parseLong(text));
        }
        try {
            Duration wait = Duration.between(now,
                    ZonedDateTime.parse(text, DateTimeFormatter.RFC_1123_DATE_TIME).toInstant());
            return wait.isNegative() ? Duration.ZERO : wait;
        } catch (DateTimeException e) {
            return null;
        }
    }
}
