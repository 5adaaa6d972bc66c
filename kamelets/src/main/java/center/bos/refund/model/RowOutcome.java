// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import java.time.Instant;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;

/**
 * The outcome of one row, as channels and result files have it.
 *
 * @param referenceid digits, as text; of a rejected row what its sender gave, or empty
 * @param ackno digits, as text; of a rejected row what its sender gave, or empty
 * @param responseCode BOS' code, or null when there was none
 * @param httpStatus HTTP status of the last answer, or null when there was none
 * @param message what BOS said, or why the row ended so
 * @param attempts POSTs made for the row
 */
@JsonPropertyOrder({"batch", "line", "referenceid", "ackno", "outcome", "response_code", "http_status", "message",
        "attempts", "answered_at"})
public record RowOutcome(String batch, long line, String referenceid, String ackno, Outcome outcome,
        @JsonProperty("response_code") String responseCode, @JsonProperty("http_status") Integer httpStatus,
        String message, int attempts, @JsonProperty("answered_at") Instant answeredAt) {

    /** Without the customer's ids and BOS' words, which must not reach a log. */
    @Override
    public String toString() {
        return outcome + " " + batch + ":" + line;
    }
}
