package center.bos.refund.health;

import jakarta.enterprise.context.ApplicationScoped;

import org.apache.camel.CamelContext;
import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.Liveness;
import org.eclipse.microprofile.health.Readiness;

/** Down until the routes run: the HTTP server is up some seconds before there is anything behind it. */
@Liveness
@Readiness
@ApplicationScoped
class FlowHealth implements HealthCheck {
    private final CamelContext camel;

    FlowHealth(CamelContext camel) {
        this.camel = camel;
    }

    @Override
    public HealthCheckResponse call() {
        return HealthCheckResponse.named("flow").status(camel.isStarted()).build();
    }
}
