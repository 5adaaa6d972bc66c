// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulator;

/** A bearer token and the epoch second at which it expires. */
public record Token(String value, long expiry) {
}
