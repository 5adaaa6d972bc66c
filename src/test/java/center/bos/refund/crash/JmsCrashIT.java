// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import java.nio.file.Path;
import java.util.Random;

import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import center.bos.refund.testkit.JmsProvider;

/** A service is killed before and after it acknowledges a message; {@link JmsCampaign} has all points and providers. */
class JmsCrashIT {
    private static final int TIMES = 20;

    @TempDir
    Path folder;

    @ParameterizedTest
    @CsvSource({"ARTEMIS, MESSAGE_ACCEPTED", "AMQP, ACKNOWLEDGED"})
    void losesNoMessageAndSendsNothingTwice(JmsProvider provider, KillPoint point) throws Exception {
        try (JmsKills kills = new JmsKills(provider, folder)) {
            kills.kill(point, 1 + new Random().nextInt(TIMES));
        }
    }
}
