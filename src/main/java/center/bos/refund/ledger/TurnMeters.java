// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import center.bos.refund.model.Outcome;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.Timer;

/** Metrics of the dispatcher's turns, recorded after each commit. */
final class TurnMeters {
    /** Bounds the label {@code code}: BOS has few codes, but a server can answer anything. */
    private static final int MOST_CODES = 100;
    private static final String OTHER = "other";
    /** Outcomes that a row may have when it is accepted. */
    private static final List<Outcome> ACCEPTED = List.of(Outcome.DUPLICATE, Outcome.REJECTED);

    private final Timer commits = Timer.builder("refund.ledger.commit")
            .description("The dispatcher's transactions").register(Metrics.globalRegistry);
    private final DistributionSummary rows = DistributionSummary.builder("refund.ledger.commit.rows")
            .description("Rows that a transaction settled or took").register(Metrics.globalRegistry);
    private final Map<Label, Counter> counters = new ConcurrentHashMap<>();

    private record Label(Outcome outcome, String code) {
    }

    /** Records a committed turn and how long its transaction took. */
    void committed(Turn turn, Duration time) {
        commits.record(time);
        rows.record(turn.settled().size() + (double) turn.taken().size());
        turn.settled().forEach(settled -> counter(settled.outcome().outcome(), settled.outcome().responseCode())
                .increment());
        ACCEPTED.forEach(outcome -> countUnlisted(turn, outcome));
    }

    /** Rows of a file that ended when they were accepted are counted for their batch, and listed only if a channel wants them. */
    private void countUnlisted(Turn turn, Outcome outcome) {
        long rows = turn.counts().values().stream().mapToLong(counts -> counts.of(outcome)).sum();
        if (rows > 0) {
            long listed = turn.settled().stream().filter(settled -> settled.outcome().outcome() == outcome).count();
            counter(outcome, null).increment((double) rows - listed);
        }
    }

    private Counter counter(Outcome outcome, String code) {
        Label label = new Label(outcome, code == null ? "none" : code);
        if (counters.size() >= MOST_CODES && !counters.containsKey(label)) {
            label = new Label(outcome, OTHER);
        }
        return counters.computeIfAbsent(label, TurnMeters::make);
    }

    private static Counter make(Label label) {
        return Counter.builder("refund.rows").description("Rows by outcome and response_code")
                .tag("outcome", label.outcome().name()).tag("code", label.code()).register(Metrics.globalRegistry);
    }
}
