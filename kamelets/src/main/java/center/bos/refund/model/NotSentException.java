// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import java.io.IOException;

/** No connection, or it broke before the whole request was written, so that BOS cannot have acted. */
public final class NotSentException extends IOException {

    /** Says what failed; holds no secret and no customer data. */
    public NotSentException(String message, Throwable cause) {
        super(message, cause);
    }
}
