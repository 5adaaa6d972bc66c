// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.metrics;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

import jakarta.enterprise.context.ApplicationScoped;

import org.jboss.logging.Logger;

import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.intake.Inbox;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.Workload;
import center.bos.refund.model.Stop;
import center.bos.refund.model.Trouble;
import center.bos.refund.throttle.Throttle;
import center.bos.refund.token.TokenCache;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.TimeGauge;

/** The gauges of a service. They are read at a scrape and cost the calls nothing. */
@ApplicationScoped
public class FlowMetrics {
    private static final Logger LOG = Logger.getLogger(FlowMetrics.class);
    /** The gauges of one scrape share one query of the ledger. */
    private static final Duration FRESH = Duration.ofSeconds(1);

    private final MeterRegistry registry;
    private final Ledger ledger;
    private final Throttle throttle;
    private final TokenCache tokens;
    private final Inbox inbox;
    private Workload workload;
    private long lookedAt;

    FlowMetrics(MeterRegistry registry, Ledger ledger, Throttle throttle, TokenCache tokens, Inbox inbox) {
        this.registry = registry;
        this.ledger = ledger;
        this.throttle = throttle;
        this.tokens = tokens;
        this.inbox = inbox;
    }

    /** Adds them to the registry. */
    public void register() {
        gauge("refund.calls.in.flight", "Calls that BOS has not answered yet", throttle::inFlight);
        gauge("refund.calls.limit", "Calls that may be in flight", throttle::limit);
        pause("bos", () -> throttle.outage().isPresent() && !isWithoutToken());
        pause("token", this::isWithoutToken);
        pause("retry_after", throttle::isAskedToPause);
        pause("ledger", () -> ledger.trouble().isPresent());
        pause("person", () -> isStopped(Stop.Kind.PAUSED));
        pause("hours", () -> isStopped(Stop.Kind.HOURS));
        age("refund.token.age", "Since the bearer token was issued", () -> tokens.issuedAt().orElse(null));
        gauge("refund.rows.pending", "Rows without an outcome, of all open batches that are not stopped",
                of(Workload::pending));
        gauge("refund.rows.stopped", "Rows that wait in batches that are held, paused or cancelled",
                of(Workload::waitingInStopped));
        gauge("refund.batches.open", "Batches with rows without an outcome", of(Workload::openBatches));
        gauge("refund.rows.in.doubt", "Rows in doubt, which wait for a person", of(Workload::inDoubt));
        age("refund.batches.oldest.age", "Age of the oldest open batch",
                () -> look().map(Workload::oldestOpen).orElse(null));
        age("refund.in.doubt.oldest.age", "Age of the oldest row in doubt",
                () -> look().map(Workload::oldestInDoubt).orElse(null));
        gauge("refund.outcomes.owed", "Outcomes and replies that their channel or sender has not got yet", this::owed);
        age("refund.inbox.oldest.age", "How long the oldest file of the inbox has not been taken", this::oldestFile);
    }

    private void gauge(String name, String description, Supplier<Number> value, String... tags) {
        Gauge.builder(name, value).description(description).tags(tags).strongReference(true).register(registry);
    }

    private void pause(String reason, BooleanSupplier holds) {
        gauge("refund.pause", "1 while no call begins for that reason", () -> holds.getAsBoolean() ? 1 : 0, "reason",
                reason);
    }

    /** Not so in an outage of BOS while a new token cannot be fetched and the old one is still valid. */
    private boolean isWithoutToken() {
        Optional<String> reason = throttle.outage().map(Trouble::reason);
        return reason.isPresent() && reason.equals(tokens.trouble());
    }

    private boolean isStopped(Stop.Kind kind) {
        return throttle.standstill().filter(stop -> stop.kind() == kind).isPresent();
    }

    private Supplier<Number> of(ToDoubleFunction<Workload> part) {
        return () -> look().map(part::applyAsDouble).orElse(Double.NaN);
    }

    /** 0 if there is nothing. */
    private void age(String name, String description, Supplier<Instant> since) {
        TimeGauge.builder(name, this, java.util.concurrent.TimeUnit.SECONDS, metrics -> {
            Instant begun = since.get();
            return begun == null ? 0 : Math.max(0, Duration.between(begun, Instant.now()).toMillis() / 1000.0);
        }).description(description).strongReference(true).register(registry);
    }

    private Number owed() {
        return read(ledger::owedOutcomes).map(Number.class::cast).orElse(Double.NaN);
    }

    private Instant oldestFile() {
        try {
            return inbox.oldest().orElse(null);
        } catch (IOException e) {
            LOG.debug("the inbox cannot be read", e);
            return null;
        }
    }

    private synchronized Optional<Workload> look() {
        long now = System.nanoTime();
        if (lookedAt == 0 || now - lookedAt > FRESH.toNanos()) {
            workload = read(ledger::workload).orElse(null);
            lookedAt = now;
        }
        return Optional.ofNullable(workload);
    }

    private static <T> Optional<T> read(Supplier<T> query) {
        try {
            return Optional.of(query.get());
        } catch (LedgerUnavailable e) {
            LOG.debug("the ledger cannot be read", e);
            return Optional.empty();
        }
    }
}
