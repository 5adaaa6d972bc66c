// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.util.regex.Pattern;

/**
 * What a person asks to be done.
 *
 * @param reason why, or null
 * @param key what makes a repetition of it known, or null
 */
public record Deed(String by, String reason, IdempotencyKeys.Key key) {
    private static final Pattern WHERE = Pattern.compile(" (over REST|at the command line)$");

    /** Whether that person does it, wherever. */
    boolean isBy(String person) {
        return name(by).equalsIgnoreCase(name(person));
    }

    private static String name(String person) {
        return WHERE.matcher(person).replaceFirst("").strip();
    }
}
