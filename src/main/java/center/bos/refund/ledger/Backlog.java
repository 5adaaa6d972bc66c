// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.time.Instant;

/**
 * What the ledger of all nodes still has to do, or leaves to a person.
 *
 * @param batches batches with rows without an outcome, or without their results
 * @param rows their rows without an outcome, without those of stopped batches
 * @param stopped rows without an outcome of batches that are held, paused or cancelled
 * @param oldestBatch when the oldest of them was accepted, or null
 * @param inDoubt rows in doubt
 * @param oldestInDoubt since when the oldest of them is in doubt, or null
 */
public record Backlog(long batches, long rows, long stopped, Instant oldestBatch, long inDoubt,
        Instant oldestInDoubt) {
}
