package center.bos.refund.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The kill campaign; {@code -Dkills=N} makes it long, with as many kills at named points as at random times. */
class CrashSafetyIT {

    private static final int RANDOM_KILLS = 3;

    @TempDir
    Path folder;

    @Test
    void losesNothingAndSendsNothingTwiceWhereverItIsKilled() throws Exception {
        Integer kills = Integer.getInteger("kills");
        int named = kills == null ? KillPoint.values().length : kills / 2;
        int atRandom = kills == null ? RANDOM_KILLS : kills - named;
        Figures figures = new Figures();

        CrashCampaign.run(folder, named, atRandom, Long.getLong("seed", System.nanoTime()), figures);

        System.out.println(figures.table());
        assertThat(figures.kills()).isGreaterThanOrEqualTo(named + atRandom);
    }
}
