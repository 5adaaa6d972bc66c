// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

/** What one refund is known by: the two ids as they stood in the request. */
public record Pair(String referenceid, String ackno) {
}
