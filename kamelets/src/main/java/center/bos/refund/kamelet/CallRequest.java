// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.kamelet;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

import center.bos.refund.model.DueRow;
import center.bos.refund.model.Pair;

/** Puts the body's pair into the variable {@code row} for the route {@code refund-otp}, and saves the caller's headers. */
public final class CallRequest implements Processor {
    /**
     * Reads the pair.
     *
     * @throws IllegalArgumentException if the body has no usable pair
     */
    @Override
    public void process(Exchange exchange) {
        CallOutcome.forget(exchange);
        KeptHeaders.keep(exchange);
        Pair pair = PairReader.read(exchange);
        exchange.setVariable("row", new DueRow(0, "", 1, pair.referenceid(), pair.ackno(), 0, 0, 0, 0, 0, 0));
    }
}
