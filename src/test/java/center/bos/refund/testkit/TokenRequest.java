// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.time.Instant;
import java.util.List;

/**
 * One request for a token as it reached the server; a header that was not sent is null.
 *
 * @param number counts the token requests from 1
 * @param body what came with it
 */
public record TokenRequest(int number, Instant at, String clientId, String clientSecret, String signature,
        List<Header> headers, String body) {
}
