// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.config;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

import org.eclipse.microprofile.config.spi.ConfigSource;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;

/**
 * The default of {@code refund.management.port}: {@code refund.http.port} + 920, so 9000 beside 8080, and nodes on one machine
 * that differ in the one differ in the other; any free port where that one is taken.
 */
public final class ManagementPort implements ConfigSourceFactory {
    private static final int DISTANCE = 920;
    private static final int LAST = 65_535;
    /** Below every file and the environment. */
    private static final int ORDINAL = 10;

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        ConfigValue port = context.getValue("refund.http.port");
        String management = port == null ? "0" : beside(port.getValue());
        return List.of(
                new PropertiesConfigSource(Map.of("refund.management.port", management), "management port", ORDINAL));
    }

    private static String beside(String port) {
        try {
            int http = Integer.parseInt(port.strip());
            return http > 0 && http + DISTANCE <= LAST && isFree(http + DISTANCE)
                    ? Integer.toString(http + DISTANCE)
                    : "0";
        } catch (NumberFormatException e) { // said of that key, before anything starts
            return "0";
        }
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public OptionalInt getPriority() {
        return OptionalInt.of(ORDINAL);
    }
}
