// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import java.io.IOException;

/** The connection could not be made, or broke before the request was written to its end, so that nobody can have acted. */
public final class NotSentException extends IOException {

    /** Says what failed; holds no secret and no customer data. */
    public NotSentException(String message, Throwable cause) {
        super(message, cause);
    }
}
