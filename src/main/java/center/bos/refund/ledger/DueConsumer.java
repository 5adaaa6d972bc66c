// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.util.concurrent.ExecutorService;
import java.util.concurrent.atomic.AtomicInteger;

import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ShutdownRunningTask;
import org.apache.camel.Suspendable;
import org.apache.camel.spi.ShutdownAware;
import org.apache.camel.support.DefaultConsumer;
import org.jboss.logging.Logger;

import center.bos.refund.model.BosAnswer;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.LogFields;

/**
 * {@code ledger:due}: an exchange for each row that was taken, on a thread of its own, with the row in the variable
 * {@value #ROW}. If a defect in a route leaves a row unsettled, the row ends IN_DOUBT; otherwise it would count as being sent
 * until the next start.
 */
final class DueConsumer extends DefaultConsumer implements ShutdownAware, Suspendable {
    /** The variable that holds the row. */
    static final String ROW = "row";
    /** The exchange property that is set once the row is settled. */
    static final String SETTLED = "settled";
    private static final Logger LOG = Logger.getLogger(DueConsumer.class);

    private final Ledger ledger;
    private final Verdicts verdicts;
    private final ExecutorService threads;
    private final AtomicInteger underWay = new AtomicInteger();

    DueConsumer(Endpoint endpoint, Processor processor, Ledger ledger, Verdicts verdicts, ExecutorService threads) {
        super(endpoint, processor);
        this.ledger = ledger;
        this.verdicts = verdicts;
        this.threads = threads;
    }

    @Override
    protected void doStart() throws Exception {
        super.doStart();
        ledger.callWith(this::begin);
    }

    @Override
    protected void doSuspend() throws Exception {
        ledger.callWith(null);
        super.doSuspend();
    }

    @Override
    protected void doResume() throws Exception {
        super.doResume();
        ledger.callWith(this::begin);
    }

    @Override
    protected void doStop() throws Exception {
        ledger.callWith(null);
        super.doStop();
    }

    private void begin(DueRow row) {
        underWay.incrementAndGet();
        threads.execute(() -> {
            try {
                call(row);
            } finally {
                underWay.decrementAndGet();
            }
        });
    }

    private void call(DueRow row) {
        Exchange exchange = createExchange(false);
        try {
            exchange.setVariable(ROW, row);
            getProcessor().process(exchange);
        } catch (Exception | LinkageError | StackOverflowError e) {
            exchange.setException(e);
        } finally {
            if (exchange.getProperty(SETTLED) == null) {
                BosAnswer answer = exchange.getVariable("answer", BosAnswer.class);
                LogFields.of(row, () -> LOG.errorf(exchange.getException(), "A route failed %s: batch %s line %d",
                        answer == null ? "after the row was taken" : "after the call", row.batch(), row.line()));
                verdicts.routeFailed(row, answer);
            }
            releaseExchange(exchange, false);
        }
    }

    /** The route is suspended, not stopped, while its exchanges end. */
    @Override
    public boolean deferShutdown(ShutdownRunningTask shutdownRunningTask) {
        return false;
    }

    @Override
    public int getPendingExchangesSize() {
        return underWay.get();
    }

    @Override
    public void prepareShutdown(boolean suspendOnly, boolean forced) {
        ledger.callWith(null);
    }
}
