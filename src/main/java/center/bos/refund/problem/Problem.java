// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.problem;

import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.annotation.JsonInclude;

import io.netty.handler.codec.http.HttpResponseStatus;

/**
 * Why a request was not served, as {@code application/problem+json} (RFC 9457) says it.
 *
 * @param type always {@code about:blank}: the status is the kind
 * @param detail what to do about it
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Problem(String type, String title, int status, String detail, List<Violation> violations) {
    /** The media type of a problem. */
    public static final String MEDIA_TYPE = "application/problem+json";
    private static final int RETRY_SECONDS = 5;

    /** A problem without violations. */
    public static Problem of(int status, String detail) {
        return new Problem("about:blank", title(status), status, detail, List.of());
    }

    public static Problem of(List<Violation> violations) {
        return new Problem("about:blank", title(400), 400, "the request does not fit the contract", violations);
    }

    /** When to try again, where that may help. */
    public Optional<Integer> retryAfterSeconds() {
        return status == 429 || status == 503 ? Optional.of(RETRY_SECONDS) : Optional.empty();
    }

    private static String title(int status) {
        return switch (status) {
            case 413 -> "Content Too Large";
            case 422 -> "Unprocessable Content";
            default -> HttpResponseStatus.valueOf(status).reasonPhrase();
        };
    }
}
