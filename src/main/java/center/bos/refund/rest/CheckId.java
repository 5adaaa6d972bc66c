// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.util.Collection;
import java.util.Optional;
import java.util.UUID;

import org.apache.commons.codec.digest.DigestUtils;

/** The id of a check. It names the node that keeps the rows, and is the end of their batch's id. */
final class CheckId {
    private static final int NODE_DIGITS = 6;
    private static final int RANDOM_DIGITS = 10;
    private static final int HASH_DIGITS = 8;

    private CheckId() {
    }

    static String fresh(String node, String sha256) {
        return mark(node) + UUID.randomUUID().toString().replace("-", "").substring(0, RANDOM_DIGITS) + "-"
                + sha256.substring(0, HASH_DIGITS);
    }

    /** The id of the batch of these rows. */
    static String batch(String check) {
        return "rest-" + check;
    }

    /** Which of these nodes keeps the rows, if any. */
    static Optional<String> node(String check, Collection<String> nodes) {
        return nodes.stream().filter(node -> check.startsWith(mark(node))).findFirst();
    }

    private static String mark(String node) {
        return DigestUtils.sha256Hex(node).substring(0, NODE_DIGITS);
    }
}
