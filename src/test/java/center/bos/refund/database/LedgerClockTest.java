// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.database;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import org.junit.jupiter.api.Test;

import center.bos.refund.testkit.HeldClock;

class LedgerClockTest {
    private final HeldClock held = new HeldClock();
    private final LedgerClock clock = new LedgerClock(held, held::nanos, Thread::sleep);

    @Test
    void isTheWallsTime() {
        held.pass(Duration.ofSeconds(1));
        assertThat(clock.millis()).isEqualTo(held.millis());

        held.setWall(Duration.ofHours(1));
        assertThat(clock.millis()).isEqualTo(held.millis());
    }

    @Test
    void goesOnAtItsPaceWhileTheWallsIsSetBack() {
        long before = clock.millis();
        held.setWall(Duration.ofHours(-1));
        assertThat(clock.millis()).isEqualTo(before);

        for (int step = 0; step < 1_000; step++) {
            held.pass(Duration.ofNanos(1_500_000));
            clock.millis();
        }

        assertThat(clock.millis()).isEqualTo(before + 1_500);
    }
}
