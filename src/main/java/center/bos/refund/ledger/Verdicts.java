// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.LongUnaryOperator;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.jboss.logging.Logger;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.model.BosAnswer;
import center.bos.refund.model.ConsoleLink;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.LogFields;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.Verdict;
import center.bos.refund.throttle.Throttle;

/**
 * {@code ledger:settle}: acts on the verdict of the route {@code outcome}. The row gets its outcome or is due again, and the
 * throttle records how the call ended. Reads the variables {@code row}, {@code answer} and {@code verdict}.
 */
@Singleton
class Verdicts implements Processor {
    private static final Logger LOG = Logger.getLogger(Verdicts.class);
    /**
     * The pause of a row that is refused again. In an outage the throttle sets the pace; this is for a row that alone is refused.
     */
    private static final Duration REFUSED_DELAY = Duration.ofMillis(500);
    private static final int LARGEST_SHIFT = 10;
    private static final int TOO_MANY_REQUESTS = 429;
    private static final int SERVER_ERROR = 500;

    private final Ledger ledger;
    private final Throttle throttle;
    private final RefundConfig.Retry retry;
    private final boolean resendDoubts;
    private final LongUnaryOperator random;
    /** By row, the number of its last call that was refused for a reason outside the row. */
    private final Map<Place, Long> refusedCalls = new ConcurrentHashMap<>();

    @Inject
    Verdicts(Ledger ledger, Throttle throttle, RefundConfig config) {
        this(ledger, throttle, config, bound -> ThreadLocalRandom.current().nextLong(bound));
    }

    /**
     * The same with the given random numbers.
     *
     * @param random maps a bound to a number from 0 to below the bound
     */
    Verdicts(Ledger ledger, Throttle throttle, RefundConfig config, LongUnaryOperator random) {
        this.ledger = ledger;
        this.throttle = throttle;
        this.retry = config.retry();
        this.resendDoubts = config.inDoubt() == RefundConfig.InDoubt.RESEND;
        this.random = random;
    }

    private record Place(long batch, long line) {
        static Place of(DueRow row) {
            return new Place(row.number(), row.line());
        }
    }

    @Override
    public void process(Exchange exchange) {
        DueRow row = exchange.getVariable(DueConsumer.ROW, DueRow.class);
        BosAnswer answer = exchange.getVariable("answer", BosAnswer.class);
        Verdict verdict = Verdict.valueOf(exchange.getVariable("verdict", String.class));
        settle(row, answer, verdict);
        exchange.setProperty(DueConsumer.SETTLED, true);
    }

    void settle(DueRow row, BosAnswer answer, Verdict verdict) {
        ledger.settle(row, settlement(row, answer, verdict));
    }

    /**
     * Settles a row whose route failed before it settled the row. What BOS answered is kept; where no answer was read, a route may have
     * sent the request or not. It counts as a failure of BOS, so that a route which always fails puts few rows in doubt.
     *
     * @param answer what was read, or null
     */
    void routeFailed(DueRow row, BosAnswer answer) {
        if (answer != null && (answer.kind() == BosAnswer.Kind.NO_TOKEN || answer.kind() == BosAnswer.Kind.NOT_SENT)) {
            settle(row, answer, Verdict.UNREACHABLE);
            return;
        }
        throttle.failed(row.call(), "a route failed: see the log");
        ledger.settle(row, ended(row, Outcome.IN_DOUBT, answer == null
                ? BosAnswer.none(BosAnswer.Kind.LOST,
                        "a route failed after the row was taken; BOS may or may not have acted")
                : new BosAnswer(answer.kind(), answer.httpStatus(), answer.status(), answer.code(),
                        "a route failed after the call: " + answer.message(), null, answer.raw())));
    }

    private Settlement settlement(DueRow row, BosAnswer answer, Verdict verdict) {
        return switch (verdict) {
            case SUCCESS, ERROR -> {
                throttle.answered(row.call());
                yield ended(row, Outcome.valueOf(verdict.name()), answer);
            }
            case IN_DOUBT -> inDoubt(row, answer);
            case RETRY -> retry(row, answer);
            case AUTH -> refused(row, answer);
            case REPLACED -> new Settlement.DueAgain(Duration.ZERO, attempts(row, answer), row.retries(), false, false);
            case UNREACHABLE -> {
                if (answer.kind() == BosAnswer.Kind.NOT_SENT && ledger.isStopped(row)) { // a stop says nothing about BOS
                    yield new Settlement.DueAgain(Duration.ZERO, row.attempts(), row.retries(), false, false);
                }
                throttle.failed(row.call(), answer.reason());
                yield refused(row, answer);
            }
        };
    }

    private Settlement inDoubt(DueRow row, BosAnswer answer) {
        if (answer.kind() == BosAnswer.Kind.REPLY && answer.httpStatus() < SERVER_ERROR) {
            throttle.answered(row.call());
        } else {
            throttle.failed(row.call(), answer.reason());
        }
        Settlement doubt = Settlement.doubt(row, resendDoubts, ended(row, Outcome.IN_DOUBT, answer));
        LogFields.of(row, () -> LOG.warnf(
                doubt instanceof Settlement.Ended
                        ? "IN_DOUBT, %s: batch %s line %d; console: " + ConsoleLink.IN_DOUBT
                        : "In doubt, %s; it is sent once more: batch %s line %d",
                answer.reason(), row.batch(), row.line()));
        return doubt;
    }

    private Settlement retry(DueRow row, BosAnswer answer) {
        Duration asked = askedPause(answer);
        if (asked == null) {
            throttle.answered(row.call());
        } else {
            throttle.pause(row.call(), asked);
        }
        if (row.retries() >= retry.max()) {
            return ended(row, exhausted(row), answer);
        }
        // after a pause other rows go first, or the pauses of an hour would use up the repeats of one row
        return new Settlement.DueAgain(pause(row.retries() + 1, asked), attempts(row, answer), row.retries() + 1, false,
                asked != null);
    }

    /** How long BOS asked everybody to wait, up to the longest pause; null if it did not. A 429 asks also without a time. */
    private Duration askedPause(BosAnswer answer) {
        Duration asked = answer.retryAfter();
        if (asked == null) {
            return Integer.valueOf(TOO_MANY_REQUESTS).equals(answer.httpStatus()) ? retry.delay() : null;
        }
        return asked.compareTo(retry.longest()) > 0 ? retry.longest() : asked;
    }

    /**
     * The call was not done for a reason outside the row, so the row is due again, without a limit. The exception is a row that
     * is refused repeatedly while others get answers: its repeats are counted.
     */
    private Settlement refused(DueRow row, BosAnswer answer) {
        Long before = refusedCalls.get(Place.of(row));
        int retries = row.retries();
        if (answer.httpStatus() != null && before != null && throttle.answeredAfter(before)) {
            if (retries >= retry.max()) {
                return ended(row, exhausted(row), answer);
            }
            retries++;
        }
        refusedCalls.put(Place.of(row), row.call());
        // others go first: the cause may be this row, so another one is tried next
        return new Settlement.DueAgain(before == null ? Duration.ZERO : REFUSED_DELAY, attempts(row, answer), retries,
                false, true);
    }

    /** ERROR, or IN_DOUBT if an earlier call was in doubt: 'not done' says nothing about that call. */
    private static Outcome exhausted(DueRow row) {
        return row.doubts() == 0 ? Outcome.ERROR : Outcome.IN_DOUBT;
    }

    private Settlement.Ended ended(DueRow row, Outcome outcome, BosAnswer answer) {
        refusedCalls.remove(Place.of(row));
        return new Settlement.Ended(outcome, answer.code(), answer.httpStatus(), answer.message(),
                attempts(row, answer), outcome == Outcome.SUCCESS ? null : answer.raw());
    }

    private static int attempts(DueRow row, BosAnswer answer) {
        boolean sent = answer.kind() != BosAnswer.Kind.NO_TOKEN && answer.kind() != BosAnswer.Kind.NOT_SENT;
        return row.attempts() + (sent ? 1 : 0);
    }

    /** Exponential backoff: doubles with each retry; half of it is random (jitter), so that rows do not return together. */
    private Duration pause(int retries, Duration asked) {
        long doubled = Math.min(retry.delay().toMillis() << Math.min(retries - 1, LARGEST_SHIFT),
                longestPause(retry).toMillis());
        Duration pause = Duration.ofMillis(doubled / 2 + random.applyAsLong(doubled / 2 + 1));
        return asked != null && asked.compareTo(pause) > 0 ? asked : pause;
    }

    /** The longest that a row that was called waits for its next call. */
    static Duration longestPause(RefundConfig.Retry retry) {
        return retry.longest().compareTo(retry.delay()) > 0 ? retry.longest() : retry.delay();
    }
}
