// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.metrics;

import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.Stop;
import center.bos.refund.throttle.Throttle;
import center.bos.refund.token.TokenCache;

/** Why no call begins: the closed list of the metric {@code refund.pause}. */
enum Pause {
    /** Calls to BOS fail, so the circuit breaker is open or half-open. */
    BOS {
        @Override
        boolean holds(Throttle throttle, TokenCache tokens, Ledger ledger) {
            return throttle.outage().isPresent() && tokens.trouble().isEmpty();
        }
    },
    /** The token endpoint gives no token. */
    TOKEN {
        @Override
        boolean holds(Throttle throttle, TokenCache tokens, Ledger ledger) {
            return throttle.outage().isPresent() && tokens.trouble().isPresent();
        }
    },
    /** BOS asked to be left alone for a while. */
    RETRY_AFTER {
        @Override
        boolean holds(Throttle throttle, TokenCache tokens, Ledger ledger) {
            return throttle.isAskedToPause();
        }
    },
    /** Nothing can be written to the ledger. */
    LEDGER {
        @Override
        boolean holds(Throttle throttle, TokenCache tokens, Ledger ledger) {
            return ledger.trouble().isPresent();
        }
    },
    /** A person paused the node. */
    PERSON {
        @Override
        boolean holds(Throttle throttle, TokenCache tokens, Ledger ledger) {
            return throttle.standstill().filter(stop -> stop.kind() == Stop.Kind.PAUSED).isPresent();
        }
    },
    /** It is outside of {@code refund.hours}. */
    HOURS {
        @Override
        boolean holds(Throttle throttle, TokenCache tokens, Ledger ledger) {
            return throttle.standstill().filter(stop -> stop.kind() == Stop.Kind.HOURS).isPresent();
        }
    };

    abstract boolean holds(Throttle throttle, TokenCache tokens, Ledger ledger);

    /** Its name as a label. */
    String label() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
