// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.token;

import java.io.IOException;

/** There is no bearer token; the message says why and holds no secret. */
public final class TokenUnavailable extends IOException {

    /** Says why. */
    public TokenUnavailable(String message) {
        super(message);
    }
}
