// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.metrics;

import jakarta.inject.Singleton;

import org.apache.camel.CamelContext;
import org.apache.camel.component.micrometer.routepolicy.MicrometerRoutePolicyConfiguration;
import org.apache.camel.component.micrometer.routepolicy.MicrometerRoutePolicyFactory;
import org.apache.camel.spi.CamelContextCustomizer;

/** Lets Camel count and time the exchanges of routes. */
@Singleton
class RouteMeters implements CamelContextCustomizer {
    /** Each meter costs each row; what these do is in the meters refund.call and refund.rows, and in those of refund. */
    private static final String INSIDE_REFUND = "token,refund-otp,outcome";

    @Override
    public void configure(CamelContext camel) {
        MicrometerRoutePolicyConfiguration meters = new MicrometerRoutePolicyConfiguration();
        meters.setContextEnabled(false);
        meters.setExcludePattern(INSIDE_REFUND);
        MicrometerRoutePolicyFactory factory = new MicrometerRoutePolicyFactory();
        factory.setCamelContext(camel);
        factory.setPolicyConfiguration(meters);
        camel.addRoutePolicyFactory(factory);
    }
}
