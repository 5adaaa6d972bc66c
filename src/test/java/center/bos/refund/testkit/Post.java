// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * One RefundOTP request as it reached the server.
 *
 * @param number counts all RefundOTP requests from 1
 * @param attempt counts those of this pair from 1; always 1 where the server does not remember its requests
 * @param connection counts the connections from 1
 * @param authorized whether its bearer token was one that is issued and not expired
 */
public record Post(long number, int attempt, Instant at, Pair pair, List<Header> headers, String body, int connection,
        boolean authorized) {

    /** The reference id, or an empty text if the body has none. */
    public String referenceid() {
        return pair.referenceid();
    }

    /** The acknowledgement number, or an empty text if the body has none. */
    public String ackno() {
        return pair.ackno();
    }

    /** The first header of that name, in any case. */
    public Optional<String> header(String name) {
        return headers.stream().filter(header -> header.name().equalsIgnoreCase(name)).map(Header::value).findFirst();
    }
}
