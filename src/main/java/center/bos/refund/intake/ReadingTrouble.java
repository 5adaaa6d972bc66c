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

/** Says once why an accepted file cannot be read, which is tried until it can. */
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
        if (exchange.getMessage().getBody() instanceof Batch batch) { // else a piece of its rows, for which there is no ledger
            String text = "the file of batch " + batch.id() + " cannot be read: "
                    + FileTrouble.text(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class));
            troubles.note(batch, text);
            log.say("Tried again until it works: " + text);
        }
    }
}
