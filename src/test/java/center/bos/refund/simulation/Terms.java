// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulation;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

import center.bos.refund.config.RefundConfig;

/**
 * The settings of a run.
 *
 * @param node the node's name
 */
record Terms(String node, int concurrency, double rate, int mostRetries, Duration delay, boolean resendsDoubts,
        Duration duplicateWindow, boolean successChannel, boolean errorChannel) implements RefundConfig {

    static Terms of(Dice dice) {
        return new Terms("a", dice.between(1, 5), dice.chance(0.2) ? 20 : 0, dice.below(3),
                Duration.ofMillis(dice.between(50, 2_000)), dice.chance(0.4), switch (dice.below(4)) {
                    case 0 -> Duration.ZERO;
                    case 1 -> Duration.ofSeconds(dice.between(1, 60));
                    default -> Duration.ofHours(24);
                }, dice.chance(0.7), dice.chance(0.7));
    }

    /** The same for another node. */
    Terms of(String other) {
        return new Terms(other, concurrency, rate, mostRetries, delay, resendsDoubts, duplicateWindow, successChannel,
                errorChannel);
    }

    @Override
    public Optional<String> nodeUrl() {
        return Optional.empty();
    }

    @Override
    public Optional<Long> releaseAbove() {
        return Optional.empty();
    }

    @Override
    public Optional<Duration> retention() {
        return Optional.empty();
    }

    @Override
    public Duration hold() {
        return Duration.ZERO;
    }

    @Override
    public Optional<String> hours() {
        return Optional.empty();
    }

    @Override
    public Path data() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Retry retry() {
        return new Retry() {
            @Override
            public int max() {
                return mostRetries;
            }

            @Override
            public Duration delay() {
                return delay;
            }

            @Override
            public Duration longest() {
                return Duration.ofSeconds(60);
            }
        };
    }

    @Override
    public InDoubt inDoubt() {
        return resendsDoubts ? InDoubt.RESEND : InDoubt.HOLD;
    }

    @Override
    public Broker broker() {
        throw new UnsupportedOperationException();
    }

    @Override
    public Channel channel() {
        return new Channel() {
            @Override
            public Optional<String> success() {
                return successChannel ? Optional.of("mock:success") : Optional.empty();
            }

            @Override
            public Optional<String> error() {
                return errorChannel ? Optional.of("mock:error") : Optional.empty();
            }
        };
    }

    @Override
    public LedgerUrl ledger() {
        throw new UnsupportedOperationException();
    }
}
