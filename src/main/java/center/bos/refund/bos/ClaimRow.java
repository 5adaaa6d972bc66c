package center.bos.refund.bos;

import java.util.concurrent.TimeUnit;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

import center.bos.refund.ledger.Claim;
import center.bos.refund.ledger.Ledger;

/**
 * Claims the row in the ledger. The variable {@code claimed} is true when it is to be sent; otherwise the variable
 * {@code outcome} says how it ended and {@code repeated} whether that was known before, or neither is set and the row is asked for again.
 */
@Singleton
@Named("claimRow")
public class ClaimRow implements Processor {
    static final String CLAIMED = "claimed";
    private static final long BUSY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);

    private final Ledger ledger;

    ClaimRow(Ledger ledger) {
        this.ledger = ledger;
    }

    @Override
    public void process(Exchange exchange) {
        RefundCall call = RefundCall.of(exchange);
        exchange.setVariable(CLAIMED, false);
        Claim claim = ledger.claim(call.row());
        exchange.setVariable(CLAIMED, claim instanceof Claim.Granted);
        if (claim instanceof Claim.Granted granted) {
            call.granted(granted);
        } else if (claim instanceof Claim.Settled settled) {
            call.end(settled.outcome(), exchange);
            exchange.setVariable("repeated", settled.before());
        } else {
            call.waitNanos(BUSY_NANOS);
        }
    }
}
