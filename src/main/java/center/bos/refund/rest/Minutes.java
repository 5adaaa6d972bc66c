// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

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

    /** By batch, the oldest first: the counters at the end of each minute, and before them those of the minute before. */
    private final Map<Long, TreeMap<Long, Minute>> courses = new LinkedHashMap<>();
    private Instant looked = Instant.now();

    /** Rows that ended in the minute that begins then. */
    record Minute(Instant at, long success, long error, @JsonProperty("in_doubt") long inDoubt, long duplicate,
            long rejected) {
        private static Minute upTo(Instant now, Batch batch) {
            return new Minute(now, batch.success(), batch.error(), batch.inDoubt(), batch.duplicate(),
                    batch.rejected());
        }

        /** Rows in doubt that were opened again are not counted back. */
        private Minute since(Minute before, long number) {
            return new Minute(Instant.ofEpochMilli(number * MINUTE), Math.max(0, success - before.success()),
                    Math.max(0, error - before.error()), Math.max(0, inDoubt - before.inDoubt()),
                    Math.max(0, duplicate - before.duplicate()), Math.max(0, rejected - before.rejected()));
        }
    }

    /** Samples the counters of the open batches. */
    synchronized void look(List<Batch> open, Instant now) {
        for (Batch batch : open) {
            TreeMap<Long, Minute> course = courses.computeIfAbsent(batch.number(),
                    number -> new TreeMap<>(Map.of(number(now) - 1, before(batch))));
            course.put(number(now), Minute.upTo(now, batch));
            if (course.size() > MOST + 1) {
                course.pollFirstEntry();
            }
        }
        while (courses.size() > BATCHES) {
            courses.remove(courses.keySet().iterator().next());
        }
        looked = now;
    }

    /** A batch that began since the last sample is known from its first row on. */
    private Minute before(Batch batch) {
        return batch.startedAt().isBefore(looked.minus(COMMIT))
                ? Minute.upTo(looked, batch)
                : new Minute(looked, 0, 0, 0, 0, 0);
    }

    private static long number(Instant time) {
        return time.toEpochMilli() / MINUTE;
    }

    /** The minutes up to now or to its end, the oldest first; none if this process did not see it open. */
    synchronized List<Minute> of(Batch batch, Instant now) {
        if (!courses.containsKey(batch.number())) {
            return List.of();
        }
        TreeMap<Long, Minute> course = new TreeMap<>(courses.get(batch.number()));
        Instant end = batch.finishedAt() == null ? now : batch.finishedAt();
        course.put(number(end), Minute.upTo(end, batch));
        return LongStream.rangeClosed(Math.max(course.firstKey(), course.lastKey() - MOST) + 1, course.lastKey())
                .mapToObj(number -> course.floorEntry(number).getValue()
                        .since(course.lowerEntry(number).getValue(), number))
                .toList();
    }
}
