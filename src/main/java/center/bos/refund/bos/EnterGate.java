package center.bos.refund.bos;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

import center.bos.refund.queue.ChunkReader;

/**
 * Waits until the row may be sent: not before its next try is due, within concurrency and rate, and not in an outage. Who
 * waits for one answer comes first, then the rows of the chunk that was read first, so that chunks end one after the other; a row that was refused lets those go first who wait.
 */
@Singleton
@Named("enterGate")
public class EnterGate implements Processor {
    private static final String URGENT = "urgent";
    /** Before all chunks. */
    private static final long FIRST = 0;

    private final CallGate gate;

    EnterGate(CallGate gate) {
        this.gate = gate;
    }

    @Override
    public void process(Exchange exchange) throws Exception {
        RefundCall call = RefundCall.of(exchange);
        exchange.setVariable(ClaimRow.CLAIMED, false);
        boolean urgent = exchange.getProperty(URGENT, false, Boolean.class);
        long turn = urgent ? FIRST : exchange.getProperty(ChunkReader.TURN, FIRST, Long.class);
        if (call.refusedBefore()) { // the trouble may be its own, so another is the next to be tried
            turn = CallGate.BEHIND_ALL;
        }
        call.begun(gate.enter(call.notBefore(), turn));
    }
}
