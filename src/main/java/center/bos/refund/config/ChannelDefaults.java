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

/** The defaults of {@code refund.channel.*}: queues of the broker where there is one, else none. Messages expire after 7 days. */
public final class ChannelDefaults implements ConfigSourceFactory {
    /** Below every file and the environment. */
    private static final int ORDINAL = 10;

    @Override
    public Iterable<ConfigSource> getConfigSources(ConfigSourceContext context) {
        ConfigValue broker = context.getValue("refund.broker.url");
        if (broker == null || broker.getValue() == null || broker.getValue().isBlank()) {
            return List.of();
        }
        return List.of(new PropertiesConfigSource(
                Map.of("refund.channel.success", "jms:queue:bos.refund.success?timeToLive=604800000",
                        "refund.channel.error", "jms:queue:bos.refund.error?timeToLive=604800000"),
                "channels of the broker", ORDINAL));
    }

    @Override
    public OptionalInt getPriority() {
        return OptionalInt.of(ORDINAL);
    }
}
