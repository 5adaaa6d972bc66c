package center.bos.refund.batch;

import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
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
    private static final Duration SAID_AGAIN = Duration.ofMinutes(10);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private final BatchTroubles troubles;
    private final Map<String, Instant> said = new ConcurrentHashMap<>();

    ResultsTrouble(BatchTroubles troubles) {
        this.troubles = troubles;
    }

    @Override
    public void process(Exchange exchange) throws InterruptedException {
        Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        String line = "Results cannot be written; they are tried again until they are: " + cause;
        if (exchange.getMessage().getBody() instanceof Batch batch) {
            String text = "the results of batch " + batch.id() + " cannot be written: " + FileTrouble.text(cause);
            troubles.note(batch, text);
            line = "Tried again until it works: " + text;
        }
        Instant now = Instant.now();
        Instant before = said.get(line);
        if (before == null || before.plus(SAID_AGAIN).isBefore(now)) {
            LOG.error(line);
            said.put(line, now);
        }
        TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
    }
}
