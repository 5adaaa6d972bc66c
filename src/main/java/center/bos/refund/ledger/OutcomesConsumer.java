// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.support.DefaultConsumer;
import org.jboss.logging.Logger;

import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.model.RowOutcome;

/**
 * {@code ledger:outcomes}: an exchange for each outcome that is owed to a channel, in their order, one after the other; what
 * fails is tried again, so a channel hears of each outcome at least once. The body is the outcome; of a reply it is the
 * list of all outcomes of the message, and the variable {@value #REPLY} says where it is to go.
 */
final class OutcomesConsumer extends DefaultConsumer implements Suspendable {
    /** The variable with the text that came with the submission. */
    static final String REPLY = "reply";
    private static final Logger LOG = Logger.getLogger(OutcomesConsumer.class);
    private static final int MOST_AT_ONCE = 100;
    private static final long LOOK = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_STOP = TimeUnit.SECONDS.toNanos(5);
    private static final long FIRST_PAUSE = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(15);

    private final Ledger ledger;
    private final Outbox.Channel channel;
    private Thread thread;
    private volatile boolean ending;
    private boolean mine;
    private long askedAt = System.nanoTime() - LOOK;
    private boolean failing;
    /** The first of this round. */
    private Exception failure;

    OutcomesConsumer(Endpoint endpoint, Processor processor, Ledger ledger, Outbox.Channel channel) {
        super(endpoint, processor);
        this.ledger = ledger;
        this.channel = channel;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        ending = false;
        thread = new Thread(this::run, "ledger-outcomes-" + getEndpoint().getEndpointUri().replaceFirst(".*=", ""));
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    protected void doSuspend() throws Exception {
        end();
        super.doSuspend();
    }

    @Override
    protected void doResume() throws Exception {
        super.doResume();
        doStart();
    }

    @Override
    protected void doStop() throws Exception {
        end();
        super.doStop();
    }

    /** What is being handed over is handed over and marked. */
    private void end() throws InterruptedException {
        ending = true;
        long end = System.nanoTime() + LONGEST_STOP;
        while (thread.isAlive() && System.nanoTime() - end < 0) { // it may be about to wait, or be in a channel
            ledger.owed().wake();
            thread.join(TimeUnit.MILLISECONDS.toMillis(20));
        }
        thread.interrupt();
    }

    private void run() {
        Backoff backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
        try {
            while (!ending) {
                int handedOver = 0;
                try {
                    handedOver = isMine() ? handOver() : 0;
                } catch (LedgerUnavailable e) {
                    LOG.debug("reading what is owed", e);
                }
                if (failing) {
                    sleep(backoff.next());
                } else if (handedOver < MOST_AT_ONCE) {
                    backoff.reset();
                    ledger.owed().await(LOOK);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** However much more is owed meanwhile. */
    private void sleep(long nanos) throws InterruptedException {
        long end = System.nanoTime() + nanos;
        for (long left = nanos; left > 0 && !ending; left = end - System.nanoTime()) {
            ledger.owed().await(left);
        }
    }

    /** Of the nodes that share a ledger, one hands a channel's outcomes over; who that is is asked once a second. */
    private boolean isMine() {
        long now = System.nanoTime();
        if (now - askedAt >= LOOK) {
            mine = ledger.owed().isMine(channel);
            askedAt = now;
        }
        return mine;
    }

    /** Hands over what is owed now, in its order; returns how many were taken. */
    private int handOver() {
        int taken = 0;
        failure = null;
        long after = 0;
        List<Outbox.Owed> page;
        do {
            page = ledger.owed().next(channel, after, MOST_AT_ONCE);
            taken += handOver(page);
            after = page.isEmpty() ? after : page.get(page.size() - 1).number();
            // replies are to many, who do not wait for each other: those behind one that fails are tried too
        } while (channel == Outbox.Channel.REPLY && failure != null && page.size() == MOST_AT_ONCE && !ending);
        say();
        return taken;
    }

    /** Marks at least each second, so that a kill repeats what a slow channel took in one second at most. */
    private int handOver(List<Outbox.Owed> page) {
        int taken = 0;
        List<Long> unmarked = new ArrayList<>();
        long markedAt = System.nanoTime();
        try {
            for (Outbox.Owed owed : page) {
                if (ending) {
                    break;
                }
                if (handOver(owed)) {
                    taken++;
                    unmarked.add(owed.number());
                } else if (channel != Outbox.Channel.REPLY) {
                    break;
                }
                if (System.nanoTime() - markedAt >= LOOK) {
                    mark(unmarked);
                    markedAt = System.nanoTime();
                }
            }
        } finally {
            mark(unmarked);
        }
        return taken;
    }

    private void mark(List<Long> handedOver) {
        if (!handedOver.isEmpty()) {
            ledger.owed().handedOver(List.copyOf(handedOver));
            handedOver.clear();
        }
    }

    private boolean handOver(Outbox.Owed owed) {
        Object body = owed.outcome();
        if (body == null) {
            Optional<List<RowOutcome>> outcomes = ledger.owed().outcomes(owed.batch());
            if (outcomes.isEmpty()) {
                return true;
            }
            body = outcomes.get();
        }
        Exchange exchange = createExchange(false);
        try {
            if (owed.outcome() == null) {
                exchange.setVariable(REPLY, owed.reply());
            }
            exchange.getMessage().setBody(body);
            getProcessor().process(exchange);
        } catch (Exception e) {
            exchange.setException(e);
        }
        Exception refused = exchange.getException();
        releaseExchange(exchange, false);
        failure = failure == null ? refused : failure;
        return refused == null;
    }

    private void say() {
        if (failure != null && !failing) {
            LOG.warnf(
                    "Outcomes cannot be handed over to the channel %s; they wait in the ledger and are tried again: %s",
                    getEndpoint().getEndpointUri(), failure.getMessage());
        } else if (failure == null && failing) {
            LOG.infof("Outcomes are handed over to %s again", getEndpoint().getEndpointUri());
        }
        failing = failure != null;
    }
}
