// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jboss.logging.Logger;

import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.model.RowOutcome;

/**
 * {@code ledger:outcomes?channel=reply}: an exchange for each undelivered reply. The body is the list of all outcomes of the
 * message, and the variable {@value #REPLY} holds its destination. Each destination has a lane of its own, which delivers one
 * reply after the other; the lanes work in parallel.
 */
final class RepliesConsumer extends OutcomesConsumer {
    /** The variable with the destination of the reply, as the submission gave it. */
    static final String REPLY = "reply";
    private static final Logger LOG = Logger.getLogger(RepliesConsumer.class);
    private static final int LANES_AT_ONCE = 16;

    private final UnaryOperator<String> laneOf;
    /** The names of the lanes that deliver now. */
    private final Set<String> busy = ConcurrentHashMap.newKeySet();
    private final Map<String, Blocked> blocked = new ConcurrentHashMap<>();
    private ExecutorService threads;

    /** A lane whose last delivery failed. */
    private static final class Blocked {
        private final Backoff backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
        private Exception failure;
        private long until;

        private Blocked failed(Exception cause) {
            failure = cause;
            until = System.nanoTime() + backoff.next();
            return this;
        }
    }

    /** Delivers replies; {@code laneOf} gives the lane of a destination. */
    RepliesConsumer(Endpoint endpoint, Processor processor, Ledger ledger, UnaryOperator<String> laneOf) {
        super(endpoint, processor, ledger, Outbox.Channel.REPLY);
        this.laneOf = laneOf;
    }

    @Override
    protected void doStart() throws Exception {
        threads = Executors.newFixedThreadPool(LANES_AT_ONCE, task -> {
            Thread thread = new Thread(task, "ledger-replies");
            thread.setDaemon(true);
            return thread;
        });
        super.doStart();
    }

    @Override
    void end() throws InterruptedException {
        super.end();
        threads.shutdown();
        threads.awaitTermination(LONGEST_STOP, TimeUnit.NANOSECONDS);
        threads.shutdownNow();
    }

    @Override
    boolean mustPause() {
        return false; // each lane pauses by itself
    }

    /** Starts the free lanes that have replies to deliver; each wakes this consumer when it has finished. */
    @Override
    int deliver() {
        long after = 0;
        List<Outbox.Owed> page;
        do {
            Set<String> notFree = Set.copyOf(busy); // read before the page, which still holds what these lanes deliver
            page = ledger.owed().next(Outbox.Channel.REPLY, after, MOST_AT_ONCE);
            page.stream()
                    .collect(Collectors.groupingBy(owed -> laneOf.apply(owed.reply()), LinkedHashMap::new,
                            Collectors.toList()))
                    .forEach((lane, owed) -> {
                        if (!notFree.contains(lane) && isOpen(lane) && busy.add(lane)) {
                            threads.execute(() -> work(lane, owed));
                        }
                    });
            after = page.isEmpty() ? after : page.get(page.size() - 1).number();
        } while (page.size() == MOST_AT_ONCE && !ending);
        say(blocked.values().stream().map(lane -> lane.failure).findFirst().orElse(null));
        return 0;
    }

    private boolean isOpen(String lane) {
        Blocked pause = blocked.get(lane);
        return pause == null || System.nanoTime() - pause.until >= 0;
    }

    private void block(String lane, Exception failure) {
        blocked.compute(lane,
                (name, was) -> failure == null ? null : (was == null ? new Blocked() : was).failed(failure));
    }

    private void work(String lane, List<Outbox.Owed> owed) {
        try {
            block(lane, deliver(owed).failure());
        } catch (LedgerRefused e) {
            block(lane, e);
        } catch (LedgerUnavailable e) {
            LOG.debug("delivered replies cannot be marked now, and are delivered again", e);
        } finally {
            busy.remove(lane);
            ledger.owed().wake();
        }
    }

    @Override
    boolean fill(Exchange exchange, Outbox.Owed owed) {
        Optional<List<RowOutcome>> outcomes = ledger.owed().outcomes(owed.batch());
        if (outcomes.isEmpty()) {
            return false;
        }
        exchange.setVariable(REPLY, owed.reply());
        exchange.getMessage().setBody(outcomes.get());
        return true;
    }
}
