package center.bos.refund.batch;

import java.time.Duration;
import java.util.concurrent.TimeUnit;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jboss.logging.Logger;

import center.bos.refund.ledger.Batch;

/** Says once why results cannot be written, and again while that lasts, and waits before they are tried again. */
@ApplicationScoped
@Named("resultsTrouble")
public class ResultsTrouble implements Processor {
    private static final Logger LOG = Logger.getLogger(ResultsTrouble.class);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final TroubleLog trouble = new TroubleLog(LOG::error);

    @Override
    public void process(Exchange exchange) throws InterruptedException {
        Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        String what = exchange.getMessage().getBody() instanceof Batch batch
                ? "The results of batch " + batch.id()
                : "Results";
        trouble.say(what + " cannot be written; they are tried again until they are: " + cause);
        TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
    }
}
