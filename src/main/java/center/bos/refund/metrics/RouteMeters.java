// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.metrics;

import java.util.Optional;

import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;

import org.apache.camel.CamelContext;
import org.apache.camel.component.micrometer.routepolicy.MicrometerRoutePolicyConfiguration;
import org.apache.camel.component.micrometer.routepolicy.MicrometerRoutePolicyFactory;
import org.apache.camel.spi.CamelContextCustomizer;

import io.prometheus.client.exemplars.ExemplarSampler;

/** Adds Camel's meters to routes. What would cost each row is left out: meters of the routes that it passes, and exemplars. */
@Singleton
class RouteMeters implements CamelContextCustomizer {
    /** Camel's meters would cost each row more than refund.call and refund.rows, which cover these routes. */
    private static final String OF_A_ROW = "refund,token,refund-otp,outcome";

    @Override
    public void configure(CamelContext camel) {
        MicrometerRoutePolicyConfiguration meters = new MicrometerRoutePolicyConfiguration();
        meters.setContextEnabled(false);
        meters.setExcludePattern(OF_A_ROW);
        MicrometerRoutePolicyFactory factory = new MicrometerRoutePolicyFactory();
        factory.setCamelContext(camel);
        factory.setPolicyConfiguration(meters);
        camel.addRoutePolicyFactory(factory);
    }

    /** To look for the trace of each measurement costs, also while nothing is traced. */
    @Produces
    @Singleton
    @Alternative
    @Priority(1)
    Optional<ExemplarSampler> noExemplars() {
        return Optional.empty();
    }
}
