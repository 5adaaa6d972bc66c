// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;

import org.junit.jupiter.api.Test;

import center.bos.refund.model.Batch;
import center.bos.refund.model.Source;
import center.bos.refund.rest.Minutes.Minute;

/** A person sees in which minutes rows of a batch ended, and in which none did. */
class MinutesTest {
    private static final Instant BEGAN = Instant.parse("2100-01-31T10:15:00Z");

    private final Minutes minutes = new Minutes();

    private static Batch batch(long success, long inDoubt, Instant finishedAt) {
        return batch(1, BEGAN, success, inDoubt, finishedAt);
    }

    private static Batch batch(long number, Instant startedAt, long success, long inDoubt, Instant finishedAt) {
        return new Batch(number, Source.FILE, "rows", "rows.csv", "", "one",
                finishedAt == null ? Batch.State.OPEN : Batch.State.COMPLETE, null, false, 10_000, 1, 10_000, 0,
                success, 0, inDoubt, 0, 0, startedAt, finishedAt, null, null);
    }

    private void look(int second, long success, long inDoubt) {
        minutes.look(List.of(batch(success, inDoubt, null)), BEGAN.plusSeconds(second));
    }

    @Test
    void eachMinuteHasItsRowsAndOneWithoutRowsIsThere() {
        look(2, 20, 0);
        look(58, 500, 1);
        look(62, 540, 1);
        look(64, 550, 1);
        look(182, 550, 3);
        List<Minute> found = minutes.of(batch(600, 3, BEGAN.plusSeconds(190)), BEGAN.plusSeconds(9_000));

        assertThat(found).extracting(Minute::at).containsExactly(BEGAN, BEGAN.plusSeconds(60), BEGAN.plusSeconds(120),
                BEGAN.plusSeconds(180));
        assertThat(found).extracting(Minute::success).containsExactly(500L, 50L, 0L, 50L);
        assertThat(found).extracting(Minute::inDoubt).containsExactly(1L, 0L, 0L, 2L);
    }

    @Test
    void whatWasDoneBeforeThisProcessSawItIsInNoMinute() {
        Batch older = batch(2, Instant.EPOCH, 700, 0, null);
        minutes.look(List.of(older), BEGAN);

        assertThat(minutes.of(batch(2, Instant.EPOCH, 710, 0, null), BEGAN.plusSeconds(30))).extracting(Minute::success)
                .containsExactly(10L);
        assertThat(minutes.of(batch(3, Instant.EPOCH, 710, 0, null), BEGAN)).isEmpty();
    }

    @Test
    void rowsThatAreSentAgainAreNotCountedBack() {
        look(2, 100, 5);
        look(70, 100, 0);
        look(130, 105, 0);

        assertThat(minutes.of(batch(105, 0, null), BEGAN.plusSeconds(130))).extracting(Minute::inDoubt)
                .containsExactly(5L, 0L, 0L);
        assertThat(minutes.of(batch(105, 0, null), BEGAN.plusSeconds(130))).extracting(Minute::success)
                .containsExactly(100L, 0L, 5L);
    }

    @Test
    void theLastTwelveHoursAndAHundredBatchesAreKept() {
        look(2, 1, 0);
        look((int) Duration.ofDays(1).toSeconds(), 2, 0);
        assertThat(minutes.of(batch(2, 0, null), BEGAN.plus(Duration.ofDays(1)))).hasSizeLessThanOrEqualTo(720)
                .last().extracting(Minute::success).isEqualTo(1L);

        for (int number = 2; number < 102; number++) {
            minutes.look(List.of(batch(number, BEGAN, 1, 0, null)), BEGAN);
        }
        assertThat(minutes.of(batch(2, 0, null), BEGAN)).isEmpty();
        assertThat(minutes.of(batch(101, BEGAN, 1, 0, null), BEGAN)).isNotEmpty();
    }
}
