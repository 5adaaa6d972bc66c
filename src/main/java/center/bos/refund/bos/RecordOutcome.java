package center.bos.refund.bos;

import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.ThreadLocalRandom;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

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
@ApplicationScoped
@Named("recordOutcome")
public class RecordOutcome implements Processor {
    private static final Logger LOG = Logger.getLogger(RecordOutcome.class);
    private static final Duration LONGEST_RETRY_AFTER = Duration.ofSeconds(60);
    private static final int LARGEST_SHIFT = 10;

    private final Ledger ledger;
    private final CallGate gate;
    private final TokenCache tokens;
    private final RefundConfig.Retry retry;
    private final boolean resendDoubts;

    RecordOutcome(Ledger ledger, CallGate gate, TokenCache tokens, RefundConfig config) {
        this.ledger = ledger;
        this.gate = gate;
        this.tokens = tokens;
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
                gate.answered();
                end(call, Outcome.SUCCESS, answer, exchange);
            }
            case ERROR -> {
                gate.answered();
                end(call, Outcome.ERROR, answer, exchange);
            }
            case IN_DOUBT -> inDoubt(call, answer, exchange);
            case RETRY -> retry(call, answer, exchange);
            case AUTH -> authenticate(call, answer, exchange);
            case UNREACHABLE -> {
                gate.failed(reason(answer));
                ledger.release(call.row(), call.attempts(), false);
            }
        }
    }

    private void inDoubt(RefundCall call, BosAnswer answer, Exchange exchange) {
        if (answer.kind() == BosAnswer.Kind.REPLY && answer.httpStatus() < 500) {
            gate.answered();
        } else {
            gate.failed(reason(answer));
        }
        if (resendDoubts && call.sends() < 2) {
            ledger.release(call.row(), call.attempts(), true);
        } else {
            end(call, Outcome.IN_DOUBT, answer, exchange);
        }
    }

    private void retry(RefundCall call, BosAnswer answer, Exchange exchange) {
        gate.answered();
        if (answer.retryAfter() != null) {
            gate.holdFor(capped(answer.retryAfter()));
        }
        if (call.retries() >= retry.max()) {
            end(call, Outcome.ERROR, answer, exchange);
            return;
        }
        call.retried();
        call.waitNanos(pause(call.retries(), answer.retryAfter()).toNanos());
        ledger.release(call.row(), call.attempts(), false);
    }

    /** One fresh token for all that were refused with the old one; refused again, the gate pauses. */
    private void authenticate(RefundCall call, BosAnswer answer, Exchange exchange) {
        if (call.tokenReplaced()) {
            gate.failed("BOS does not accept the token: " + reason(answer));
        }
        call.tokenReplaced(true);
        tokens.discard(exchange.getVariable("token", String.class));
        ledger.release(call.row(), call.attempts(), false);
    }

    /** Doubles with each retry, half of it at random so that rows do not come back together. */
    private Duration pause(int retries, Duration retryAfter) {
        long doubled = retry.delay().toMillis() << Math.min(retries - 1, LARGEST_SHIFT);
        Duration pause = Duration.ofMillis(doubled / 2 + ThreadLocalRandom.current().nextLong(doubled / 2 + 1));
        return retryAfter != null && capped(retryAfter).compareTo(pause) > 0 ? capped(retryAfter) : pause;
    }

    private static Duration capped(Duration retryAfter) {
        return retryAfter.compareTo(LONGEST_RETRY_AFTER) > 0 ? LONGEST_RETRY_AFTER : retryAfter;
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
        if (!ledger.settle(ended, outcome == Outcome.SUCCESS ? null : answer.raw())) {
            LOG.errorf("Batch %s line %d was taken from this node before its answer came; the answer does not count",
                    ended.batch(), ended.line());
        }
        call.end(ended, exchange);
    }
}
