// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import java.time.Instant;

/**
 * A time in which something that is needed cannot be reached or done: BOS, the broker, a file.
 *
 * @param since when it was noticed
 * @param reason why the last try failed; holds no secret and no customer's data
 * @param reachedBefore whether it had worked before, since the process started
 */
public record Trouble(Instant since, String reason, boolean reachedBefore) {
}
