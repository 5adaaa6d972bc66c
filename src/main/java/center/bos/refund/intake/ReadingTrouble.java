// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.intake;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jboss.logging.Logger;

import center.bos.refund.model.Batch;
import center.bos.refund.model.FileTrouble;
import center.bos.refund.model.TroubleLog;
import center.bos.refund.results.BatchTroubles;

/** Says once why what was accepted cannot be gone on with, which is tried until it can. */
@ApplicationScoped
@Named("readingTrouble")
public class ReadingTrouble implements Processor {
    private static final Logger LOG = Logger.getLogger(ReadingTrouble.class);

    private final TroubleLog log = new TroubleLog(LOG::error);
    private final BatchTroubles troubles;

    ReadingTrouble(BatchTroubles troubles) {
        this.troubles = troubles;
    }

    @Override
    public void process(Exchange exchange) {
        String why = FileTrouble.text(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class));
        Object body = exchange.getMessage().getBody();
        if (body == null) {
            log.say("Tried again until it works: the unfinished batches cannot be found: " + why);
        } else if (body instanceof Batch batch) { // else a piece of its rows, for which there is no ledger
            String text = "the file of batch " + batch.id() + " cannot be read: " + why;
            troubles.note(batch, text);
            log.say("Tried again until it works: " + text);
        }
    }
}
