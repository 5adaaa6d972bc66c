package center.bos.refund.bos;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Waits until the row may be sent: not before its next try is due, within concurrency and rate, and not in an outage. */
@Singleton
@Named("enterGate")
public class EnterGate implements Processor {
    private static final String URGENT = "urgent";

    private final CallGate gate;

    EnterGate(CallGate gate) {
        this.gate = gate;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        RefundCall call = RefundCall.of(exchange);
        exchange.setVariable(ClaimRow.CLAIMED, false);
        call.begun(gate.enter(call.notBefore(), exchange.getProperty(URGENT, false, Boolean.class)));
    }
}
