// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.metrics;

import java.time.Duration;
import java.util.Optional;

import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.config.MeterFilter;
import io.micrometer.core.instrument.distribution.DistributionStatisticConfig;
import io.prometheus.client.exemplars.ExemplarSampler;

/** Which meters are histograms, and what they keep beside their numbers. */
@Singleton
class Histograms {

    /** The time of a call, in buckets around what a person would call quick, slow and lost. */
    @Produces
    @Singleton
    MeterFilter callHistogram() {
        return new MeterFilter() {
            @Override
            public DistributionStatisticConfig configure(Meter.Id id, DistributionStatisticConfig config) {
                return id.getName().equals("refund.call")
                        ? DistributionStatisticConfig.builder()
                                .serviceLevelObjectives(nanos(50), nanos(100), nanos(200), nanos(500), nanos(1_000),
                                        nanos(2_000), nanos(5_000), nanos(10_000), nanos(20_000))
                                .build().merge(config)
                        : config;
            }
        };
    }

    /** No exemplars: to look for the trace of each measurement costs each row, also while nothing is traced. */
    @Produces
    @Singleton
    @Alternative
    @Priority(1)
    Optional<ExemplarSampler> noExemplars() {
        return Optional.empty();
    }

    private static double nanos(long millis) {
        return Duration.ofMillis(millis).toNanos();
    }
}
