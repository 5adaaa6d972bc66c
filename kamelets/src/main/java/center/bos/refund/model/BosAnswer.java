// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import java.time.Duration;

/**
 * The result of one call.
 *
 * @param httpStatus HTTP status, or null when there was no answer
 * @param status the answer's {@code status}, or null when there was none
 * @param code the answer's {@code response_code} or {@code responsecode} as text, or null when there was none
 * @param message what BOS said, or what went wrong
 * @param retryAfter how long BOS asked to wait, or null
 * @param raw the answer's text, capped, or null
 */
public record BosAnswer(Kind kind, Integer httpStatus, Boolean status, String code, String message, Duration retryAfter,
        String raw) {

    /** How far a call got. */
    public enum Kind {
        /** There is no token, so nothing was sent. */
        NO_TOKEN,
        /** No connection to BOS, so nothing was sent. */
        NOT_SENT,
        /** The request was written, and no answer came in time. */
        LOST,
        /** An answer that is not the expected JSON. */
        OTHER,
        /** An answer with a code. */
        REPLY
    }

    /** The result of a call without an answer. */
    public static BosAnswer none(Kind kind, String message) {
        return new BosAnswer(kind, null, null, null, message, null, null);
    }

    /** Why the call failed, for the operator; holds no secret and no customer's data. */
    public String reason() {
        return code == null ? message : "HTTP " + httpStatus + ", response code " + code;
    }
}
