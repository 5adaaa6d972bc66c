// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;

import center.bos.refund.model.Stop;
import center.bos.refund.model.Trouble;
import center.bos.refund.testkit.HeldClock;

class ThrottleTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final HeldClock clock = new HeldClock();
    private Throttle throttle = throttle(40, 0);

    @Test
    void allowsOneCallAtFirstAndFifteenMoreWithEachAnswer() {
        long last = 0;
        int inFlight = 0;
        for (int allowed : List.of(1, 16, 31, 40)) {
            assertThat(throttle.permits()).isEqualTo(allowed - inFlight);
            for (; inFlight < allowed; inFlight++) {
                last = throttle.begin();
            }
            assertThat(throttle.permits()).isZero();
            assertThat(throttle.nanosToNextPermit()).isEqualTo(Long.MAX_VALUE);
            throttle.answered(last);
        }
        assertThat(throttle.permits()).isZero(); // as many as refund.concurrency says
        assertThat(throttle.inFlight()).isEqualTo(40);
    }

    @Test
    void aCallThatIsOverMakesRoomForAnother() {
        throttle.begin();
        assertThat(throttle.permits()).isZero();

        throttle.end();

        assertThat(throttle.permits()).isEqualTo(1);
        assertThat(throttle.nanosToNextPermit()).isZero();
    }

    @Test
    void allowsWhicheverIsLeast() {
        throttle = throttle(40, 10);
        call();
        clock.pass(SECOND);

        assertThat(throttle.permits()).isEqualTo(1); // of 16 by the limit of calls in flight
        throttle.begin();
        assertThat(throttle.permits()).isZero();
        assertThat(throttle.nanosToNextPermit()).isPositive().isLessThanOrEqualTo(SECOND.toNanos() / 10);
    }

    @Test
    void permitsWhenItSaidThatItWould() {
        throttle = throttle(40, 10);
        for (int call = 0; call < 20; call++) {
            clock.pass(Duration.ofNanos(throttle.nanosToNextPermit()));
            assertThat(throttle.permits()).isPositive();
            call();
        }
    }

    @Test
    void anOutageLeavesOneProbeAtATimeAndTheFirstCallsAfterItAreFew() {
        call();
        call();
        call();
        outage();
        assertThat(throttle.permits()).isZero();
        assertThat(throttle.nanosToNextPermit()).isEqualTo(SECOND.toNanos());

        clock.pass(SECOND);
        assertThat(throttle.permits()).isEqualTo(1);
        long probe = throttle.begin();
        assertThat(throttle.permits()).isZero();
        throttle.answered(probe);
        throttle.end();

        assertThat(throttle.outage()).isEmpty();
        assertThat(throttle.permits()).isEqualTo(16);
    }

    @Test
    void anOutageWithManyCallsInFlightBeginsWhenTheyHaveFailed() {
        call();
        List<Long> calls = new ArrayList<>();
        while (throttle.permits() > 0) {
            calls.add(throttle.begin());
        }
        assertThat(calls).hasSize(16);

        for (long call : calls) {
            assertThat(throttle.permits()).isZero();
            throttle.failed(call, "HTTP 500");
            throttle.end();
        }

        assertThat(throttle.outage()).isPresent();
        assertThat(throttle.permits()).isZero();
    }

    @Test
    void callsThatHangKeepNoProbeFromBeginning() {
        call();
        for (int call = 0; call < 16; call++) {
            throttle.begin();
        }
        assertThat(throttle.permits()).isZero();
        throttle.failed(throttle.lastBegun(), "no answer");
        throttle.end();

        clock.pass(Duration.ofSeconds(8));

        assertThat(throttle.permits()).isEqualTo(1);
    }

    @Test
    void anAnswerFromBeforeTheOutageNeitherEndsItNorAllowsMore() {
        call();
        long slow = throttle.begin();
        for (int call = 0; call < 3; call++) {
            throttle.failed(throttle.begin(), "HTTP 500");
            throttle.end();
        }
        assertThat(throttle.outage()).isPresent();

        throttle.answered(slow);
        throttle.end();

        assertThat(throttle.outage()).isPresent();
        assertThat(throttle.permits()).isZero();
    }

    @Test
    void aPauseThatBosAskedForHoldsEverybodyAndHalvesTheCallsAtOnce() {
        call();
        call();
        assertThat(throttle.permits()).isEqualTo(31);

        throttle.pause(throttle.begin(), SECOND.multipliedBy(30));
        throttle.end();

        assertThat(throttle.permits()).isZero();
        assertThat(throttle.nanosToNextPermit()).isEqualTo(SECOND.multipliedBy(30).toNanos());
        clock.pass(SECOND.multipliedBy(30).minusNanos(1));
        assertThat(throttle.permits()).isZero();
        clock.pass(Duration.ofNanos(1));
        assertThat(throttle.permits()).isEqualTo(15);
    }

    @Test
    void callsOfOneMomentThatAreAllAskedToPauseHalveOnlyOnceAndTheLongestPauseCounts() {
        call();
        call();
        List<Long> calls = new ArrayList<>();
        for (int call = 0; call < 10; call++) {
            calls.add(throttle.begin());
        }
        for (long call : calls) {
            throttle.pause(call, Duration.ofSeconds(11 - call + calls.get(0)));
            throttle.end();
        }

        clock.pass(Duration.ofSeconds(10));
        assertThat(throttle.permits()).isZero();
        clock.pass(SECOND);
        assertThat(throttle.permits()).isEqualTo(15);
    }

    @Test
    void slotsOfTheRateThatAPauseSkipsAreNotMadeUpFor() {
        throttle = throttle(1_000, 100);
        long first = throttle.begin();
        throttle.pause(first, Duration.ofSeconds(30));
        throttle.end();
        clock.pass(Duration.ofSeconds(30));

        int calls = 0;
        for (int millis = 0; millis < 1_000; millis++) {
            for (int permits = throttle.permits(); permits > 0; permits--) {
                throttle.answered(throttle.begin());
                throttle.end();
                calls++;
            }
            clock.pass(Duration.ofMillis(1));
        }

        assertThat(calls).isBetween(99, 102);
    }

    @Test
    void aPauseIsAnAnswerAndEndsAnOutage() {
        outage();
        clock.pass(SECOND);

        throttle.pause(throttle.begin(), SECOND);
        throttle.end();

        assertThat(throttle.outage()).isEmpty();
        clock.pass(SECOND);
        assertThat(throttle.permits()).isEqualTo(1);
    }

    @Test
    void tellsWhetherAnotherCallWasAnsweredSince() {
        long refused = throttle.begin();
        assertThat(throttle.answeredAfter(refused)).isFalse();
        throttle.end();
        call();

        assertThat(throttle.answeredAfter(refused)).isTrue();
        assertThat(throttle.answeredAfter(throttle.lastBegun())).isFalse();
    }

    @Test
    void saysSoWhenMoreMayBegin() {
        AtomicInteger told = new AtomicInteger();
        throttle.onChange(told::incrementAndGet);

        call();
        assertThat(told).hasValue(1);
        call();
        call();
        assertThat(told).hasValue(3);
        call(); // 40 are the most
        assertThat(told).hasValue(3);
    }

    @Test
    void saysSoWhenAFailureIsOver() {
        List.of(1, 2, 3).forEach(growing -> call());
        throttle.failed(throttle.begin(), "HTTP 500");
        throttle.end();
        AtomicInteger told = new AtomicInteger();
        throttle.onChange(told::incrementAndGet);

        call();

        assertThat(told).hasValue(1);
    }

    @Test
    void allowsNoneOnceItIsClosed() {
        throttle.close();

        assertThat(throttle.permits()).isZero();
        assertThat(throttle.nanosToNextPermit()).isEqualTo(Long.MAX_VALUE);
    }

    /** One call that BOS answers. */
    private void call() {
        throttle.answered(throttle.begin());
        throttle.end();
    }

    private void outage() {
        for (int call = 0; call < 3; call++) {
            throttle.failed(throttle.begin(), "HTTP 500");
            throttle.end();
        }
        assertThat(throttle.outage()).isPresent();
    }

    private Throttle throttle(int concurrency, double rate) {
        return new Throttle(concurrency, rate, clock::nanos, clock, null);
    }

    @Test
    void aStopIsSaidToTheSecond() {
        Instant at = Instant.parse("2026-01-31T10:15:30.123456789Z");

        assertThat(new Stop(Stop.Kind.RETRY_AFTER, at, "BOS", "BOS asked for a pause", at.plusSeconds(9)).text())
                .isEqualTo(
                        "retry-after since 2026-01-31T10:15:30Z by BOS: BOS asked for a pause, until 2026-01-31T10:15:39Z");
        assertThat(new Stop(Stop.Kind.OUTAGE, at, "BOS", "token endpoint: cannot connect", null).text())
                .isEqualTo("outage since 2026-01-31T10:15:30Z: token endpoint: cannot connect");
        assertThat(new Trouble(at, "HTTP 500", true).since()).hasToString("2026-01-31T10:15:30Z");
    }
}
