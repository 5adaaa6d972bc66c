// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Applies stops to the rows of their batches, by {@link StoppedRows}. */
@Singleton
@Named("stopSweep")
class StopSweep implements Processor {
    private final Ledger ledger;

    StopSweep(Ledger ledger) {
        this.ledger = ledger;
    }

    @Override
    public void process(Exchange exchange) {
        if (ledger.trouble().isEmpty()) {
            ledger.stoppedRows().sweep(exchange.getContext()::isStopping);
        }
    }
}
