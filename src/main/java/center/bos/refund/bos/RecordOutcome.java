package center.bos.refund.bos;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jboss.logging.Logger;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.Outcome;
import center.bos.refund.ledger.RowOutcome;

/**
 * Acts on the verdict of the route {@code outcome}: makes the row's outcome durable, or gives its claim back for another
 * try, and tells the gate how the call went.
 */
@Singleton
@Named("recordOutcome")
public class RecordOutcome implements Processor {
    private static final Logger LOG = Logger.getLogger(RecordOutcome.class);
    /** The gate paces the tries of an outage; this only keeps a row that is refused alone from coming back at once. */
    private static final Duration REFUSED_DELAY = Duration.ofMillis(500);
    private static final int LARGEST_SHIFT = 10;

    private final Ledger ledger;
    private final CallGate gate;
    private final TokenCache tokens;
    private final TokenTrust trust;
    private final RefundConfig.Retry retry;
    private final boolean resendDoubts;

    RecordOutcome(Ledger ledger, CallGate gate, TokenCache tokens, TokenTrust trust, RefundConfig config) {
        this.ledger = ledger;
        this.gate = gate;
        this.tokens = tokens;
        this.trust = trust;
        this.retry = config.retry();
        this.resendDoubts = config.inDoubt() == RefundConfig.InDoubt.RESEND;
    }

    @Override
    public void process(Exchange exchange) {
        RefundCall call = RefundCall.of(exchange);
        BosAnswer answer = exchange.getVariable("answer", BosAnswer.class);
        if (answer.kind() != BosAnswer.Kind.NO_TOKEN && answer.kind() != BosAnswer.Kind.NOT_SENT) {
            call.attempted();
        }
        switch (Verdict.valueOf(exchange.getVariable("verdict", String.class))) {
            case SUCCESS -> {
                answered(call, exchange);
                end(call, Outcome.SUCCESS, answer, exchange);
            }
            case ERROR -> {
                answered(call, exchange);
                end(call, Outcome.ERROR, answer, exchange);
            }
            case IN_DOUBT -> inDoubt(call, answer, exchange);
            case RETRY -> retry(call, answer, exchange);
            case AUTH -> authenticate(call, answer, exchange);
            case UNREACHABLE -> {
                gate.failed(call.number(), reason(answer));
                refused(call, answer, exchange);
            }
        }
    }

    private void answered(RefundCall call, Exchange exchange) {
        gate.answered(call.number());
        trust.accepted(exchange.getVariable("token", String.class));
    }

    private void inDoubt(RefundCall call, BosAnswer answer, Exchange exchange) {
        if (answer.kind() == BosAnswer.Kind.REPLY && answer.httpStatus() < 500) {
            answered(call, exchange);
        } else {
            gate.failed(call.number(), reason(answer));
        }
        if (resendDoubts && call.sends() < 2) {
            ledger.release(call.row(), call.attempts(), true);
        } else {
            end(call, Outcome.IN_DOUBT, answer, exchange);
        }
    }

    private void retry(RefundCall call, BosAnswer answer, Exchange exchange) {
        if (answer.retryAfter() == null) {
            gate.answered(call.number());
        } else {
            gate.holdFor(call.number(), capped(answer.retryAfter()));
        }
        if (call.retries() >= retry.max()) {
            end(call, exhausted(call), answer, exchange);
            return;
        }
        call.retried();
        call.waitNanos(pause(call.retries(), answer.retryAfter()).toNanos());
        ledger.release(call.row(), call.attempts(), false);
    }

    /** One fresh token for all that were refused with an old one; where a fresh one cannot help, the gate pauses. */
    private void authenticate(RefundCall call, BosAnswer answer, Exchange exchange) {
        String token = exchange.getVariable("token", String.class);
        tokens.discard(token); // first: a call that begins before that still takes it
        if (!trust.curable(token, call.number(), gate.lastBegun())) {
            gate.failed(call.number(), "BOS does not accept the token: " + reason(answer));
        }
        refused(call, answer, exchange);
    }

    /**
     * Nothing was done, and it is not for the row's sake; it comes again for as long as it takes. A row that is answered
     * so again and again while others get through is the exception: its repeats are counted.
     */
    private void refused(RefundCall call, BosAnswer answer, Exchange exchange) {
        if (answer.httpStatus() != null && call.refusedBefore() && gate.answeredAfter(call.lastRefused())) {
            if (call.retries() >= retry.max()) {
                end(call, exhausted(call), answer, exchange);
                return;
            }
            call.retried();
        }
        if (call.refusedBefore()) {
            call.waitNanos(REFUSED_DELAY.toNanos());
        }
        call.refused();
        ledger.release(call.row(), call.attempts(), false);
    }

    /** 'Not done' says nothing of a call before this one of which nobody knows whether BOS acted. */
    private static Outcome exhausted(RefundCall call) {
        return call.sends() < 2 ? Outcome.ERROR : Outcome.IN_DOUBT;
    }

    /** Doubles with each retry, half of it at random so that rows do not come back together. */
    private Duration pause(int retries, Duration retryAfter) {
        long doubled = Math.min(retry.delay().toMillis() << Math.min(retries - 1, LARGEST_SHIFT),
                Math.max(retry.longest().toMillis(), retry.delay().toMillis()));
        Duration pause = Duration.ofMillis(doubled / 2 + ThreadLocalRandom.current().nextLong(doubled / 2 + 1));
        return retryAfter != null && capped(retryAfter).compareTo(pause) > 0 ? capped(retryAfter) : pause;
    }

    private Duration capped(Duration retryAfter) {
        return retryAfter.compareTo(retry.longest()) > 0 ? retry.longest() : retryAfter;
    }

    private static String reason(BosAnswer answer) {
        return answer.httpStatus() == null
                ? answer.message()
                : "HTTP " + answer.httpStatus()
                        + (answer.code() == null ? ", not the expected JSON" : ", response code " + answer.code());
    }

    private void end(RefundCall call, Outcome outcome, BosAnswer answer, Exchange exchange) {
        RowOutcome ended = new RowOutcome(call.row().batch(), call.row().line(), call.row().referenceid(),
                call.row().ackno(), outcome, answer.code(), answer.httpStatus(), answer.message(), call.attempts(),
                Instant.now().truncatedTo(ChronoUnit.MILLIS));
        Supplier<Boolean> recorded = ledger.handIn(ended, outcome == Outcome.SUCCESS ? null : answer.raw());
        if (call.leaves()) { // the claim of the row whose turn it is goes into the same commit
            gate.leave(true);
        }
        if (recorded.get()) {
            call.end(ended, exchange);
        } else { // the ledger says how it ended when the row is asked for again
            LOG.errorf("Batch %s line %d was taken from this node before its answer came; %s does not count",
                    ended.batch(), ended.line(), outcome);
        }
    }
}
