// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.results;

import java.io.IOException;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jboss.logging.Logger;

import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.Releases;
import center.bos.refund.model.FileTrouble;
import center.bos.refund.model.TroubleLog;

/** Does resends that another person released. One that was cut off is done again, and opens no row twice. */
@ApplicationScoped
@Named("grantedResends")
public class GrantedResends implements Processor {
    private static final Logger LOG = Logger.getLogger(GrantedResends.class);

    private final TroubleLog trouble = new TroubleLog(LOG::error);
    private final Ledger ledger;
    private final Resend resend;

    GrantedResends(Ledger ledger, Resend resend) {
        this.ledger = ledger;
        this.resend = resend;
    }

    @Override
    public void process(Exchange exchange) {
        if (ledger.trouble().isPresent()) {
            return;
        }
        try {
            for (Releases.Granted granted : ledger.releases().granted()) {
                resend.open(granted);
                ledger.releases().done(granted);
            }
        } catch (IOException e) {
            trouble.say("Tried again until it works: a released resend cannot be done: " + FileTrouble.text(e));
        } catch (LedgerUnavailable e) {
            LOG.debug("a released resend is done another time", e);
        }
    }
}
