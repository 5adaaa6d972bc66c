// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.config;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import java.util.stream.Stream;

import org.eclipse.microprofile.config.spi.ConfigSource;

import com.sun.management.UnixOperatingSystemMXBean;

import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;

/** Defaults that follow from this machine or from another setting; every file and the environment take precedence. */
public final class DerivedDefaults implements ConfigSourceFactory {
    private static final int ORDINAL = 10;
    /** From {@code refund.http.port} to the default of {@code refund.management.port}. */
    private static final int DISTANCE = 920;
    private static final int LAST_PORT = 65_535;
    /** File handles that the process itself may need: jars, the ledger, files, logs, listeners, and the pollers of virtual threads. */
    private static final long OWN = 400;
    private static final long FEWEST = 4;
    private static final long MOST = 10_000;
    private static final Duration LONGER = Duration.ofSeconds(15);

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        Map<String, String> defaults = new HashMap<>();
        defaults.put("refund.node", hostName());
        defaults.put("refund.management.port", managementPort(context));
        defaults.putAll(channels(context));
        defaults.putAll(connectionLimits(context));
        defaults.putAll(forwarding(context));
        defaults.put("quarkus.oidc.tenant-enabled", Boolean.toString(hasOidc(context)));
        return List.of(new PropertiesConfigSource(defaults, "derived defaults", ORDINAL));
    }

    @Override
    public OptionalInt getPriority() {
        return OptionalInt.of(ORDINAL);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    /** So nodes on one machine that differ in the one port differ in the other; any free port where that one is taken. */
    private static String managementPort(ConfigSourceContext context) {
        return value(context, "refund.http.port", Integer::valueOf).filter(http -> http > 0)
                .map(http -> http + DISTANCE).filter(port -> port <= LAST_PORT && isFree(port)).orElse(0).toString();
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    /** Queues of the broker where there is one, else none. Messages expire after 7 days. */
    private static Map<String, String> channels(ConfigSourceContext context) {
        return value(context, "refund.broker.url", String::toString).isEmpty()
                ? Map.of()
                : Map.of("refund.channel.success", "jms:queue:bos.refund.success?timeToLive=604800000",
                        "refund.channel.error", "jms:queue:bos.refund.error?timeToLive=604800000");
    }

    /**
     * Keeps callers from taking what calls to BOS need: connections to the HTTP server take a part of the process' file
     * handles alone, and one on which nothing happens for longer than a caller may wait is closed.
     */
    private static Map<String, String> connectionLimits(ConfigSourceContext context) {
        long handles = ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix
                ? unix.getMaxFileDescriptorCount()
                : Long.MAX_VALUE;
        long calls = value(context, "refund.concurrency", Long::parseLong).orElse(0L);
        long connections = Math.max(FEWEST, Math.min(MOST, (handles - OWN - calls) / 2));
        Duration wait = value(context, "refund.rest.timeout", DurationConverter::parseDuration).orElse(Duration.ZERO);
        return Map.of("quarkus.http.limits.max-connections", Long.toString(connections), "quarkus.http.idle-timeout",
                wait.plus(LONGER).toSeconds() + "s", "quarkus.management.limits.max-connections", "16",
                "quarkus.management.idle-timeout", "30s");
    }

    /** The header {@code Forwarded} (RFC 7239) counts where one of {@code refund.http.trusted-proxies} sends it. */
    private static Map<String, String> forwarding(ConfigSourceContext context) {
        return value(context, "refund.http.trusted-proxies", String::toString)
                .map(proxies -> Map.of("quarkus.http.proxy.proxy-address-forwarding", "true",
                        "quarkus.http.proxy.allow-forwarded", "true", "quarkus.http.proxy.enable-forwarded-host",
                        "true",
                        "quarkus.http.proxy.trusted-proxies", proxies))
                .orElse(Map.of("quarkus.http.proxy.proxy-address-forwarding", "false"));
    }

    /** OpenID Connect is off unless a server or its key is named. */
    private static boolean hasOidc(ConfigSourceContext context) {
        return Stream.of("quarkus.oidc.auth-server-url", "quarkus.oidc.public-key")
                .anyMatch(key -> value(context, key, String::toString).isPresent());
    }

    /** Empty also where it is blank or wrong; that is said of the key itself, before anything starts. */
    private static <T> Optional<T> value(ConfigSourceContext context, String key, Function<String, T> reading) {
        try {
            return Optional.ofNullable(context.getValue(key)).map(ConfigValue::getValue).map(String::strip)
                    .filter(text -> !text.isEmpty()).map(reading);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
