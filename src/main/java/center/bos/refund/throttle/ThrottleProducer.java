// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.throttle;

import java.time.InstantSource;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import center.bos.refund.config.RefundConfig;

/** Makes the throttle of this process from its settings. */
@Singleton
class ThrottleProducer {

    @Produces
    @Singleton
    Throttle throttle(RefundConfig config) {
        return new Throttle(config.concurrency(), config.rate(), System::nanoTime, InstantSource.system(),
                config.hours().map(Hours::of).orElse(null));
    }
}
