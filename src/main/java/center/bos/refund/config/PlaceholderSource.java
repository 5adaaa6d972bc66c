// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.config;

import jakarta.inject.Singleton;

import org.apache.camel.spi.PropertiesSource;
import org.eclipse.microprofile.config.ConfigProvider;

/** Resolves each placeholder of a route by its key. Camel's own source reads all settings again for each, at every start. */
@Singleton
public class PlaceholderSource implements PropertiesSource {
    @Override
    public String getName() {
        return "settings";
    }

    @Override
    public String getProperty(String name) {
        return ConfigProvider.getConfig().getOptionalValue(name, String.class).orElse(null);
    }
}
