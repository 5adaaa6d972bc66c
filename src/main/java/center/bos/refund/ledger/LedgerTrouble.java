// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.SQLException;
import java.time.Duration;

import org.jboss.logging.Logger;

import center.bos.refund.database.LedgerUnavailable;

/** Why the ledger cannot be written, said in the log when it begins and when it ends. */
final class LedgerTrouble {
    private static final Logger LOG = Logger.getLogger(Ledger.class);
    static final String REPLACED = "another process runs under this node's name (refund.node), so this one must stop";

    private volatile String text;
    private volatile boolean replaced;

    /** What the trouble is, or null. */
    String text() {
        return text;
    }

    synchronized void stuck(Duration time) {
        if (text == null) {
            text = "no commit has come to an end for " + time.toSeconds() + " s";
            LOG.errorf("The ledger is stuck, so nothing is sent until it goes on: %s", text);
        }
    }

    synchronized void refused(SQLException e) {
        if (isTransient(e)) {
            LOG.debug("a transaction that another node's stood in the way of is tried again", e);
            return;
        }
        String reason = LedgerUnavailable.reason(e);
        if (text == null) {
            LOG.errorf("The ledger cannot be written, so nothing is sent until it can: %s", reason);
        }
        text = reason;
    }

    /** SQLSTATE class 40: the database rolled one of two transactions back, and wants it tried again. */
    static boolean isTransient(SQLException e) {
        return e.getSQLState() != null && e.getSQLState().startsWith("40");
    }

    /** There is no way out of this one. */
    synchronized void replaced() {
        LOG.error("Nothing more is sent: " + REPLACED);
        text = REPLACED;
        replaced = true;
    }

    /** The writer has failed in a way that it does not come back from. */
    synchronized void over(Throwable cause) {
        LOG.error("The ledger's writer has failed, so nothing more is sent: restart", cause);
        text = "the ledger's writer has failed: restart";
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
