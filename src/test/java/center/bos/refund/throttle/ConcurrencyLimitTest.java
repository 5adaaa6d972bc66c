// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.throttle;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;

import org.junit.jupiter.api.Test;

class ConcurrencyLimitTest {

    private final ConcurrencyLimit limit = new ConcurrencyLimit(40);

    @Test
    void beginsWithOneAndAllowsFifteenMoreWithEachAnswerUpToTheMost() {
        for (int allowed : List.of(1, 16, 31, 40)) {
            assertThat(limit.limit()).isEqualTo(allowed);
            assertThat(limit.grow()).isEqualTo(allowed < 40);
        }
        assertThat(limit.limit()).isEqualTo(40);
    }

    @Test
    void isOneAgainAfterAnOutageBegan() {
        limit.grow();
        limit.reset();
        assertThat(limit.limit()).isEqualTo(1);
    }

    @Test
    void isNeverHalvedToNothing() {
        limit.grow();
        limit.halve();
        assertThat(limit.limit()).isEqualTo(8);
        for (int time = 0; time < 9; time++) {
            limit.halve();
        }
        assertThat(limit.limit()).isEqualTo(1);
    }

    @Test
    void growsByOneEachRoundTripFromWhereItWasHalved() {
        limit.grow();
        limit.halve();
        for (int allowed = 8; allowed < 11; allowed++) {
            assertThat(limit.limit()).isEqualTo(allowed);
            for (int answer = 1; answer < allowed; answer++) {
                assertThat(limit.grow()).isFalse();
            }
            assertThat(limit.grow()).isTrue();
        }
        limit.reset();
        assertThat(limit.grow()).isTrue();
        assertThat(limit.limit()).isEqualTo(8);
    }

    @Test
    void countsWhatIsInFlight() {
        limit.begin();
        limit.begin();
        limit.end();
        assertThat(limit.inFlight()).isEqualTo(1);
        limit.reset();
        assertThat(limit.inFlight()).isEqualTo(1);
    }
}
