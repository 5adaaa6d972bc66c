// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;

import center.bos.refund.model.Trouble;
import center.bos.refund.testkit.HeldClock;

class CircuitBreakerTest {
    private static final Duration SECOND = Duration.ofSeconds(1);

    private final HeldClock clock = new HeldClock();
    private final CircuitBreaker breaker = new CircuitBreaker(clock);
    private int inFlight;

    @Test
    void letsAnyNumberOfCallsBeginWhileNoneFails() {
        answered(begin());
        begin();

        assertThat(permits()).isEqualTo(CircuitBreaker.ANY);
        assertThat(breaker.isFailing()).isFalse();
    }

    @Test
    void opensWithTheThirdFailureInARow() {
        assertThat(failed(begin())).isFalse();
        assertThat(failed(begin())).isFalse();
        assertThat(breaker.outage()).isEmpty();
        Instant noticed = clock.instant();

        assertThat(failed(begin())).isTrue();

        assertThat(breaker.outage()).contains(new Trouble(noticed, "HTTP 500", false));
        assertThat(permits()).isZero();
    }

    @Test
    void anAnswerBetweenFailuresStartsTheCountAgain() {
        failed(begin());
        failed(begin());
        answered(begin());
        failed(begin());
        failed(begin());

        assertThat(breaker.outage()).isEmpty();
    }

    @Test
    void afterAFailureNoneBeginsBeforeAnotherOfThoseInFlightIsAnswered() {
        long first = begin();
        long second = begin();
        long third = begin();

        failed(first);
        assertThat(permits()).isZero();

        answered(second);
        assertThat(permits()).isEqualTo(CircuitBreaker.ANY);
        answered(third);
    }

    @Test
    void afterAFailureOneBeginsWhenAllInFlightHaveEnded() {
        long first = begin();
        long second = begin();
        failed(first);
        failed(second);

        assertThat(permits()).isEqualTo(1);
        begin();
        assertThat(permits()).isZero();
    }

    @Test
    void anAnswerToACallFromBeforeTheLastFailureTellsNothingOfNow() {
        long slow = begin();
        failed(begin());

        answered(slow);

        assertThat(breaker.isFailing()).isTrue();
        assertThat(permits()).isEqualTo(1); // all have ended
    }

    @Test
    void callsThatHangAreNotWaitedForLongerThanBetweenTwoProbes() {
        begin();
        failed(begin());

        clock.pass(Duration.ofNanos(CircuitBreaker.LONGEST_PAUSE - 1));
        assertThat(permits()).isZero();
        assertThat(breaker.nanosToWait(clock.nanos(), inFlight)).isEqualTo(1);
        clock.pass(Duration.ofNanos(1));
        assertThat(permits()).isEqualTo(1);
    }

    @Test
    void callsThatHangForLongerThanTheTriesAreApartAreAnOutageToo() {
        long one = begin();
        long two = begin();
        long three = begin();
        inFlight = 3;
        assertThat(failed(one)).isFalse();
        long firstTry = begin();
        assertThat(failed(two)).isFalse();
        long secondTry = begin();
        assertThat(failed(three)).isFalse(); // all of one moment: the tries tell more

        assertThat(failed(firstTry)).isTrue();

        assertThat(breaker.outage()).isPresent();
        assertThat(breaker.answered(secondTry)).isFalse(); // begun before it was noticed
    }

    @Test
    void probesOneAtATimeAndPausesTwiceAsLongAfterEachUpToEightSeconds() {
        open();
        for (int seconds : new int[]{1, 2, 4, 8, 8, 8}) {
            clock.pass(Duration.ofSeconds(seconds).minusNanos(1));
            assertThat(permits()).isZero();
            clock.pass(Duration.ofNanos(1));
            assertThat(permits()).isEqualTo(1);
            long probe = begin();
            assertThat(permits()).isZero();
            assertThat(failed(probe)).isFalse(); // the outage goes on; none begins
        }
        assertThat(breaker.outage()).isPresent();
    }

    @Test
    void thePauseCountsFromTheStartOfAProbeSoThatOneThatHangsDoesNotDelayTheNext() {
        open();
        clock.pass(SECOND);
        long hanging = begin();

        clock.pass(Duration.ofSeconds(7));
        assertThat(permits()).isZero();
        clock.pass(SECOND);
        assertThat(permits()).isEqualTo(1);

        failed(hanging);
        assertThat(permits()).isEqualTo(1);
    }

    @Test
    void tellsTheLatestReasonAndWhenTheOutageBegan() {
        Instant begun = clock.instant();
        open();
        clock.pass(SECOND);
        breaker.failed(begin(), "HTTP 403", clock.nanos(), inFlight--);

        assertThat(breaker.outage()).contains(new Trouble(begun, "HTTP 403", false));
    }

    @Test
    void tellsWhetherBosWasEverReached() {
        answered(begin());
        open();

        assertThat(breaker.outage()).get().extracting(Trouble::reachedBefore).isEqualTo(true);
    }

    @Test
    void callsThatWereLetThroughBeforeItOpenedAreNoProbes() {
        open();
        long late = begin();
        long later = begin();
        failed(late);
        failed(later);

        clock.pass(Duration.ofSeconds(1)); // not eight, as after three probes

        assertThat(permits()).isEqualTo(1);
    }

    @Test
    void oneAnsweredProbeEndsTheOutage() {
        open();
        clock.pass(SECOND);

        assertThat(answered(begin())).isTrue();

        assertThat(breaker.outage()).isEmpty();
        assertThat(permits()).isEqualTo(CircuitBreaker.ANY);
    }

    @Test
    void theNextOutageBeginsWithTheShortestPauseAgain() {
        open();
        clock.pass(SECOND);
        failed(begin());
        clock.pass(SECOND.multipliedBy(2));
        answered(begin());

        open();

        clock.pass(SECOND);
        assertThat(permits()).isEqualTo(1);
    }

    @Test
    void anAnswerFromBeforeTheOutageDoesNotEndIt() {
        long slow = begin();
        inFlight = 0; // it hangs, and is not what this is about
        open();

        assertThat(breaker.answered(slow)).isFalse();

        assertThat(breaker.outage()).isPresent();
        assertThat(permits()).isZero();
    }

    @Test
    void aFailureFromBeforeTheRecoveryDoesNotCount() {
        open();
        clock.pass(SECOND);
        long hanging = begin();
        clock.pass(Duration.ofSeconds(8));
        long probe = begin();
        answered(probe);
        assertThat(breaker.outage()).isEmpty();

        for (long late : new long[]{hanging, probe - 2, probe - 3}) {
            assertThat(breaker.failed(late, "late", clock.nanos(), 1)).isFalse();
        }

        assertThat(breaker.isFailing()).isFalse();
    }

    @Test
    void numbersCallsAndTellsTheLastThatBegunAndTheHighestThatWasAnswered() {
        assertThat(begin()).isEqualTo(1);
        long second = begin();
        long third = begin();
        answered(third);
        answered(second);

        assertThat(breaker.lastBegun()).isEqualTo(3);
        assertThat(breaker.lastAnswered()).isEqualTo(3);
    }

    private void open() {
        for (int call = 0; call < 3; call++) {
            failed(begin());
        }
        assertThat(breaker.outage()).isPresent();
    }

    private int permits() {
        return breaker.permits(clock.nanos(), inFlight);
    }

    private long begin() {
        inFlight++;
        return breaker.begins(clock.nanos());
    }

    private boolean answered(long call) {
        boolean counts = breaker.answered(call);
        inFlight--;
        return counts;
    }

    private boolean failed(long call) {
        boolean begins = breaker.failed(call, "HTTP 500", clock.nanos(), inFlight);
        inFlight--;
        return begins;
    }
}
