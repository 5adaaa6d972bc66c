// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.config;

import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

import org.eclipse.microprofile.config.spi.ConfigSource;

import io.smallrye.config.ConfigSourceContext;
import io.smallrye.config.ConfigSourceFactory;
import io.smallrye.config.ConfigValue;
import io.smallrye.config.PropertiesConfigSource;

/** What {@code refund.http.trusted-proxies} stands for: the header {@code Forwarded} (RFC 7239) counts where one of these sends it. */
public final class TrustedProxies implements ConfigSourceFactory {
    /** Below every file and the environment. */
    private static final int ORDINAL = 10;

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        ConfigValue proxies = context.getValue("refund.http.trusted-proxies");
        boolean any = proxies != null && proxies.getValue() != null && !proxies.getValue().isBlank();
        return List.of(new PropertiesConfigSource(any
                ? Map.of("quarkus.http.proxy.proxy-address-forwarding", "true",
                        "quarkus.http.proxy.allow-forwarded", "true", "quarkus.http.proxy.enable-forwarded-host",
                        "true",
                        "quarkus.http.proxy.trusted-proxies", proxies.getValue().strip())
                : Map.of("quarkus.http.proxy.proxy-address-forwarding", "false"), "trusted proxies", ORDINAL));
    }

    @Override
    public OptionalInt getPriority() {
        return OptionalInt.of(ORDINAL);
    }
}
