// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import java.time.Instant;
import java.util.Locale;

import com.fasterxml.jackson.annotation.JsonValue;

/**
 * Why rows wait although they could be called: a person, or a setting, stopped them.
 *
 * @param kind what was done
 * @param since when, or null
 * @param by who did it
 * @param reason why, or null
 * @param until when it ends by itself, or null
 */
public record Stop(Kind kind, Instant since, String by, String reason, Instant until) {

    /** What was done. */
    public enum Kind {
        /** The batch waits for a while in which a person may cancel it ({@code refund.hold}). */
        HELD,
        /** More rows than {@code refund.release-above}: another person must release the batch. */
        UNRELEASED,
        /** Rows wait until a person lets them go on. */
        PAUSED,
        /** Rows that were not sent end REJECTED. */
        CANCELLED,
        /** It is outside of {@code refund.hours}. */
        HOURS,
        /** Calls fail; one at a time is tried. */
        OUTAGE,
        /** BOS asked to be left alone for a while. */
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

    /** Says it to a person. */
    public String text() {
        return kind.text() + (since == null ? "" : " since " + since) + " by " + by
                + (reason == null ? "" : ": " + reason)
                + (until == null ? "" : ", until " + until);
    }
}
