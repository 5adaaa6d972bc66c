package center.bos.refund.bos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.testkit.Arrivals;
import center.bos.refund.testkit.Stalls;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;

class CallGateTest {

    @Test
    void holdsTheRateWithinTwoPercentThoughEveryOtherTurnIsGivenBack() throws Exception {
        CallGate gate = gate(Map.of("refund.rate", "100"));
        long end = System.nanoTime() + Duration.ofSeconds(10).toNanos();
        int calls = 0;
        int spoilt;
        try (Stalls stalls = Stalls.watch()) {
            for (boolean called = true; System.nanoTime() < end; called = !called) {
                gate.enter(System.nanoTime(), 1);
                gate.leave(called);
                calls += called ? 1 : 0;
            }
            spoilt = (int) stalls.lost().toMillis() / 10;
        }

        assertThat(calls).isBetween(980 - spoilt, 1_020);
    }

    @Test
    void makesUpForAStallWithoutABurst() throws Exception {
        CallGate gate = gate(Map.of("refund.rate", "100"));
        List<Instant> calls = new ArrayList<>();
        Duration spoilt;
        try (Stalls stalls = Stalls.watch()) {
            for (int call = 0; call < 400; call++) {
                if (call % 50 == 25) {
                    TimeUnit.MILLISECONDS.sleep(80); // the stall itself
                }
                gate.enter(System.nanoTime(), 1);
                calls.add(Instant.now());
                gate.leave(true);
            }
            spoilt = stalls.lost();
        }

        Arrivals arrivals = new Arrivals(calls);
        // eight stalls of 80 ms would have cost 64 calls
        assertThat(Duration.between(calls.get(0), calls.get(399))).isBetween(Duration.ofMillis(3_850),
                Duration.ofMillis(4_400).plus(spoilt));
        assertThat(arrivals.mostWithin(Duration.ofMillis(100))).isLessThanOrEqualTo(17);
    }

    @Test
    void aSlowRateHasNoBurst() throws Exception {
        CallGate gate = gate(Map.of("refund.rate", "2"));
        await().pollDelay(Duration.ofMillis(1_100)).until(() -> true);
        List<Instant> calls = new ArrayList<>();
        for (int call = 0; call < 3; call++) {
            gate.enter(System.nanoTime(), 1);
            calls.add(Instant.now());
            gate.leave(true);
        }

        assertThat(new Arrivals(calls).mostWithin(Duration.ofMillis(280))).isEqualTo(1);
    }

    @Test
    void letsOneCallThroughAtFirstAndFifteenMoreWithEachAnswer() throws Exception {
        CallGate gate = gate(Map.of("refund.concurrency", "40"));
        long last = 0;
        int inFlight = 0;
        for (int allowed : List.of(1, 16, 31, 40)) {
            for (; inFlight < allowed; inFlight++) {
                last = gate.enter(System.nanoTime(), 1);
            }
            CompletableFuture<Long> next = CompletableFuture.supplyAsync(() -> enter(gate));
            assertThat(next).failsWithin(Duration.ofMillis(100));
            gate.answered(last);
            if (allowed < 40) {
                last = next.get(10, TimeUnit.SECONDS);
                inFlight++;
            } else { // as many as refund.concurrency says
                assertThat(next).failsWithin(Duration.ofMillis(100));
            }
        }
    }

    @Test
    void theLowestTurnGoesFirstAndOfOneTurnWhoCameFirst() throws Exception {
        CallGate gate = gate(Map.of("refund.concurrency", "1"));
        gate.enter(System.nanoTime(), 1);
        List<String> order = new CopyOnWriteArrayList<>();
        waits(gate, 3, order, "third chunk");
        waits(gate, 2, order, "second chunk, first row");
        waits(gate, 2, order, "second chunk, second row");
        waits(gate, 0, order, "caller");

        for (int entered = 1; entered <= 4; entered++) {
            gate.leave(true);
            await().until(order::size, Integer.valueOf(entered)::equals);
        }

        assertThat(order).containsExactly("caller", "second chunk, first row", "second chunk, second row",
                "third chunk");
    }

    @Test
    void whoIsBehindAllLetsThoseGoFirstWhoWaitAndNoOthers() throws Exception {
        CallGate gate = gate(Map.of("refund.concurrency", "1"));
        gate.enter(System.nanoTime(), 1);
        List<String> order = new CopyOnWriteArrayList<>();
        waits(gate, 2, order, "second chunk");
        waits(gate, CallGate.BEHIND_ALL, order, "refused, of the first chunk");
        waits(gate, 3, order, "third chunk");

        for (int entered = 1; entered <= 3; entered++) {
            gate.leave(true);
            await().until(order::size, Integer.valueOf(entered)::equals);
        }

        assertThat(order).containsExactly("second chunk", "refused, of the first chunk", "third chunk");
    }

    @Test
    void whoIsInterruptedKeepsNobodyFromHisTurn() throws Exception {
        CallGate gate = gate(Map.of("refund.concurrency", "1"));
        gate.enter(System.nanoTime(), 1);
        List<String> order = new CopyOnWriteArrayList<>();
        Thread interrupted = waits(gate, 2, order, "interrupted");
        waits(gate, 3, order, "next");

        interrupted.interrupt();
        interrupted.join();
        gate.leave(true);

        await().untilAsserted(() -> assertThat(order).containsExactly("next"));
    }

    private static Thread waits(CallGate gate, long turn, List<String> order, String name) {
        Thread thread = new Thread(() -> {
            try {
                gate.enter(System.nanoTime(), turn);
                order.add(name);
            } catch (InterruptedException | GateClosed e) {
                Thread.currentThread().interrupt();
            }
        });
        thread.setDaemon(true);
        thread.start();
        await().until(thread::getState, state -> state == Thread.State.WAITING || state == Thread.State.TIMED_WAITING);
        return thread;
    }

    private static long enter(CallGate gate) {
        try {
            return gate.enter(System.nanoTime(), 1);
        } catch (InterruptedException | GateClosed e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void anAnswerFromBeforeTheOutageDoesNotEndIt() throws Exception {
        CallGate gate = gate(Map.of("refund.concurrency", "3"));
        long slow = gate.enter(System.nanoTime(), 1);
        gate.answered(slow);
        fail(gate, 1);
        gate.leave(true);
        fail(gate, 2);
        assertThat(gate.outage()).isPresent();

        gate.answered(slow);

        assertThat(gate.outage()).isPresent();
    }

    @Test
    void aFailureFromBeforeTheRecoveryDoesNotCount() throws Exception {
        CallGate gate = gate(Map.of("refund.concurrency", "3"));
        fail(gate, 3);
        long probe = gate.enter(System.nanoTime(), 1);
        gate.answered(probe);
        assertThat(gate.outage()).isEmpty();

        gate.failed(probe - 1, "late");
        gate.failed(probe - 2, "late");
        gate.failed(probe - 3, "late");

        assertThat(gate.outage()).isEmpty();
    }

    private static void fail(CallGate gate, int times) throws Exception {
        for (int i = 0; i < times; i++) {
            long call = gate.enter(System.nanoTime(), 1);
            gate.failed(call, "HTTP 500");
            gate.leave(true);
        }
    }

    private static CallGate gate(Map<String, String> settings) {
        return new CallGate(new SmallRyeConfigBuilder().addDefaultInterceptors().withMapping(RefundConfig.class)
                .withConverter(Duration.class, 200, new DurationConverter())
                .withSources(new PropertiesConfigSource(settings, "test", 500),
                        new PropertiesConfigSource(Map.of("refund.node", "test"), "node", 400))
                .build()
                .getConfigMapping(RefundConfig.class));
    }
}
