// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Message;
import org.apache.camel.Processor;
import org.apache.hc.client5.http.utils.DateUtils;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectReader;

import center.bos.refund.model.BosAnswer;
import center.bos.refund.model.NotSentException;
import center.bos.refund.token.TokenUnavailable;

/**
 * Reads the result of a call, whatever it is, into a {@link BosAnswer}, and into the variables for the route {@code outcome}:
 * {@code kind}, {@code http}, {@code status}, {@code code} and {@code retryAfter}, each a text, empty if there is none.
 */
public class AnswerReader implements Processor {
    private static final int LONGEST_MESSAGE = 500;
    private static final int LONGEST_RAW = 4_000;
    private static final double LARGEST_FLOAT = 1e15;
    private static final Pattern CODE = Pattern.compile("[A-Za-z0-9_.-]{1,20}");

    private static final Pattern SECONDS = Pattern.compile("[0-9]+");
    private static final int MOST_DIGITS = 9;
    private static final String STATUS = "status";
    private static final String CODE_FIELD = "response_code";
    private static final String MISSPELT = "responsecode";
    private static final String MESSAGE = "message";
    /** So that the reason of such rows can be named, linked to and chosen like any other. */
    private static final String NO_MESSAGE = "BOS gave no message";
    private static final Set<String> READ = Set.of(STATUS, CODE_FIELD, MISSPELT, MESSAGE);

    private final ObjectReader json;

    /** A reader with that mapper. */
    public AnswerReader(ObjectMapper json) {
        this.json = json.reader();
    }

    @Override
    public void process(Exchange exchange) {
        Exception failure = exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, Exception.class);
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
        if (token != null && token.isBlank()) {
            return BosAnswer.none(BosAnswer.Kind.NO_TOKEN, "no token: direct:token left an empty body");
        }
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
        Duration retryAfter = retryAfter(message);
        String body = AnswerText.decoded(bytes(message.getBody()), message.getHeader("Content-Type", String.class));
        String raw = AnswerText.presentable(body, token, LONGEST_RAW);
        Map<String, JsonNode> fields = parse(body);
        String code = code(fields);
        if (code == null) {
            return new BosAnswer(BosAnswer.Kind.OTHER, httpStatus, null, null,
                    "HTTP " + httpStatus + ", not the expected JSON", retryAfter, raw);
        }
        String said = AnswerText.presentable(message(fields.get(MESSAGE)), token, LONGEST_MESSAGE);
        return new BosAnswer(BosAnswer.Kind.REPLY, httpStatus, status(fields.get(STATUS)), code,
                said.isBlank() ? NO_MESSAGE : said, retryAfter, raw);
    }

    /** By the server's clock if its answer has the time, since ours may be wrong. */
    private static Instant sentAt(Message message) {
        String date = message.getHeader("Date", String.class);
        Instant sent = date == null ? null : DateUtils.parseStandardDate(date);
        return sent == null ? Instant.now() : sent;
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

    private Map<String, JsonNode> parse(String body) {
        try {
            return fields(body);
        } catch (IOException e) {
            return Map.of();
        }
    }

    /** The fields that matter; an answer with one of them twice is not reliable. */
    private Map<String, JsonNode> fields(String text) throws IOException {
        Map<String, JsonNode> fields = new HashMap<>();
        try (JsonParser parser = json.createParser(text)) {
            if (parser.nextToken() == JsonToken.VALUE_STRING) {
                String inner = parser.getText();
                return parser.nextToken() == null ? fields(inner) : Map.of();
            }
            if (parser.currentToken() != JsonToken.START_OBJECT) {
                return Map.of();
            }
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String name = parser.currentName();
                parser.nextToken();
                if (!READ.contains(name)) {
                    parser.skipChildren();
                } else if (fields.containsKey(name)) {
                    return Map.of();
                } else {
                    fields.put(name, parser.readValueAsTree());
                }
            }
            return parser.nextToken() == null ? fields : Map.of();
        }
    }

    /** The code as text, or null where there is none, or two that contradict each other. */
    private static String code(Map<String, JsonNode> fields) {
        String code = code(fields.get(CODE_FIELD));
        String misspelt = code(fields.get(MISSPELT));
        if (code != null && misspelt != null && !code.equals(misspelt)) {
            return null;
        }
        return code != null ? code : misspelt;
    }

    private static String code(JsonNode code) {
        if (code == null) {
            return null;
        }
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

    private static String message(JsonNode message) {
        return message == null ? "" : message.asText("");
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

    /** Seconds or a date (RFC 9110 §10.2.3); 0 for any other value, null if there is none. */
    private static Duration retryAfter(Message message) {
        Object header = message.getHeader("Retry-After");
        if (header == null) {
            return null;
        }
        Object first = header instanceof List<?> several && !several.isEmpty() ? several.get(0) : header;
        String text = first.toString().trim();
        if (SECONDS.matcher(text).matches()) {
            return Duration.ofSeconds(text.length() <= MOST_DIGITS ? Long.parseLong(text) : Integer.MAX_VALUE);
        }
        Instant until = DateUtils.parseStandardDate(text);
        Instant now = sentAt(message);
        return until == null || until.isBefore(now) ? Duration.ZERO : Duration.between(now, until);
    }
}
