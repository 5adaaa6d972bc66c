// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.time.Duration;
import java.util.Locale;

/** Durations for people. */
final class Durations {
    private Durations() {
    }

    static String text(Duration duration) {
        if (duration.compareTo(Duration.ofMinutes(1)) < 0) {
            return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
        }
        return duration.toHours() > 0
                ? duration.toHours() + " h " + duration.toMinutesPart() + " min"
                : duration.toMinutes() + " min " + duration.toSecondsPart() + " s";
    }
}
