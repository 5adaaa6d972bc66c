// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

/** One header line, its name in the case in which it was sent. */
public record Header(String name, String value) {
}
