// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

/**
 * A row that was taken for its call; the ledger has it as being sent under an epoch.
 *
 * @param number the batch's number in the ledger
 * @param turn its place in the order of calls
 * @param epoch the epoch under which it is being sent
 * @param call the number of this call in this process, counted from 1
 * @param doubts how often it was sent again although BOS may have acted
 * @param attempts POSTs made before this call
 * @param retries repeats so far after answers that say 'not done'
 */
public record DueRow(long number, String batch, long line, String referenceid, String ackno, long turn, long epoch,
        long call, int doubts, int attempts, int retries) {

    /** The pair, without leading zeros. */
    public Pair pair() {
        return Pair.of(referenceid, ackno);
    }

    /** The same row with its batch's id. */
    public DueRow of(String id) {
        return new DueRow(number, id, line, referenceid, ackno, turn, epoch, call, doubts, attempts, retries);
    }

    /** The same row with the number of its call. */
    public DueRow as(long callNumber) {
        return new DueRow(number, batch, line, referenceid, ackno, turn, epoch, callNumber, doubts, attempts, retries);
    }

    /** Without the customer's ids, which must not reach a log. */
    @Override
    public String toString() {
        return batch + ":" + line;
    }
}
