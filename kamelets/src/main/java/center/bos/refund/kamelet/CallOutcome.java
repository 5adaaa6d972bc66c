// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.kamelet;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Processor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.model.BosAnswer;
import center.bos.refund.model.DueRow;

/**
 * Puts the outcome of one call into the body, as JSON, and its name into the variable {@code outcome}: SUCCESS, ERROR or IN_DOUBT as
 * in the bundle, REJECTED for a body without a usable pair, NOT_DONE for a call that may be repeated.
 */
public final class CallOutcome implements Processor {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<String> VARIABLES = List.of("row", "token", "answer", "kind", "http", "status", "code",
            "retryAfter", "verdict");

    /** Clears the results of an earlier call of the same exchange. */
    static void forget(Exchange exchange) {
        VARIABLES.forEach(exchange::removeVariable);
        exchange.removeVariable("outcome");
    }

    @Override
    public void process(Exchange exchange) throws JsonProcessingException {
        DueRow row = exchange.getVariable("row", DueRow.class);
        BosAnswer answer = exchange.getVariable("answer", BosAnswer.class);
        String outcome = row == null ? "REJECTED" : outcome(exchange.getVariable("verdict", String.class));
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("referenceid", row == null ? null : row.referenceid());
        fields.put("ackno", row == null ? null : row.ackno());
        fields.put("outcome", outcome);
        fields.put("response_code", answer == null ? null : answer.code());
        fields.put("http_status", answer == null ? null : answer.httpStatus());
        fields.put("message", answer == null ? why(exchange) : answer.message());
        forget(exchange);
        KeptHeaders.giveBack(exchange);
        exchange.setVariable("outcome", outcome);
        exchange.getMessage().setBody(JSON.writeValueAsString(fields));
    }

    private static String outcome(String verdict) {
        return switch (verdict == null ? "" : verdict) {
            case "SUCCESS", "ERROR" -> verdict;
            case "RETRY", "AUTH", "UNREACHABLE" -> "NOT_DONE";
            default -> "IN_DOUBT"; // also where the route outcome failed
        };
    }

    private static String why(Exchange exchange) {
        Exception failure = exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, Exception.class);
        return failure instanceof IllegalArgumentException
                ? failure.getMessage()
                : "the call failed: " + (failure == null ? "no answer" : failure.getClass().getSimpleName());
    }
}
