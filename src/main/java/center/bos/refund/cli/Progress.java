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
import me.tongfei.progressbar.ProgressState;

/** Shows the progress of batches: a bar on a terminal, otherwise a line every few seconds. */
abstract sealed class Progress implements AutoCloseable {
    /** How often {@link #update} is called. */
    static final Duration INTERVAL = Duration.ofMillis(100);

    private long updated = System.nanoTime();
    private volatile long calling;

    static Progress of(List<Batch> batches) {
        long rows = batches.stream().mapToLong(Batch::rows).sum();
        long done = done(batches);
        return Terminal.isInteractive() ? new Bar(rows, done) : new Lines(rows, done);
    }

    /** The rows of these batches that have an outcome. */
    static long done(List<Batch> batches) {
        return batches.stream().mapToLong(Batch::done).sum();
    }

    /** Shows how far the batches are and what keeps calls from beginning; that time counts neither for the rate nor for the end. */
    final void update(List<Batch> batches, Optional<String> why) {
        long now = System.nanoTime();
        if (why.isEmpty()) {
            calling += now - updated;
        }
        updated = now;
        show(done(batches), why);
    }

    abstract void show(long done, Optional<String> why);

    /** Rows a second of the time in which calls could begin. */
    final double rate(long done) {
        return done * 1000.0 / Math.max(1, TimeUnit.NANOSECONDS.toMillis(calling));
    }

    @Override
    public abstract void close();

    private static final class Bar extends Progress {
        private final ProgressBar bar;
        private volatile boolean stopped;

        Bar(long rows, long done) {
            bar = new ProgressBarBuilder().setTaskName("Sending").setInitialMax(rows).startsFrom(done, Duration.ZERO)
                    .setStyle(ProgressBarStyle.ASCII).setUnit(" rows", 1).showSpeed().setUpdateIntervalMillis(200)
                    .setEtaFunction(this::left).continuousUpdate().build();
        }

        private Optional<Duration> left(ProgressState state) {
            double rate = rate(state.getCurrent() - state.getStart());
            return stopped || rate == 0
                    ? Optional.empty()
                    : Optional.of(Duration.ofSeconds((long) ((state.getMax() - state.getCurrent()) / rate)));
        }

        @Override
        void show(long done, Optional<String> why) {
            stopped = why.isPresent();
            bar.stepTo(done);
            bar.setExtraMessage(why.map(text -> " " + text).orElse(""));
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
        private long next = System.nanoTime() + PAUSE.toNanos();

        Lines(long rows, long done) {
            this.rows = rows;
            this.doneBefore = done;
        }

        @Override
        void show(long done, Optional<String> why) {
            long now = System.nanoTime();
            if (now - next < 0) {
                return;
            }
            next = now + PAUSE.toNanos();
            double rate = rate(done - doneBefore);
            String left = rate > 0 && why.isEmpty()
                    ? ", " + Words.duration(Duration.ofSeconds((long) ((rows - done) / rate))) + " left"
                    : "";
            System.err.println(String.format(Locale.ROOT, "%,d of %,d rows (%d %%), %,.0f rows/s%s%s", done, rows,
                    100 * done / Math.max(1, rows), rate, left, why.map(text -> "; " + text).orElse("")));
        }

        @Override
        public void close() {
            // each line stands by itself
        }
    }
}
