// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;

import com.fasterxml.jackson.annotation.JsonValue;

/**
 * Why rows wait: a person, a setting or a failure stops them.
 *
 * @param since when, or null
 * @param by who or what stopped them
 * @param reason why, or null
 * @param until when it ends by itself, or null
 */
public record Stop(Kind kind, Instant since, String by, String reason, Instant until) {

    /** Its times are in milliseconds, like those of the ledger. */
    public Stop {
        since = cut(since, ChronoUnit.MILLIS);
        until = cut(until, ChronoUnit.MILLIS);
    }

    private static Instant cut(Instant time, ChronoUnit unit) {
        return time == null ? null : time.truncatedTo(unit);
    }

    /** The kinds of stops. */
    public enum Kind {
        /** The batch is held so that a person can cancel it ({@code refund.hold}). */
        HELD,
        /** More rows than {@code refund.release-above}: another person must release the batch. */
        UNRELEASED,
        /** A person paused; rows wait until a person resumes. */
        PAUSED,
        /** A person cancelled; unsent rows end REJECTED. */
        CANCELLED,
        /** Outside of {@code refund.hours}. */
        HOURS,
        /** Calls fail (circuit breaker). */
        OUTAGE,
        /** BOS asked for a pause ({@code Retry-After}). */
        RETRY_AFTER,
        /** The ledger cannot be written. */
        LEDGER,
        /** There is no token. */
        TOKEN;

        /** As it is stored and shown. */
        @JsonValue
        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    /** The stop as text for a person, with its times to the second. */
    public String text() {
        String by = switch (kind) {
            case LEDGER, TOKEN, OUTAGE -> ""; // the reason says it
            default -> " by " + this.by;
        };
        return kind.text() + (since == null ? "" : " since " + cut(since, ChronoUnit.SECONDS)) + by
                + (reason == null ? "" : ": " + reason)
                + (until == null ? "" : ", until " + cut(until, ChronoUnit.SECONDS));
    }
}
