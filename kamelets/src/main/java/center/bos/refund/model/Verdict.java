// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

/** The decision of the route {@code outcome} on an answer. */
public enum Verdict {
    /** Done: the OTP was sent. */
    SUCCESS,
    /** Done: it was not sent, for good. */
    ERROR,
    /** It cannot be known whether BOS acted. */
    IN_DOUBT,
    /** Not done; the same call may succeed later. */
    RETRY,
    /** Not done; the token was not accepted. */
    AUTH,
    /** Not done; a token that another node fetched meanwhile voided the one of this call. */
    REPLACED,
    /** Not done, and not because of the row: no connection, no token, or a wrong configuration. */
    UNREACHABLE
}
