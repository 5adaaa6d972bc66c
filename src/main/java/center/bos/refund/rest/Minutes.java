// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import jakarta.enterprise.context.ApplicationScoped;

import com.fasterxml.jackson.annotation.JsonProperty;

import center.bos.refund.model.Batch;
import io.quarkus.runtime.Startup;

/**
 * How many rows of a batch ended in each minute, by outcome, since this process sees the batch. Derived from the counters that
 * {@link Pace} reads, and kept in memory only, so that no row costs another write.
 */
@Startup
@ApplicationScoped
class Minutes {
    private static final long MINUTE = Duration.ofMinutes(1).toMillis();
    private static final int MOST = 720;
    private static final int BATCHES = 100;
    /** Tolerance between a batch's start time and the moment when it can be seen. */
    private static final Duration COMMIT = Duration.ofSeconds(5);

    /** The oldest first. */
    private final Map<Long, Course> courses = new LinkedHashMap<>();
    private Instant looked = Instant.now();

    /** Rows that ended in the minute that begins then. */
    record Minute(Instant at, long success, long error, @JsonProperty("in_doubt") long inDoubt, long duplicate,
            long rejected) {

        private static Minute of(long number, Batch batch) {
            return new Minute(Instant.ofEpochMilli(number * MINUTE), batch.success(), batch.error(), batch.inDoubt(),
                    batch.duplicate(), batch.rejected());
        }

        /** Rows in doubt that were opened again are not counted back. */
        private Minute since(Minute before) {
            return new Minute(at, Math.max(0, success - before.success()), Math.max(0, error - before.error()),
                    Math.max(0, inDoubt - before.inDoubt()), Math.max(0, duplicate - before.duplicate()),
                    Math.max(0, rejected - before.rejected()));
        }
    }

    /** The counters before the first minute and at the end of each. */
    private static final class Course {
        private final TreeMap<Long, Minute> totals = new TreeMap<>();
        private Minute before;

        Course(Minute before) {
            this.before = before;
        }

        Course(Course other) {
            before = other.before;
            totals.putAll(other.totals);
        }

        void note(Instant now, Batch batch) {
            long number = now.toEpochMilli() / MINUTE;
            totals.put(number, Minute.of(number, batch));
            while (totals.lastKey() - totals.firstKey() >= MOST) {
                before = totals.pollFirstEntry().getValue();
            }
        }

        List<Minute> minutes() {
            List<Minute> minutes = new ArrayList<>();
            Minute last = before;
            for (long number = totals.firstKey(); number <= totals.lastKey(); number++) {
                Minute total = totals.getOrDefault(number, new Minute(Instant.ofEpochMilli(number * MINUTE),
                        last.success(), last.error(), last.inDoubt(), last.duplicate(), last.rejected()));
                minutes.add(total.since(last));
                last = total;
            }
            return minutes;
        }
    }

    /** Samples the counters of the open batches. */
    synchronized void look(List<Batch> open, Instant now) {
        for (Batch batch : open) {
            courses.computeIfAbsent(batch.number(), number -> new Course(before(batch))).note(now, batch);
        }
        while (courses.size() > BATCHES) {
            courses.remove(courses.keySet().iterator().next());
        }
        looked = now;
    }

    /** A batch that began since the last sample is known from its first row on. */
    private Minute before(Batch batch) {
        return batch.startedAt().isBefore(looked.minus(COMMIT))
                ? Minute.of(0, batch)
                : new Minute(Instant.EPOCH, 0, 0, 0, 0, 0);
    }

    /** The minutes up to now or to its end, the oldest first; none if this process did not see it open. */
    synchronized List<Minute> of(Batch batch, Instant now) {
        Course seen = courses.get(batch.number());
        if (seen == null) {
            return List.of();
        }
        Course course = new Course(seen);
        course.note(batch.finishedAt() == null ? now : batch.finishedAt(), batch);
        return course.minutes();
    }
}
