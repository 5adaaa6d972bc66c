// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.throttle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import center.bos.refund.model.Stop;
import center.bos.refund.testkit.HeldClock;

/** {@code refund.hours}: by the clocks of its zone, whatever these do. */
class HoursTest {

    @ParameterizedTest
    @CsvSource({
            "09:00-20:00 Asia/Kolkata, 2026-11-27T03:29:59Z, false, 2026-11-27T03:30:00Z",
            "09:00-20:00 Asia/Kolkata, 2026-11-27T03:30:00Z, true,",
            "09:00-20:00 Asia/Kolkata, 2026-11-27T14:29:59Z, true,",
            "09:00-20:00 Asia/Kolkata, 2026-11-27T14:30:00Z, false, 2026-11-28T03:30:00Z",
            // over midnight
            "22:00-06:00 UTC, 2026-11-27T21:59:59Z, false, 2026-11-27T22:00:00Z",
            "22:00-06:00 UTC, 2026-11-27T23:30:00Z, true,",
            "22:00-06:00 UTC, 2026-11-28T05:59:59Z, true,",
            "22:00-06:00 UTC, 2026-11-28T06:00:00Z, false, 2026-11-28T22:00:00Z",
            "09:00-24:00 UTC, 2026-11-27T23:59:59Z, true,",
            "09:00-24:00 UTC, 2026-11-28T00:00:00Z, false, 2026-11-28T09:00:00Z",
            "00:00-24:00 UTC, 2026-11-28T00:00:00Z, true,",
            // summer begins in Berlin on 29 March 2026: 02:00 is followed by 03:00
            "09:00-20:00 Europe/Berlin, 2026-03-28T08:00:00Z, true,",
            "09:00-20:00 Europe/Berlin, 2026-03-28T19:00:00Z, false, 2026-03-29T07:00:00Z",
            "02:15-05:00 Europe/Berlin, 2026-03-29T00:59:59Z, false, 2026-03-29T01:00:00Z",
            "02:15-02:45 Europe/Berlin, 2026-03-29T00:59:59Z, false, 2026-03-30T00:15:00Z",
            // and ends on 25 October 2026: 03:00 is followed by 02:00
            "09:00-20:00 Europe/Berlin, 2026-10-24T18:00:00Z, false, 2026-10-25T08:00:00Z",
            "02:15-02:45 Europe/Berlin, 2026-10-25T00:15:00Z, true,",
            "02:15-02:45 Europe/Berlin, 2026-10-25T00:45:00Z, false, 2026-10-25T01:15:00Z",
            "22:00-02:30 Europe/Berlin, 2026-10-25T00:30:00Z, false, 2026-10-25T01:00:00Z",
            "22:00-02:30 Europe/Berlin, 2026-10-25T01:30:00Z, false, 2026-10-25T21:00:00Z"})
    void callsBeginWithinTheHours(String hours, Instant moment, boolean included, Instant next) {
        assertThat(Hours.of(hours).include(moment)).isEqualTo(included);
        if (!included) {
            assertThat(Hours.of(hours).next(moment)).isEqualTo(next);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "09:00-20:00", "9-20 UTC", "09:00-25:00 UTC", "09:00-09:00 UTC",
            "09:00-20:00 Nowhere/At_All",
            "24:00-09:00 UTC", "09:60-20:00 UTC"})
    void whatIsNoPairOfTimesWithAZoneIsRefused(String text) {
        assertThatThrownBy(() -> Hours.of(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void noCallBeginsOutsideTheHoursAndTheWaitEndsWithThem() {
        HeldClock clock = new HeldClock();
        Instant now = clock.instant();
        Hours hours = Hours.of("%1$tH:%1$tM-%2$tH:%2$tM UTC".formatted(
                now.plusSeconds(3_600).atZone(java.time.ZoneOffset.UTC),
                now.plusSeconds(7_200).atZone(java.time.ZoneOffset.UTC)));
        Throttle throttle = new Throttle(4, 0, clock::nanos, clock, hours);

        assertThat(throttle.permits()).isZero();
        Stop stop = throttle.standstill().orElseThrow();
        assertThat(stop.by()).isEqualTo("refund.hours");
        assertThat(throttle.nanosToNextPermit()).isEqualTo(Duration.between(now, stop.until()).toNanos());

        clock.pass(Duration.ofNanos(throttle.nanosToNextPermit()));
        assertThat(throttle.permits()).isOne();
        assertThat(throttle.standstill()).isEmpty();

        clock.pass(Duration.ofHours(1));
        assertThat(throttle.permits()).isZero();
    }
}
