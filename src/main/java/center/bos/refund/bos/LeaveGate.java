package center.bos.refund.bos;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Makes room for the next call. */
@Singleton
@Named("leaveGate")
public class LeaveGate implements Processor {
    private final CallGate gate;

    LeaveGate(CallGate gate) {
        this.gate = gate;
    }

    @Override
    public void process(Exchange exchange) {
        gate.leave(Boolean.TRUE.equals(exchange.getVariable(ClaimRow.CLAIMED)));
    }
}
