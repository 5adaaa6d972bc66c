// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulator;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.concurrent.atomic.AtomicReference;

import org.junit.jupiter.api.Test;

/** A token of the simulator is good until its expiry. */
class IssuedTokensTest {
    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.ofEpochSecond(1_000));
    private final IssuedTokens tokens = new IssuedTokens(now::get);

    @Test
    void refusesATokenFromItsExpiryOn() {
        IssuedTokens.Token token = tokens.issue(600);
        assertThat(token.expiry()).isEqualTo(1_600);

        now.set(Instant.ofEpochSecond(1_599));
        assertThat(tokens.accepts("Bearer " + token.value())).isTrue();
        now.set(Instant.ofEpochSecond(1_600));
        assertThat(tokens.accepts("Bearer " + token.value())).isFalse();
    }
}
