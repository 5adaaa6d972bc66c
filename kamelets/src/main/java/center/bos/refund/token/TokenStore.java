// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.token;

import java.io.IOException;
import java.util.Optional;

/** The store in which nodes with the same client find each other's newest token, encrypted. */
@FunctionalInterface
public interface TokenStore {

    /**
     * A stored token.
     *
     * @param text its encrypted text, or empty
     * @param expiresAt when it ends, in milliseconds since 1970
     */
    record Sealed(String text, long expiresAt) {
    }

    /** Looks at the newest token and returns a newer one, or empty to keep it. */
    @FunctionalInterface
    interface Renewal {
        Optional<Sealed> renew(Sealed newest) throws TokenUnavailable;
    }

    /**
     * Renews the newest token of a client. Other nodes that are about to do the same wait until it is there.
     *
     * @throws TokenUnavailable if the renewal throws it
     * @throws IOException if the store cannot be read or written; then the renewal may have taken place or not
     */
    void renew(String client, Renewal renewal) throws IOException;
}
