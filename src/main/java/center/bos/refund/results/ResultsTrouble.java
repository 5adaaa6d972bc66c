// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.results;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jboss.logging.Logger;

import center.bos.refund.model.Batch;
import center.bos.refund.model.FileTrouble;
import center.bos.refund.model.TroubleLog;

/** Says once why results cannot be written, and again while that lasts, and waits before they are tried again. */
@ApplicationScoped
@Named("resultsTrouble")
public class ResultsTrouble implements Processor {
    private static final Logger LOG = Logger.getLogger(ResultsTrouble.class);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final TroubleLog log = new TroubleLog(LOG::error);
    private final BatchTroubles troubles;

    ResultsTrouble(BatchTroubles troubles) {
        this.troubles = troubles;
    }

    @Override
    public void process(Exchange exchange) throws InterruptedException {
        Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        String text = "results cannot be written: " + FileTrouble.text(cause);
        if (exchange.getMessage().getBody() instanceof Batch batch) {
            text = "the results of batch " + batch.id() + " cannot be written: " + FileTrouble.text(cause);
            troubles.note(batch, text);
        }
        log.say("Tried again until it works: " + text);
        TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
    }
}
