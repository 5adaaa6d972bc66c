// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.token;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.time.Instant;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.hc.client5.http.utils.DateUtils;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/**
 * Reads the answer of the authorize endpoint: {@code data.token}, and {@code data.expiry} as epoch seconds or as a
 * number of seconds. An answer whose {@code status} is not SUCCESS is a failure, even with HTTP 200.
 */
public class AuthorizeAnswer implements Processor {
    /** Larger numbers (from the year 2001 on) are points in time, smaller ones lifetimes. */
    private static final long SMALLEST_EPOCH_SECOND = 1_000_000_000L;
    /** Larger numbers are milliseconds. */
    private static final long SMALLEST_EPOCH_MILLI = 100_000_000_000L;

    private static final Duration LONGEST_LIFETIME = Duration.ofDays(1);

    private final ObjectMapper json;
    private final Duration ttl;

    /** A granted token; {@link #toString()} omits its text. */
    public record Grant(String token, Instant expiresAt) {
        @Override
        public String toString() {
            return "Grant[expiresAt=" + expiresAt + "]";
        }
    }

    /** A reader with that mapper. */
    public AuthorizeAnswer(ObjectMapper json, TokenSettings settings) {
        this.json = json;
        this.ttl = settings.ttl();
    }

    @Override
    public void process(Exchange exchange) throws TokenUnavailable {
        Instant serverTime = date(exchange.getMessage().getHeader("Date", String.class));
        Integer httpStatus = exchange.getMessage().getHeader(Exchange.HTTP_RESPONSE_CODE, Integer.class);
        JsonNode answer = parse(exchange.getMessage().getBody(InputStream.class), httpStatus);
        String status = answer.path("status").asText("");
        String token = answer.path("data").path("token").asText("");
        if (httpStatus == null || httpStatus / 100 != 2 || !status.equalsIgnoreCase("SUCCESS")) {
            throw new TokenUnavailable("the token endpoint refused: HTTP " + httpStatus + ", status "
                    + (status.matches("[A-Za-z_]{1,20}") ? status : "unreadable"));
        }
        if (token.isBlank() || !token.chars().allMatch(c -> c > ' ' && c < 127)) {
            throw new TokenUnavailable("the token endpoint's answer holds no token in data.token");
        }
        exchange.getMessage().removeHeaders("*");
        Duration lifetime = lifetime(answer.path("data").path("expiry"), serverTime);
        exchange.getMessage().setBody(new Grant(token, Instant.now().plus(lifetime)));
    }

    private JsonNode parse(InputStream body, Integer httpStatus) throws TokenUnavailable {
        try {
            JsonNode node = body == null ? null : json.readTree(body);
            if (node != null && node.isObject()) {
                return node;
            }
        } catch (JsonProcessingException e) {
            // said below, without the parser's excerpt of the answer, which may hold the token
        } catch (IOException e) {
            throw new TokenUnavailable("the token endpoint's answer broke off");
        }
        throw new TokenUnavailable("the token endpoint's answer is not JSON: HTTP " + httpStatus);
    }

    /** By the server's clock if its answer has the time, since ours may be wrong; an implausible expiry is ignored. */
    private Duration lifetime(JsonNode expiry, Instant serverTime) {
        long number = expiry.isNumber() || expiry.isTextual() ? expiry.asLong(0) : 0;
        long seconds = number >= SMALLEST_EPOCH_MILLI ? number / 1000 : number;
        if (seconds >= SMALLEST_EPOCH_SECOND) {
            seconds -= serverTime.getEpochSecond();
        }
        return seconds <= 0 ? ttl : Duration.ofSeconds(Math.min(seconds, LONGEST_LIFETIME.toSeconds()));
    }

    private static Instant date(String header) {
        Instant date = header == null ? null : DateUtils.parseStandardDate(header);
        return date == null ? Instant.now() : date;
    }
}
