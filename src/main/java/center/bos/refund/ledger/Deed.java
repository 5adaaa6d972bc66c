// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

/**
 * What a person asks to be done.
 *
 * @param by who
 * @param reason why, or null
 * @param key what makes a repetition of it known, or null
 */
public record Deed(String by, String reason, IdempotencyKeys.Key key) {
}
