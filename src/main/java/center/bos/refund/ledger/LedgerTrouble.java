// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.SQLException;
import java.time.Duration;

import org.jboss.logging.Logger;

import center.bos.refund.database.LedgerUnavailable;

/** Why the ledger cannot be written; logs when this begins and when it ends. */
final class LedgerTrouble {
    private static final Logger LOG = Logger.getLogger(Ledger.class);
    static final String REPLACED = "another process runs under this node's name (refund.node), so this one must stop";
    static final String WENT_BACK = "it lacks what this node has committed: a backup, or a standby that was behind, has taken"
            + " its place, and rows that were sent would be sent again (docs/operations.md, Restore it)";

    private volatile String text;
    private volatile boolean replaced;

    /** The cause, or null while the ledger can be written. */
    String text() {
        return text;
    }

    synchronized void stuck(Duration time) {
        if (text == null) {
            text = "no commit has ended for " + time.toSeconds() + " s";
            LOG.errorf("The ledger is stuck, so nothing is sent until it continues: %s", text);
        }
    }

    synchronized void refused(SQLException e) {
        if (isTransient(e)) {
            LOG.debug("a transaction that conflicted with another node's is tried again", e);
            return;
        }
        String reason = LedgerUnavailable.reason(e);
        if (text == null) {
            LOG.errorf("The ledger cannot be written, so nothing is sent until it can: %s", reason);
        }
        text = reason;
    }

    /** SQLSTATE class 40: the database rolled back one of two conflicting transactions, and trying it again can succeed. */
    static boolean isTransient(SQLException e) {
        return e.getSQLState() != null && e.getSQLState().startsWith("40");
    }

    /** Records that another process has taken the node's name, for good. */
    synchronized void replaced() {
        LOG.error("Nothing more is sent: " + REPLACED);
        text = REPLACED;
        replaced = true;
    }

    /** Records that the dispatcher's thread has ended by a defect, for good. */
    synchronized void over(Throwable cause) {
        LOG.error("The ledger's thread has failed, so nothing more is sent: restart this node", cause);
        text = "the ledger's thread has failed: restart this node";
    }

    boolean isReplaced() {
        return replaced;
    }

    synchronized void well() {
        if (text != null && !replaced) {
            LOG.info("The ledger can be written again");
            text = null;
        }
    }

    LedgerUnavailable closed() {
        return new LedgerUnavailable(replaced ? REPLACED : "the ledger is closed", null);
    }
}
