// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.time.Duration;

/** When a campaign begins nothing new any more; what it has begun it brings to its end, and checks. */
public final class TimeLimit {
    private final long end;
    private final boolean none;

    private TimeLimit(Duration time) {
        none = time == null;
        end = none ? 0 : System.nanoTime() + time.toNanos();
    }

    /** From now on that part of {@code -Dcampaign.minutes}; none where that is not set. */
    public static TimeLimit ofCampaign(double part) {
        String minutes = System.getProperty("campaign.minutes");
        return new TimeLimit(
                minutes == null ? null : Duration.ofMillis((long) (Double.parseDouble(minutes) * part * 60_000)));
    }

    /** Whether it is over. */
    public boolean isOver() {
        return !none && System.nanoTime() - end >= 0;
    }
}
