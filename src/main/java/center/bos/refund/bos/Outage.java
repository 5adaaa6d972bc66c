package center.bos.refund.bos;

import java.time.Instant;

/**
 * A time in which calls fail.
 *
 * @param since when it was noticed
 * @param reason why the last call failed
 * @param reachedBefore whether any call had been answered before, since the process started
 */
public record Outage(Instant since, String reason, boolean reachedBefore) {
}
