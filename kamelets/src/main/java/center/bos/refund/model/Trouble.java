// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import java.time.Instant;

/**
 * An ongoing problem: BOS, the broker or a file cannot be reached or used.
 *
 * @param since when it was noticed
 * @param reason why the last try failed; holds no secret and no customer's data
 * @param reachedBefore whether it had worked before, since the process started
 */
public record Trouble(Instant since, String reason, boolean reachedBefore) {
}
