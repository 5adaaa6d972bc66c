// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.Suspendable;
import org.apache.camel.spi.InflightRepository;
import org.apache.camel.support.DefaultConsumer;
import org.jboss.logging.Logger;

import center.bos.refund.database.LedgerUnavailable;

/**
 * {@code ledger:outcomes}: an exchange for each undelivered outcome of a channel, in their order, one at a time. A delivery that
 * fails is tried again, so each outcome is delivered at least once. The body is the outcome.
 */
class OutcomesConsumer extends DefaultConsumer implements Suspendable {
    private static final Logger LOG = Logger.getLogger(OutcomesConsumer.class);
    static final int MOST_AT_ONCE = 100;
    private static final long LOOK = TimeUnit.SECONDS.toNanos(1);
    static final long LONGEST_STOP = TimeUnit.SECONDS.toNanos(5);
    static final long FIRST_PAUSE = TimeUnit.SECONDS.toNanos(1);
    static final long LONGEST_PAUSE = TimeUnit.SECONDS.toNanos(15);

    final Ledger ledger;
    private final Outbox.Channel channel;
    private final Set<Exchange> delivering = ConcurrentHashMap.newKeySet();
    private Thread thread;
    volatile boolean ending;
    private boolean mine;
    private long askedAt = System.nanoTime() - LOOK;
    private boolean failing;

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
        if (!ending) {
            end();
        }
        super.doStop();
    }

    /** Ends after the delivery in progress, or leaves one that hangs to the next start; what was delivered is marked. */
    void end() throws InterruptedException {
        ending = true;
        long end = System.nanoTime() + LONGEST_STOP;
        while (thread.isAlive() && System.nanoTime() - end < 0) { // the thread may be about to wait, or in a delivery
            ledger.owed().wake();
            thread.join(TimeUnit.MILLISECONDS.toMillis(20));
        }
        thread.interrupt();
        InflightRepository inFlight = getEndpoint().getCamelContext().getInflightRepository();
        delivering.forEach(exchange -> inFlight.remove(exchange, getRoute().getRouteId())); // or the stop waits for it
    }

    private void run() {
        Backoff backoff = new Backoff(FIRST_PAUSE, LONGEST_PAUSE);
        try {
            while (!ending) {
                long seen = ledger.owed().wakes();
                int delivered = 0;
                try {
                    delivered = isMine() ? deliver() : 0;
                } catch (LedgerUnavailable e) {
                    LOG.debug("the outbox cannot be used now; tried again", e);
                } catch (RuntimeException e) { // such as a table that an administrator takes away for a while
                    say(e);
                }
                if (mustPause()) {
                    sleep(backoff.next());
                } else if (delivered < MOST_AT_ONCE) {
                    backoff.reset();
                    ledger.owed().await(LOOK, seen);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Pauses, even if more outcomes arrive meanwhile. */
    private void sleep(long nanos) throws InterruptedException {
        long end = System.nanoTime() + nanos;
        for (long left = nanos; left > 0 && !ending; left = end - System.nanoTime()) {
            ledger.owed().await(left, ledger.owed().wakes());
        }
    }

    /** Whether this node has the lease of the channel, which one node of a shared ledger has; checked once a second. */
    private boolean isMine() {
        long now = System.nanoTime();
        if (now - askedAt >= LOOK) {
            mine = ledger.owed().isMine(channel);
            askedAt = now;
        }
        return mine;
    }

    /** Whether the next try waits for a pause, because deliveries fail. */
    boolean mustPause() {
        return failing;
    }

    /** Delivers the undelivered outcomes; returns how many were delivered. */
    int deliver() {
        Delivered delivered = deliver(ledger.owed().next(channel, 0, MOST_AT_ONCE));
        say(delivered.failure());
        return delivered.taken();
    }

    /**
     * The result of several deliveries.
     *
     * @param taken how many were delivered
     * @param failure why the next one failed, or null
     */
    record Delivered(int taken, Exception failure) {
    }

    /**
     * Delivers in order until one fails. Delivered ones are marked at least once a second, so that a kill repeats at most one
     * second of a slow channel.
     */
    final Delivered deliver(List<Outbox.Owed> inOrder) {
        List<Long> unmarked = new ArrayList<>();
        long markedAt = System.nanoTime();
        int taken = 0;
        try {
            for (Outbox.Owed owed : inOrder) {
                if (ending) {
                    break;
                }
                Exception failure = deliver(owed);
                if (failure != null) {
                    return new Delivered(taken, failure);
                }
                taken++;
                unmarked.add(owed.number());
                if (System.nanoTime() - markedAt >= LOOK) {
                    mark(unmarked);
                    markedAt = System.nanoTime();
                }
            }
            return new Delivered(taken, null);
        } finally {
            mark(unmarked);
        }
    }

    private void mark(List<Long> delivered) {
        if (!delivered.isEmpty()) {
            ledger.owed().delivered(List.copyOf(delivered));
            delivered.clear();
        }
    }

    /** Delivers one; returns why it failed, or null. */
    private Exception deliver(Outbox.Owed owed) {
        Exchange exchange = createExchange(false);
        delivering.add(exchange);
        try {
            if (fill(exchange, owed)) {
                getProcessor().process(exchange);
            }
        } catch (LedgerUnavailable e) {
            throw e;
        } catch (Exception e) {
            exchange.setException(e);
        } finally {
            delivering.remove(exchange);
        }
        Exception failure = exchange.getException();
        releaseExchange(exchange, false);
        return failure;
    }

    /** Fills the exchange with the outcome or the reply; false if there is nothing to deliver any more. */
    boolean fill(Exchange exchange, Outbox.Owed owed) {
        exchange.getMessage().setBody(owed.outcome());
        return true;
    }

    /** Logs once when deliveries begin to fail, and once when they succeed again. */
    final void say(Exception failure) {
        if (failure != null && !failing) {
            LOG.warnf(
                    "Outcomes cannot be delivered to the channel %s; they wait in the ledger and are tried again: %s",
                    getEndpoint().getEndpointUri(), failure.getMessage());
        } else if (failure == null && failing) {
            LOG.infof("Outcomes are delivered to %s again", getEndpoint().getEndpointUri());
        }
        failing = failure != null;
    }
}
