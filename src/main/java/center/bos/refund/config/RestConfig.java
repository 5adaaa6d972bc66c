// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.config;

import java.time.Duration;

import io.quarkus.runtime.configuration.MemorySize;
import io.smallrye.config.ConfigMapping;

/** Limits of the REST interface. */
@ConfigMapping(prefix = "refund.rest")
public interface RestConfig {

    /** How long a caller of a single refund waits for its outcome before the answer is 202. */
    Duration timeout();

    /** Callers that may wait at once; the next gets 429. */
    int waiting();

    /** Largest body of a batch. */
    MemorySize largestBatch();
}
