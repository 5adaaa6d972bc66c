// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import center.bos.refund.model.Batch;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/** Shows the progress of batches: a bar on a terminal, otherwise a line every few seconds. */
abstract sealed class Progress implements AutoCloseable {
    /** How often {@link #update} is called. */
    static final Duration INTERVAL = Duration.ofMillis(100);

    static Progress of(List<Batch> batches) {
        long rows = batches.stream().mapToLong(Batch::rows).sum();
        long done = done(batches);
        return Terminal.isInteractive() ? new Bar(rows, done) : new Lines(rows, done);
    }

    private static long done(List<Batch> batches) {
        return batches.stream().mapToLong(Batch::done).sum();
    }

    abstract void update(List<Batch> batches, Optional<String> trouble);

    @Override
    public abstract void close();

    private static final class Bar extends Progress {
        private final ProgressBar bar;

        Bar(long rows, long done) {
            bar = new ProgressBarBuilder().setTaskName("Sending").setInitialMax(rows).startsFrom(done, Duration.ZERO)
                    .setStyle(ProgressBarStyle.ASCII).setUnit(" rows", 1).showSpeed().setUpdateIntervalMillis(200)
                    .build();
        }

        @Override
        void update(List<Batch> batches, Optional<String> trouble) {
            bar.stepTo(done(batches));
            bar.setExtraMessage(trouble.map(text -> " " + text).orElse(""));
        }

        @Override
        public void close() {
            bar.close();
        }
    }

    private static final class Lines extends Progress {
        private static final Duration PAUSE = Duration.ofSeconds(5);

        private final long rows;
        private final long doneBefore;
        private final long started = System.nanoTime();
        private long next = started + PAUSE.toNanos();

        Lines(long rows, long done) {
            this.rows = rows;
            this.doneBefore = done;
        }

        @Override
        void update(List<Batch> batches, Optional<String> trouble) {
            long now = System.nanoTime();
            if (now - next < 0) {
                return;
            }
            next = now + PAUSE.toNanos();
            long done = done(batches);
            double rate = (done - doneBefore) * 1000.0 / Math.max(1, TimeUnit.NANOSECONDS.toMillis(now - started));
            String left = rate > 0
                    ? ", " + Durations.text(Duration.ofSeconds((long) ((rows - done) / rate))) + " left"
                    : "";
            System.err.println(String.format(Locale.ROOT, "%,d of %,d rows (%d %%), %,.0f rows/s%s%s", done, rows,
                    100 * done / Math.max(1, rows), rate, left, trouble.map(text -> "; " + text).orElse("")));
        }

        @Override
        public void close() {
            // each line stands by itself
        }
    }
}
