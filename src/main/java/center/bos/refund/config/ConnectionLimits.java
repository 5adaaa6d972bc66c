// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.config;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

import org.eclipse.microprofile.config.spi.ConfigSource;

import com.sun.management.UnixOperatingSystemMXBean;

import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;

/**
 * Defaults that keep callers from taking what calls to BOS need: connections to the HTTP server take a part of the process'
 * file handles alone, and one on which nothing happens for longer than a caller may wait is closed.
 */
public final class ConnectionLimits implements ConfigSourceFactory {
    /** What the process itself has open: jars, the ledger, logs, listeners. */
    private static final long OWN = 365;
    private static final long FEWEST = 4;
    private static final long MOST = 10_000;
    private static final Duration LONGER = Duration.ofSeconds(15);
    /** Below every file and the environment. */
    private static final int ORDINAL = 10;

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        String connections = Long.toString(connections(calls(context)));
        String idle = idle(context);
        return List.of(new PropertiesConfigSource(
                Map.of("quarkus.http.limits.max-connections", connections, "quarkus.http.idle-timeout", idle,
                        "quarkus.management.limits.max-connections", "16",
                        "quarkus.management.idle-timeout", "30s"),
                "limits of connections", ORDINAL));
    }

    private static long connections(long calls) {
        long handles = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Long.MAX_VALUE;
        return Math.max(FEWEST, Math.min(MOST, (handles - OWN - calls) / 2));
    }

    private static long calls(ConfigSourceContext context) {
        try {
            return value(context, "refund.concurrency").map(calls -> Long.parseLong(calls.strip())).orElse(0L);
        } catch (NumberFormatException e) { // said of that key, before anything starts
            return 0;
        }
    }

    private static String idle(ConfigSourceContext context) {
        Duration longest = Duration.ZERO;
        try {
            longest = value(context, "refund.rest.timeout").map(DurationConverter::parseDuration).orElse(longest);
        } catch (IllegalArgumentException e) {
            // said of that key, before anything starts
        }
        return longest.plus(LONGER).toSeconds() + "s";
    }

    private static Optional<String> value(ConfigSourceContext context, String key) {
        return Optional.ofNullable(context.getValue(key)).map(ConfigValue::getValue);
    }

    @Override
    public OptionalInt getPriority() {
        return OptionalInt.of(ORDINAL);
    }
}
