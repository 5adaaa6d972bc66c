package center.bos.refund.health;

import jakarta.enterprise.context.ApplicationScoped;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

import center.bos.refund.bos.TokenCache;
import center.bos.refund.throttle.Throttle;

/** Down while BOS, or a token for it, cannot be had; says since when and why. What arrives meanwhile waits in the ledger. */
@Readiness
@ApplicationScoped
class BosHealth implements HealthCheck {
    private final Throttle throttle;
    private final TokenCache tokens;

    BosHealth(Throttle throttle, TokenCache tokens) {
        this.throttle = throttle;
        this.tokens = tokens;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response = HealthCheckResponse.named("BOS");
        tokens.trouble().ifPresent(trouble -> response.withData("token", trouble));
        return throttle.outage().map(outage -> response.down().withData("paused since", outage.since().toString())
                .withData("reason", outage.reason())).orElseGet(response::up).build();
    }
}
