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
import java.util.regex.Pattern;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Message;
import org.apache.camel.Processor;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;

/**
 * Reads what came back from BOS, whatever it is, into a {@link BosAnswer}, and into the variables that the route
 * {@code outcome} decides on: {@code kind}, {@code http}, {@code status}, {@code code} and {@code retryAfter}, each a
 * text that is empty when there is none.
 */
@Singleton
@Named("answerReader")
public class AnswerReader implements Processor {
    private static final int LONGEST_MESSAGE = 500;
    private static final int LONGEST_RAW = 4_000;
    private static final double LARGEST_FLOAT = 1e15;
    private static final Pattern CODE = Pattern.compile("[A-Za-z0-9_.-]{1,20}");

    private final ObjectReader json;

    AnswerReader(ObjectMapper json) {
        // an answer that says two things, or goes on after its end, is not one to rely on
        this.json = json.reader().with(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .with(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
    }

    @Override
    public void process(Exchange exchange) {
        // taken away, or it would be read as the failure of the row's next try
        Exception failure = (Exception) exchange.removeProperty(ExchangePropertyKey.EXCEPTION_CAUGHT);
        String token = exchange.getVariable("token", String.class);
        BosAnswer answer = failure == null ? read(exchange.getMessage(), token) : failed(failure, token);
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

    private static BosAnswer failed(Exception failure, String token) {
        if (token == null) {
            return BosAnswer.none(BosAnswer.Kind.NO_TOKEN,
                    failure instanceof TokenUnavailable
                            ? failure.getMessage()
                            : "no token: " + failure.getClass().getSimpleName());
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

    private BosAnswer read(Message message, String token) {
        Integer httpStatus = message.getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        Duration retryAfter = retryAfter(message.getHeader("Retry-After"), Instant.now());
        String body = AnswerText.decoded(bytes(message.getBody()), message.getHeader("Content-Type", String.class));
        String raw = AnswerText.presentable(body, token, LONGEST_RAW);
        JsonNode node = parse(body);
        String code = code(node);
        if (code == null) {
            return new BosAnswer(BosAnswer.Kind.OTHER, httpStatus, null, null, "the answer is not the expected JSON",
                    retryAfter, raw);
        }
        return new BosAnswer(BosAnswer.Kind.REPLY, httpStatus, status(node.get("status")), code,
                AnswerText.presentable(node.path("message").asText(""), token, LONGEST_MESSAGE), retryAfter, raw);
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

    private JsonNode parse(String body) {
        try {
            JsonNode node = json.readTree(body);
            return node != null && node.isTextual() ? json.readTree(node.textValue()) : node;
        } catch (JsonProcessingException e) {
            return null;
        }
    }

    /** The code as text, or null where there is none, or two that contradict each other. */
    private static String code(JsonNode node) {
        if (node == null || !node.isObject()) {
            return null;
        }
        String code = code(node, "response_code");
        String misspelt = code(node, "responsecode");
        if (code != null && misspelt != null && !code.equals(misspelt)) {
            return null;
        }
        return code != null ? code : misspelt;
    }

    private static String code(JsonNode node, String name) {
        JsonNode code = node.path(name);
        if (code.isFloatingPointNumber()) {
            double number = code.doubleValue();
            return number == Math.rint(number) && Math.abs(number) < LARGEST_FLOAT
                    ? Long.toString((long) number)
                    : null;
        }
        if (code.isIntegralNumber()) {
            return CODE.matcher(code.asText()).matches() ? code.asText() : null;
        }
        String text = code.isTextual() ? code.textValue().trim() : "";
        return CODE.matcher(text).matches() ? text : null;
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
