// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.util.regex.Pattern;

/**
 * An action that a person requests.
 *
 * @param reason why, or null
 * @param key the Idempotency-Key, or null
 */
public record Deed(String by, String reason, IdempotencyKeys.Key key) {
    private static final Pattern WHERE = Pattern.compile(" at the command line$");

    /** Whether this person requests it, over REST or at the command line. */
    boolean isBy(String person) {
        return name(by).equalsIgnoreCase(name(person));
    }

    private static String name(String person) {
        return WHERE.matcher(person).replaceFirst("").strip();
    }
}
