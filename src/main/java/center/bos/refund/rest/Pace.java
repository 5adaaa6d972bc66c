// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.inject.Named;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;

import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.Batch;
import center.bos.refund.throttle.Throttle;

/**
 * The rate of a batch over the last minute in which calls could begin, so that a pause, an outage or a resend does not distort it.
 * It counts rows that were called, not rejected rows and duplicates.
 */
@ApplicationScoped
@Named("pace")
public class Pace implements Processor {
    private static final long WINDOW = Duration.ofMinutes(1).toNanos();
    /** There is no rate in the first seconds. */
    private static final long LEAST = Duration.ofSeconds(5).toNanos();
    private static final int BATCHES = 1_000;

    private final Ledger ledger;
    private final Throttle throttle;
    private final Minutes minutes;
    private final LongSupplier nanoTime;
    private final Map<Long, Deque<Sample>> samples = new ConcurrentHashMap<>();

    private record Sample(long nanos, long called) {
    }

    @Inject
    Pace(Ledger ledger, Throttle throttle, Minutes minutes) {
        this(ledger, throttle, minutes, System::nanoTime);
    }

    Pace(Ledger ledger, Throttle throttle, Minutes minutes, LongSupplier nanoTime) {
        this.ledger = ledger;
        this.throttle = throttle;
        this.minutes = minutes;
        this.nanoTime = nanoTime;
    }

    /** Takes a sample of each open batch. */
    @Override
    public void process(Exchange exchange) {
        Instant now = Instant.now();
        List<Batch> open = ledger.trouble().isPresent()
                ? List.of()
                : ledger.lookups().batches(Optional.of(Batch.State.OPEN), BATCHES, 0);
        minutes.look(open, now);
        boolean calling = throttle.standstill().isEmpty() && throttle.outage().isEmpty()
                && !throttle.isAskedToPause();
        List<Batch> called = calling ? open : List.of();
        samples.keySet().retainAll(called.stream().map(Batch::number).collect(Collectors.toSet()));
        called.forEach(this::sample);
    }

    void sample(Batch batch) {
        if (batch.stop() != null) {
            samples.remove(batch.number());
            return;
        }
        long now = nanoTime.getAsLong();
        samples.compute(batch.number(), (number, before) -> {
            Deque<Sample> kept = before == null || before.peekLast().called() > called(batch)
                    ? new ArrayDeque<>() // rows were opened again
                    : new ArrayDeque<>(before);
            while (!kept.isEmpty() && now - kept.peekFirst().nanos() > WINDOW) {
                kept.removeFirst();
            }
            kept.addLast(new Sample(now, called(batch)));
            return kept;
        });
    }

    private static long called(Batch batch) {
        return batch.success() + batch.error() + batch.inDoubt();
    }

    /** Rows a second; empty if calls of the batch cannot begin, or could only for too short a time. */
    OptionalDouble rate(Batch batch) {
        Deque<Sample> kept = samples.get(batch.number());
        if (kept == null || batch.state() != Batch.State.OPEN || batch.stop() != null
                || kept.peekLast().called() > called(batch)) {
            return OptionalDouble.empty();
        }
        Sample first = kept.peekFirst();
        Sample last = kept.peekLast();
        return last.nanos() - first.nanos() < LEAST
                ? OptionalDouble.empty()
                : OptionalDouble.of((last.called() - first.called()) * 1e9 / (last.nanos() - first.nanos()));
    }
}
