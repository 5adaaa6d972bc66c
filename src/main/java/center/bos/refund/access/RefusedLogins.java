// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.access;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;

import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.ledger.Audit;
import center.bos.refund.ledger.Deed;
import center.bos.refund.ledger.Ledger;

/**
 * Writes failed logins into the audit log: each name once a minute, and a limited number of names, so that guessing cannot fill
 * it. The log file has each one.
 */
@ApplicationScoped
class RefusedLogins {
    private static final Logger LOG = Logger.getLogger(RefusedLogins.class);
    private static final long QUIET = Duration.ofMinutes(1).toNanos();
    private static final int NAMES = 20;

    private final Ledger ledger;
    private final Map<String, Long> noted = new HashMap<>();

    RefusedLogins(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Does not wait for the entry to be written. */
    synchronized void note(String user, String address) {
        long now = System.nanoTime();
        noted.values().removeIf(at -> now - at > QUIET);
        if (noted.size() < NAMES && noted.putIfAbsent(user, now) == null) {
            try {
                ledger.audit().noteLater(Audit.What.LOGIN_REFUSED, "REST", new Deed(user, "from " + address, null));
            } catch (LedgerUnavailable e) {
                LOG.debug("a refused login is not in the audit", e);
            }
        }
    }
}
