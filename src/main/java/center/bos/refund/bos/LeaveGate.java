package center.bos.refund.bos;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

/** Makes room for the next call, unless the row has done so when it handed in its outcome. */
@Singleton
@Named("leaveGate")
public class LeaveGate implements Processor {
    private final CallGate gate;

    LeaveGate(CallGate gate) {
        this.gate = gate;
    }

    @Override
    public void process(Exchange exchange) {
        if (RefundCall.of(exchange).leaves()) {
            gate.leave(Boolean.TRUE.equals(exchange.getVariable(ClaimRow.CLAIMED)));
        }
    }
}
