// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.intake;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jboss.logging.Logger;

import center.bos.refund.model.FileTrouble;
import center.bos.refund.model.TroubleLog;

/** Says once why a file cannot be taken, and again while that lasts, and waits before files are tried again. */
@ApplicationScoped
@Named("inboxTrouble")
public class InboxTrouble implements Processor {
    private static final Logger LOG = Logger.getLogger(InboxTrouble.class);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final TroubleLog log = new TroubleLog(LOG::error);

    @Override
    public void process(Exchange exchange) throws InterruptedException {
        log.say("A file of the inbox cannot be taken; it is tried again until it can: "
                + FileTrouble.text(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class)));
        TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
    }
}
