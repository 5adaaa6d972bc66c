// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/**
 * An ongoing problem: BOS, the broker or a file cannot be reached or used.
 *
 * @param since when it was noticed, to the second
 * @param reason why the last try failed; holds no secret and no customer's data
 * @param reachedBefore whether it had worked before, since the process started
 */
public record Trouble(Instant since, String reason, boolean reachedBefore) {
    /** To the second. */
    public Trouble {
        since = since.truncatedTo(ChronoUnit.SECONDS);
    }
}
