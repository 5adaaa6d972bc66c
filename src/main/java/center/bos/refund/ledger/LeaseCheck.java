package center.bos.refund.ledger;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

import center.bos.refund.model.DueRow;
import center.bos.refund.model.NotSentException;

/** The step right before the request is written: a row that others may take for in doubt is not sent. */
@Singleton
@Named("leaseCheck")
public class LeaseCheck implements Processor {
    private final Ledger ledger;

    LeaseCheck(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Lets the exchange pass, or throws when this node's lease may be over. */
    @Override
    public void process(Exchange exchange) throws NotSentException {
        if (!ledger.holds(exchange.getVariable(DueConsumer.ROW, DueRow.class))) {
            throw new NotSentException("the ledger was out of reach for so long that this node's lease is over", null);
        }
    }
}
