// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.time.Duration;
import java.util.Locale;

/** Durations and counts for people. */
final class Words {
    private Words() {
    }

    /** So many of them: {@code 1 row}, {@code 2,000 rows}. */
    static String count(long number, String noun) {
        return String.format(Locale.ROOT, "%,d %s%s", number, noun, number == 1 ? "" : "s");
    }

    static String duration(Duration duration) {
        if (duration.compareTo(Duration.ofMinutes(1)) < 0) {
            return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
        }
        return duration.toHours() > 0
                ? duration.toHours() + " h " + duration.toMinutesPart() + " min"
                : duration.toMinutes() + " min " + duration.toSecondsPart() + " s";
    }
}
