// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

/** How an accepted row ended. Every row ends in exactly one of these. */
public enum Outcome {
    /** BOS said that the OTP was sent. */
    SUCCESS,
    /** BOS said that it was not sent, for good. */
    ERROR,
    /** BOS may or may not have acted; only a person may send it again. */
    IN_DOUBT,
    /** Another row holds the same pair; nothing was sent. */
    DUPLICATE,
    /** The row is malformed; nothing was sent. */
    REJECTED
}
