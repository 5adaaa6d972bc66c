// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

/** One HTTP request, read to its last byte. */
record Request(Head head, String body) {
}
