// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.config;

import jakarta.inject.Singleton;

import org.apache.camel.CamelContext;
import org.apache.camel.Component;
import org.apache.camel.ExtendedCamelContext;
import org.apache.camel.impl.engine.DefaultComponentResolver;
import org.apache.camel.impl.engine.DefaultFactoryFinderResolver;
import org.apache.camel.spi.CamelContextCustomizer;
import org.apache.camel.spi.ComponentResolver;
import org.apache.camel.spi.ConfigurerResolver;
import org.apache.camel.spi.FactoryFinder;
import org.apache.camel.spi.PropertyConfigurer;
import org.apache.camel.support.PluginHelper;

/**
 * Lets Camel find components whose jars were added to the class path after the build, such as those in {@code lib/}. Camel
 * Quarkus knows only those of the build; they take precedence.
 */
@Singleton
class LateComponents implements CamelContextCustomizer {

    @Override
    public void configure(CamelContext camel) {
        ExtendedCamelContext extended = camel.getCamelContextExtension();
        FactoryFinder components = late(camel, DefaultComponentResolver.RESOURCE_PATH);
        FactoryFinder configurers = late(camel, ConfigurerResolver.RESOURCE_PATH);
        ComponentResolver built = PluginHelper.getComponentResolver(extended);
        extended.addContextPlugin(ComponentResolver.class, (name, context) -> {
            Component component = built.resolveComponent(name, context);
            return component != null ? component : components.newInstance(name, Component.class).orElse(null);
        });
        ConfigurerResolver builtConfigurers = PluginHelper.getConfigurerResolver(extended);
        extended.addContextPlugin(ConfigurerResolver.class, (name, context) -> {
            PropertyConfigurer configurer = builtConfigurers.resolvePropertyConfigurer(name, context);
            return configurer != null
                    ? configurer
                    : configurers.newInstance(name.replaceFirst("-configurer$", ""), PropertyConfigurer.class)
                            .orElse(null);
        });
    }

    private static FactoryFinder late(CamelContext camel, String path) {
        return new DefaultFactoryFinderResolver().resolveBootstrapFactoryFinder(camel.getClassResolver(), path);
    }
}
