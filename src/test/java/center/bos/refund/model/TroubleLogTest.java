// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;

class TroubleLogTest {
    private final List<String> said = new ArrayList<>();
    private long now = -1;
    private final TroubleLog trouble = new TroubleLog(said::add, () -> now);

    @Test
    void saysEachTroubleOnceAndAgainAfterTenMinutes() {
        trouble.say("the disk is full");
        now += Duration.ofMinutes(9).toNanos();
        trouble.say("the disk is full");
        trouble.say("the server is away");
        now += Duration.ofMinutes(1).toNanos();
        trouble.say("the disk is full");
        trouble.say("the server is away");

        assertThat(said).containsExactly("the disk is full", "the server is away", "the disk is full");
    }
}
