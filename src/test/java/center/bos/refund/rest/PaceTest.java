// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.OptionalDouble;

import org.junit.jupiter.api.Test;

import center.bos.refund.model.Batch;
import center.bos.refund.model.Source;
import center.bos.refund.model.Stop;

/** The rate of a batch is that of the last minute in which calls could begin. */
class PaceTest {
    private static final Stop PAUSED = new Stop(Stop.Kind.PAUSED, Instant.EPOCH, "asha", "why", null);

    private long now;
    private final Pace pace = new Pace(null, null, null, () -> now);

    private static Batch batch(long called, Stop stop) {
        return new Batch(1, Source.FILE, "rows", "rows.csv", "", "one", Batch.State.OPEN, null, false, 10_000, 1,
                10_000, 0, called, 0, 0, 500, 0, Instant.EPOCH, null, stop, null);
    }

    private void sampleAfter(Duration time, long called) {
        now += time.toNanos();
        pace.sample(batch(called, null));
    }

    @Test
    void saysNothingInTheFirstSeconds() {
        assertThat(pace.rate(batch(0, null))).isEmpty();
        sampleAfter(Duration.ZERO, 0);
        sampleAfter(Duration.ofSeconds(4), 400);
        assertThat(pace.rate(batch(400, null))).isEmpty();

        sampleAfter(Duration.ofSeconds(1), 500);
        assertThat(pace.rate(batch(500, null))).isEqualTo(OptionalDouble.of(100));
    }

    @Test
    void forgetsWhatIsMoreThanAMinuteAgo() {
        for (int second = 0; second < 100; second++) {
            sampleAfter(Duration.ofSeconds(1), 10L * second);
        }
        for (int second = 0; second < 61; second++) {
            sampleAfter(Duration.ofSeconds(1), 990 + second);
        }
        assertThat(pace.rate(batch(1_050, null)).getAsDouble()).isEqualTo(1);
    }

    @Test
    void aPauseAndAResendBeginAnew() {
        sampleAfter(Duration.ZERO, 0);
        sampleAfter(Duration.ofSeconds(10), 100);
        pace.sample(batch(100, PAUSED));
        assertThat(pace.rate(batch(100, PAUSED))).isEmpty();
        assertThat(pace.rate(batch(100, null))).isEmpty();

        sampleAfter(Duration.ofHours(1), 100);
        sampleAfter(Duration.ofSeconds(10), 150);
        assertThat(pace.rate(batch(150, null))).isEqualTo(OptionalDouble.of(5));

        assertThat(pace.rate(batch(120, null))).as("rows were opened again").isEmpty();
        sampleAfter(Duration.ofSeconds(1), 120);
        sampleAfter(Duration.ofSeconds(5), 130);
        assertThat(pace.rate(batch(130, null))).isEqualTo(OptionalDouble.of(2));
    }
}
