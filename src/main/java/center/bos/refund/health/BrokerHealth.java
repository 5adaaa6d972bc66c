package center.bos.refund.health;

import jakarta.enterprise.context.ApplicationScoped;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

import center.bos.refund.jms.BrokerWatch;

/** Down while the broker of {@code refund.broker.url}, if there is one, cannot be reached; says since when and why. */
@Readiness
@ApplicationScoped
class BrokerHealth implements HealthCheck {
    private final BrokerWatch watch;

    BrokerHealth(BrokerWatch watch) {
        this.watch = watch;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response = HealthCheckResponse.named("broker");
        return watch.trouble().map(trouble -> response.down().withData("since", trouble.since().toString())
                .withData("reason", trouble.reason())).orElseGet(response::up).build();
    }
}
