// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Set;

import org.eclipse.microprofile.config.spi.ConfigSource;

/** The default of {@code refund.node}: the host's name. */
public final class NodeName implements ConfigSource {
    private static final String KEY = "refund.node";
    /** Below every file and the environment. */
    private static final int ORDINAL = 10;

    private final String host = hostName();

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
    }

    @Override
    public Set<String> getPropertyNames() {
        return Set.of(KEY);
    }

    @Override
    public Map<String, String> getProperties() {
        return Map.of(KEY, host);
    }

    @Override
    public String getValue(String name) {
        return KEY.equals(name) ? host : null;
    }

    @Override
    public String getName() {
        return "name of the host";
    }

    @Override
    public int getOrdinal() {
        return ORDINAL;
    }
}
