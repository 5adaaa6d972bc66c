// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

/** What the route {@code outcome} made of an answer. */
public enum Verdict {
    /** Done: the OTP was sent. */
    SUCCESS,
    /** Done: it was not sent and will not be. */
    ERROR,
    /** It cannot be known whether BOS acted. */
    IN_DOUBT,
    /** Not done; the same call may succeed later. */
    RETRY,
    /** Not done; the token was not accepted. */
    AUTH,
    /** Not done; another node had got a token meanwhile that ended the one of this call. */
    REPLACED,
    /** Not done, and not because of the row: no connection, no token, or the set-up is wrong. */
    UNREACHABLE
}
