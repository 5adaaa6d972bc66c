// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.token;

import java.io.IOException;

/** No bearer token could be had; the message says why and holds no secret. */
public final class TokenUnavailable extends IOException {

    /** Says why. */
    public TokenUnavailable(String message) {
        super(message);
    }
}
