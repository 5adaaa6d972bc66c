// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import org.apache.camel.Endpoint;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.support.DefaultProducer;

/** Passes an exchange to the ledger. */
final class LedgerProducer extends DefaultProducer {
    private final Processor processor;

    LedgerProducer(Endpoint endpoint, Processor processor) {
        super(endpoint);
        this.processor = processor;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        processor.process(exchange);
    }
}
