package center.bos.refund.bos;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jboss.logging.Logger;

import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.LedgerUnavailable;
import center.bos.refund.ledger.Outcome;
import center.bos.refund.ledger.RowOutcome;

/**
 * Ends a claimed row IN_DOUBT whose call or outcome route failed, which only a defect in a route can bring about. Left
 * alone, its claim would keep the row, and its chunk, waiting until the next start.
 */
@Singleton
@Named("rowFailed")
public class RowFailed implements Processor {
    private static final Logger LOG = Logger.getLogger(RowFailed.class);

    private final Ledger ledger;

    RowFailed(Ledger ledger) {
        this.ledger = ledger;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        Exception cause = exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class);
        if (!Boolean.TRUE.equals(exchange.getVariable(ClaimRow.CLAIMED)) || cause instanceof LedgerUnavailable) {
            throw cause;
        }
        RefundCall call = RefundCall.of(exchange);
        LOG.errorf(cause, "Batch %s line %d is IN_DOUBT, because a route failed after its claim", call.row().batch(),
                call.row().line());
        RowOutcome ended = new RowOutcome(call.row().batch(), call.row().line(), call.row().referenceid(),
                call.row().ackno(), Outcome.IN_DOUBT, null, null,
                "a route failed after the claim; BOS may or may not have acted", call.attempts() + 1,
                Instant.now().truncatedTo(ChronoUnit.MILLIS));
        if (ledger.settle(ended, null)) {
            call.end(ended, exchange);
        }
    }
}
