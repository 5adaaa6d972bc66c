package center.bos.refund.health;

import jakarta.enterprise.context.ApplicationScoped;

import org.eclipse.microprofile.health.HealthCheck;
import org.eclipse.microprofile.health.HealthCheckResponse;
import org.eclipse.microprofile.health.HealthCheckResponseBuilder;
import org.eclipse.microprofile.health.Readiness;

import center.bos.refund.ledger.Ledger;

/** Down while nothing can be written to the ledger, and so nothing is sent. */
@Readiness
@ApplicationScoped
class LedgerHealth implements HealthCheck {
    private final Ledger ledger;

    LedgerHealth(Ledger ledger) {
        this.ledger = ledger;
    }

    @Override
    public HealthCheckResponse call() {
        HealthCheckResponseBuilder response = HealthCheckResponse.named("ledger");
        return ledger.trouble().map(trouble -> response.down().withData("reason", trouble)).orElseGet(response::up)
                .build();
    }
}
