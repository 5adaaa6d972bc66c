package center.bos.refund.model;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;

/** Says a trouble that comes at each try once, and again after 10 minutes where it lasts. */
public final class TroubleLog {
    private static final Duration SAID_AGAIN = Duration.ofMinutes(10);

    private final Consumer<String> log;
    private final InstantSource clock;
    private final Map<String, Instant> said = new HashMap<>();

    /** Says it to that log. */
    public TroubleLog(Consumer<String> log) {
        this(log, InstantSource.system());
    }

    TroubleLog(Consumer<String> log, InstantSource clock) {
        this.log = log;
        this.clock = clock;
    }

    /** Says the line, unless it was said in the last 10 minutes. */
    public synchronized void say(String line) {
        Instant now = clock.instant();
        said.values().removeIf(before -> !before.plus(SAID_AGAIN).isAfter(now));
        if (said.putIfAbsent(line, now) == null) {
            log.accept(line);
        }
    }
}
