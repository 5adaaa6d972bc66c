package center.bos.refund.bos;

import org.apache.camel.Exchange;

import center.bos.refund.ledger.Claim;
import center.bos.refund.ledger.RefundRow;
import center.bos.refund.ledger.RowOutcome;

/** Where one row stands on its way through the route {@code refund-row}. */
final class RefundCall {
    private static final String VARIABLE = "call";

    private final RefundRow row;
    private Claim.Granted claim;
    private int sends = 1;
    private int attempts;
    private int retries;
    private long number;
    private boolean inGate;
    private long lastRefused;
    private long notBefore = System.nanoTime();
    private RowOutcome outcome;

    private RefundCall(RefundRow row) {
        this.row = row;
    }

    /** The call of the row in the body, begun at first sight. */
    static RefundCall of(Exchange exchange) {
        RefundCall call = exchange.getVariable(VARIABLE, RefundCall.class);
        if (call == null) {
            call = new RefundCall(exchange.getMessage().getBody(RefundRow.class));
            exchange.setVariable(VARIABLE, call);
        }
        return call;
    }

    RefundRow row() {
        return row;
    }

    void granted(Claim.Granted granted) {
        claim = granted;
        sends = granted.sends();
        attempts = Math.max(attempts, granted.attempts());
    }

    /** The claim of the try under way. */
    Claim.Granted claim() {
        return claim;
    }

    int sends() {
        return sends;
    }

    int attempts() {
        return attempts;
    }

    void attempted() {
        attempts++;
    }

    int retries() {
        return retries;
    }

    void retried() {
        retries++;
    }

    /** The number that the gate gave to the try under way. */
    long number() {
        return number;
    }

    void begun(long callNumber) {
        number = callNumber;
        inGate = true;
    }

    /** Whether the row is still in the gate; from now on it is not. */
    boolean leaves() {
        boolean wasInGate = inGate;
        inGate = false;
        return wasInGate;
    }

    boolean refusedBefore() {
        return lastRefused > 0;
    }

    /** The number of the last try that was refused for a reason that is not the row's. */
    long lastRefused() {
        return lastRefused;
    }

    void refused() {
        lastRefused = number;
    }

    /** Earliest time of the next try, as {@link System#nanoTime()}. */
    long notBefore() {
        return notBefore;
    }

    void waitNanos(long nanos) {
        notBefore = System.nanoTime() + nanos;
    }

    RowOutcome outcome() {
        return outcome;
    }

    /** Ends the loop of the route. */
    void end(RowOutcome ended, Exchange exchange) {
        outcome = ended;
        exchange.setVariable("outcome", ended);
    }
}
