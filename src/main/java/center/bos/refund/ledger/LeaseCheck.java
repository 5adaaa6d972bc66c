// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

import center.bos.refund.model.DueRow;
import center.bos.refund.model.NotSentException;

/** The step right before the request is written: a row whose lease may be over, or whose batch was stopped, is not sent. */
@Singleton
@Named("leaseCheck")
public class LeaseCheck implements Processor {
    private final Ledger ledger;

    LeaseCheck(Ledger ledger) {
        this.ledger = ledger;
    }

    /** Lets the exchange pass, or throws when this node's lease may be over, or the row was stopped since it was taken. */
    @Override
    public void process(Exchange exchange) throws NotSentException {
        DueRow row = exchange.getVariable(DueConsumer.ROW, DueRow.class);
        if (ledger.isStopped(row)) {
            throw new NotSentException("its batch, or this node, was stopped", null);
        }
        if (!ledger.holds(row)) {
            throw new NotSentException("the ledger could not be written for so long that this node's lease may be over",
                    null);
        }
    }
}
