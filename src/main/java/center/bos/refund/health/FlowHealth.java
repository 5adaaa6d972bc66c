// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.health;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;

import org.apache.camel.CamelContext;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

import center.bos.refund.jms.BrokerWatch;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.Trouble;
import center.bos.refund.throttle.Throttle;
import center.bos.refund.token.TokenCache;

/** The health checks of routes, BOS, broker and ledger; each that is down says why. */
@ApplicationScoped
class FlowHealth {

    /** Down until the routes run, which is some seconds after the HTTP server started. */
    @Produces
    @ApplicationScoped
    @Liveness
    HealthCheck flow(CamelContext camel) {
        return () -> HealthCheckResponse.named("flow").status(camel.isStarted()).build();
    }

    /** The same for readiness, under a name of its own, because {@code /q/health} lists both. */
    @Produces
    @ApplicationScoped
    @Readiness
    HealthCheck routes(CamelContext camel) {
        return () -> HealthCheckResponse.named("routes").status(camel.isStarted()).build();
    }

    /** Up also while calls are paused, since new work is accepted and waits; says since when and why. */
    @Produces
    @ApplicationScoped
    @Readiness
    HealthCheck bos(Throttle throttle, TokenCache tokens) {
        return () -> {
            HealthCheckResponseBuilder response = HealthCheckResponse.named("BOS");
            tokens.trouble().ifPresent(trouble -> response.withData("token", trouble));
            throttle.standstill().ifPresent(stop -> response.withData("no call begins", stop.text()));
            throttle.outage().ifPresent(outage -> say(response, "paused since", outage));
            return response.up().build();
        };
    }

    /** Down while a configured broker cannot be reached. */
    @Produces
    @ApplicationScoped
    @Readiness
    HealthCheck broker(BrokerWatch watch) {
        return () -> {
            HealthCheckResponseBuilder response = HealthCheckResponse.named("broker");
            return watch.trouble().map(trouble -> say(response, "since", trouble).down()).orElseGet(response::up)
                    .build();
        };
    }

    /** Down while the ledger cannot be written, when nothing is sent. */
    @Produces
    @ApplicationScoped
    @Readiness
    HealthCheck ledger(Ledger ledger) {
        return () -> {
            HealthCheckResponseBuilder response = HealthCheckResponse.named("ledger");
            return ledger.trouble().map(reason -> response.down().withData("reason", reason)).orElseGet(response::up)
                    .build();
        };
    }

    private static HealthCheckResponseBuilder say(HealthCheckResponseBuilder response, String begun, Trouble trouble) {
        return response.withData(begun, trouble.since().toString()).withData("reason", trouble.reason());
    }
}
