// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;

import org.apache.camel.ConsumerTemplate;
import org.apache.camel.impl.DefaultCamelContext;
import org.apache.camel.model.EndpointRequiredDefinition;
import org.apache.camel.model.ProcessorDefinition;
import org.apache.camel.model.ProcessorDefinitionHelper;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.ToDynamicDefinition;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;

/** Route files as Camel's own YAML loader takes them, prepared as for a start; they run once they are given their beans. */
final class CamelRoutes implements AutoCloseable {
    /** Camel writes this one itself, with an option that its catalogue does not have. */
    private static final String MADE_OF_A_CONTRACT = "rest-openapi:";

    private final DefaultCamelContext context = new DefaultCamelContext();

    private CamelRoutes() {
    }

    /**
     * Loads files together.
     *
     * @throws Exception if Camel does not take one of them
     */
    static CamelRoutes load(Properties settings, Collection<Path> files) throws Exception {
        List<Resource> resources = new ArrayList<>();
        for (Path file : files) {
            resources.add(ResourceHelper.fromString(file.toString(), Files.readString(file)));
        }
        return of(settings, resources);
    }

    /** Loads one file that is given by its text. */
    static CamelRoutes of(Properties settings, String yaml) throws Exception {
        return of(settings, List.of(ResourceHelper.fromString("sample.camel.yaml", yaml)));
    }

    private static CamelRoutes of(Properties settings, List<Resource> resources) throws Exception {
        CamelRoutes routes = new CamelRoutes();
        routes.context.getPropertiesComponent().setOverrideProperties(settings);
        routes.context.build();
        PluginHelper.getRoutesLoader(routes.context).loadRoutes(resources);
        return routes;
    }

    Map<String, RouteDefinition> byId() {
        Map<String, RouteDefinition> routes = new TreeMap<>();
        context.getRouteDefinitions().forEach(route -> routes.put(route.getId(), route));
        return routes;
    }

    /** The endpoints that a route takes from, with their placeholders resolved. */
    List<String> sources() {
        return context.getRouteDefinitions().stream().map(route -> resolved(route.getInput().getEndpointUri()))
                .filter(uri -> !uri.startsWith(MADE_OF_A_CONTRACT)).toList();
    }

    /** The endpoints that a route sends to, with their placeholders resolved. */
    List<String> targets() {
        List<String> uris = new ArrayList<>();
        for (RouteDefinition route : context.getRouteDefinitions()) {
            List<ProcessorDefinition<?>> steps = route.getOutputs();
            ProcessorDefinitionHelper.filterTypeInOutputs(steps, EndpointRequiredDefinition.class)
                    .forEach(step -> uris.add(resolved(step.getEndpointUri())));
            ProcessorDefinitionHelper.filterTypeInOutputs(steps, ToDynamicDefinition.class)
                    .forEach(step -> uris.add(resolved(step.getUri())));
        }
        return uris;
    }

    void start(Map<String, Object> beans) {
        beans.forEach(context.getRegistry()::bind);
        context.start();
    }

    /** The next body that is sent to an endpoint, or null where none comes in time. */
    Object next(String uri, Duration time) {
        try (ConsumerTemplate consumer = context.createConsumerTemplate()) {
            return consumer.receiveBody(uri, time.toMillis());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private String resolved(String uri) {
        return context.resolvePropertyPlaceholders(uri);
    }

    @Override
    public void close() {
        context.stop();
    }
}
