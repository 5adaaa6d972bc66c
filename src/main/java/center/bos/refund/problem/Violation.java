// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.problem;

import java.util.Optional;

import center.bos.refund.model.IdRule;

/**
 * One way in which a request does not fit the contract.
 *
 * @param where the part of the request, such as {@code body.referenceid}
 * @param detail what is wrong and what to do, without the value
 */
public record Violation(String where, String detail) {
    /** The detail for an unknown field. */
    public static final String FIELD = "a field that is not known";
    private static final int LONGEST_NAME = 64;

    /** What is wrong with the value of an id, which is null if it is neither a text nor a whole number. */
    public static Optional<Violation> ofId(String where, String name, String id) {
        return Optional.ofNullable(id == null ? "must be a text or a whole number" : IdRule.rejection(name, id))
                .map(rejection -> new Violation(where, rejection));
    }

    /** An unknown parameter or field; a long name is cut. */
    public static Violation unknown(String where, String what, String name) {
        return new Violation(where, "holds " + what + ": "
                + (name.length() > LONGEST_NAME ? name.substring(0, LONGEST_NAME) + "…" : name));
    }
}
