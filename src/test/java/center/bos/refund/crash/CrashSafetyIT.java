// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.TimeLimit;

/** One kill for each kind of state that a crash can leave; {@link CrashCampaign} kills at every point. */
class CrashSafetyIT {
    private static final List<KillPoint> POINTS = List.of(KillPoint.STARTED_DOUBT, KillPoint.PIECE_ACCEPTED,
            KillPoint.REQUEST_WRITTEN, KillPoint.SETTLE_DURABLE, KillPoint.ERROR_RENAMED);
    private static final int AT_RANDOM = 1;

    @TempDir
    Path folder;

    @Test
    void losesNothingAndSendsNothingTwiceWhereverItIsKilled() throws Exception {
        Random random = new Random(Long.getLong("seed", System.nanoTime()));
        Figures figures = new Figures();

        KillRun.of(folder, Kills.of(POINTS, AT_RANDOM, TimeLimit.ofCampaign(1), random), random, figures);

        System.out.println(figures.table());
        assertThat(figures.kills()).isGreaterThanOrEqualTo(POINTS.size() + AT_RANDOM);
    }
}
