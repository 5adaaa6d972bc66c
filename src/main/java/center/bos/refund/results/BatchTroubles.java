// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.results;

import java.time.Instant;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jboss.logging.Logger;

import center.bos.refund.model.Batch;
import center.bos.refund.model.FileTrouble;
import center.bos.refund.model.Trouble;
import center.bos.refund.model.TroubleLog;

/**
 * Why batches do not go on where it is not for BOS or the ledger: a file that cannot be taken, read or written. Says it once, and
 * again while it lasts.
 */
@ApplicationScoped
@Named("batchTroubles")
public class BatchTroubles implements Processor {
    private static final Logger LOG = Logger.getLogger(BatchTroubles.class);
    private final TroubleLog log = new TroubleLog(LOG::error);
    private final Map<String, Trouble> troubles = new ConcurrentHashMap<>();

    /** The unfinished batches, or the file of one, cannot be read. */
    @Override
    public void process(Exchange exchange) {
        Object body = exchange.getMessage().getBody();
        if (body == null) {
            log.say("Tried again until it works: the unfinished batches cannot be found: " + cause(exchange));
        } else if (body instanceof Batch batch) { // else a piece of its rows, for which there is no ledger
            note(batch, "the file of batch " + batch.id() + " cannot be read: " + cause(exchange));
        }
    }

    /** A file of the inbox cannot be taken. */
    public void inbox(Exchange exchange) {
        log.say("A file of the inbox cannot be taken; it is tried again until it can: " + cause(exchange));
    }

    /** Results cannot be written. */
    public void results(Exchange exchange) {
        if (exchange.getMessage().getBody() instanceof Batch batch) {
            note(batch, "the results of batch " + batch.id() + " cannot be written: " + cause(exchange));
        } else {
            log.say("Tried again until it works: results cannot be written: " + cause(exchange));
        }
    }

    private static String cause(Exchange exchange) {
        return FileTrouble.text(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class));
    }

    /** Keeps the reason until {@link #over(Batch)}. */
    private void note(Batch batch, String text) {
        troubles.merge(batch.id(), new Trouble(Instant.now(), text, false),
                (before, now) -> new Trouble(before.since(), now.reason(), false));
        log.say("Tried again until it works: " + text);
    }

    /** The batch goes on. */
    public void over(Batch batch) {
        troubles.remove(batch.id());
    }

    /** The problem of the first of these batches that has one. */
    public Optional<Trouble> of(Collection<Batch> batches) {
        return batches.stream().map(batch -> troubles.get(batch.id())).filter(Objects::nonNull).findFirst();
    }

    /** The problem that has lasted longest. */
    public Optional<Trouble> oldest() {
        return troubles.values().stream().min(Comparator.comparing(Trouble::since));
    }
}
