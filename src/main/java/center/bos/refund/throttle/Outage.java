package center.bos.refund.throttle;

import java.time.Instant;

/**
 * A time in which calls fail: the circuit breaker is open or half-open.
 *
 * @param since when it was noticed
 * @param reason why the last call failed; holds no secret and no customer's data
 * @param reachedBefore whether any call had been answered before, since the process started
 */
public record Outage(Instant since, String reason, boolean reachedBefore) {
}
