// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;

import center.bos.refund.testkit.Arrivals;
import center.bos.refund.testkit.HeldClock;

class RateLimiterTest {
    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);

    private final HeldClock clock = new HeldClock();
    private final List<Instant> calls = new ArrayList<>();

    @Test
    void holdsTheRateWithinTwoPercentOverAnyTenSecondsHoweverLateTheTimersAre() {
        RateLimiter rate = new RateLimiter(100, clock.nanos());
        Random random = new Random(1);
        while (calls.size() < 5_000) {
            callAll(rate);
            clock.pass(Duration.ofNanos(Math.max(0, rate.nanosToWait(clock.nanos())) + random.nextInt(4_000_000)));
        }

        assertThat(arrivals().mostWithin(TEN_SECONDS)).isLessThanOrEqualTo(1_020);
        assertThat(arrivals().leastWithin(TEN_SECONDS)).isGreaterThanOrEqualTo(980);
    }

    @Test
    void makesUpForAStallWithoutABurst() {
        RateLimiter rate = new RateLimiter(100, clock.nanos());
        while (calls.size() < 400) {
            if (calls.size() % 50 == 25) {
                clock.pass(Duration.ofMillis(80));
            }
            callAll(rate);
            clock.pass(Duration.ofMillis(1));
        }

        // eight stalls of 80 ms would have cost 64 calls
        assertThat(Duration.between(calls.get(0), calls.get(399))).isBetween(Duration.ofMillis(3_850),
                Duration.ofMillis(4_100));
        assertThat(arrivals().mostWithin(Duration.ofMillis(100))).isLessThanOrEqualTo(17);
    }

    @Test
    void doesNotMakeUpForAnIdleMinute() {
        RateLimiter rate = new RateLimiter(100, clock.nanos());
        clock.pass(Duration.ofMinutes(1));
        Instant begun = clock.instant();
        while (Duration.between(begun, clock.instant()).compareTo(Duration.ofSeconds(1)) < 0) {
            callAll(rate);
            clock.pass(Duration.ofMillis(1));
        }

        assertThat(calls).hasSizeBetween(100, 111);
    }

    @Test
    void aSlowRateHasNoBurst() {
        RateLimiter rate = new RateLimiter(2, clock.nanos());
        clock.pass(Duration.ofMillis(1_100));
        while (calls.size() < 10) {
            callAll(rate);
            clock.pass(Duration.ofMillis(1));
        }

        assertThat(arrivals().mostWithin(Duration.ofMillis(280))).isEqualTo(1);
    }

    @Test
    void callsCloserTogetherThanTimersCanTellGoTogether() {
        RateLimiter rate = new RateLimiter(2_000, clock.nanos());
        while (calls.size() < 20_000) {
            callAll(rate);
            clock.pass(Duration.ofMillis(4)); // no timer is finer
        }

        assertThat(arrivals().leastWithin(Duration.ofSeconds(1))).isGreaterThanOrEqualTo(1_980);
        assertThat(arrivals().mostWithin(Duration.ofSeconds(1))).isLessThanOrEqualTo(2_040);
    }

    @Test
    void permitsAsManyAsAreAskedForWhereThereIsNoLimit() {
        RateLimiter rate = new RateLimiter(0, clock.nanos());
        for (int call = 0; call < 1_000; call++) {
            assertThat(rate.permits(clock.nanos(), 7)).isEqualTo(7);
            assertThat(rate.nanosToWait(clock.nanos())).isLessThanOrEqualTo(0);
            rate.take(clock.nanos());
        }
    }

    @Test
    void permitsWhenItSaidThatItWould() {
        RateLimiter rate = new RateLimiter(3, clock.nanos());
        for (int call = 0; call < 10; call++) {
            assertThat(rate.permits(clock.nanos(), 1)).isEqualTo(1);
            rate.take(clock.nanos());
            assertThat(rate.permits(clock.nanos(), 1)).isZero();
            clock.pass(Duration.ofNanos(rate.nanosToWait(clock.nanos()) - 1));
            assertThat(rate.permits(clock.nanos(), 1)).isZero();
            clock.pass(Duration.ofNanos(1));
        }
    }

    private void callAll(RateLimiter rate) {
        for (int left = rate.permits(clock.nanos(), Integer.MAX_VALUE); left > 0; left--) {
            rate.take(clock.nanos());
            calls.add(clock.instant());
        }
    }

    private Arrivals arrivals() {
        return new Arrivals(calls);
    }
}
