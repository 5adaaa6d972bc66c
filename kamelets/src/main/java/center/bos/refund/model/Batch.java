// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import java.time.Instant;

/**
 * Rows that were accepted together, or a file that was refused, and its counters.
 *
 * @param number its number in the ledger
 * @param id file stem, {@code -}, first 8 hex digits of the content's SHA-256, and a suffix if that is taken
 * @param node the node that accepted it, has its file and writes its results
 * @param reason why it was refused, or null
 * @param again whether pairs that were sent before are sent too
 * @param size bytes of the file when it was accepted
 * @param accepted rows that are in the ledger; the others are not read from the file yet
 * @param startedAt when the file was taken
 * @param finishedAt when the results were written, or null
 * @param stop why its rows wait or were rejected; null if rows are called
 * @param submittedBy who submitted a file: a person, {@code inbox} or {@code SFTP}; null for requests, and after erasure
 */
public record Batch(long number, Source source, String id, String file, String sha256, String node, State state,
        String reason, boolean again,
        long rows, long size, long accepted, long sending, long success, long error, long inDoubt, long duplicate,
        long rejected,
        Instant startedAt, Instant finishedAt, Stop stop, String submittedBy) {

    /** The state of a batch. */
    public enum State {
        /** Rows are not done, or the results are not written. */
        OPEN,
        /** Every row has its outcome and the results are written. */
        COMPLETE,
        /** The file was refused. */
        REFUSED
    }

    /** Rows with an outcome. */
    public long done() {
        return success + error + inDoubt + duplicate + rejected;
    }

    /** Rows without an outcome that are not being sent. */
    public long waiting() {
        return rows - done() - sending;
    }

    /** Whether every row is in the ledger. */
    public boolean hasAllRows() {
        return accepted >= rows;
    }

    /** The same batch as complete. */
    public Batch completed(Instant at) {
        return new Batch(number, source, id, file, sha256, node, State.COMPLETE, reason, again, rows, size, accepted,
                sending, success, error, inDoubt, duplicate, rejected, startedAt, at, stop, submittedBy);
    }
}
