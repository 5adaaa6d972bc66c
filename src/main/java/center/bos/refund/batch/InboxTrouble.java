package center.bos.refund.batch;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jboss.logging.Logger;

/** Says once why files cannot be taken, and again while that lasts, and waits before they are tried again. */
@ApplicationScoped
@Named("inboxTrouble")
public class InboxTrouble implements Processor {
    private static final Logger LOG = Logger.getLogger(InboxTrouble.class);
    private static final Duration SAID_AGAIN = Duration.ofMinutes(10);
    private static final Duration PAUSE = Duration.ofSeconds(2);

    private String said;
    private Instant saidAt = Instant.MIN;

    @Override
    public void process(Exchange exchange) throws InterruptedException {
        say("Files of the inbox cannot be taken; they are tried again until they can: "
                + FileTrouble.text(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class)));
        TimeUnit.NANOSECONDS.sleep(PAUSE.toNanos());
    }

    private synchronized void say(String line) {
        if (!line.equals(said) || saidAt.plus(SAID_AGAIN).isBefore(Instant.now())) {
            LOG.error(line);
            said = line;
            saidAt = Instant.now();
        }
    }
}
