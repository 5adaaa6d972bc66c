// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.kamelet;

import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

import org.apache.camel.CamelContext;
import org.apache.camel.CamelContextAware;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.RoutesBuilder;
import org.apache.camel.StartupListener;
import org.apache.camel.builder.RouteBuilder;
import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.camel.model.Model;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.errorhandler.NoErrorHandlerDefinition;
import org.apache.camel.spi.HeaderFilterStrategy;
import org.apache.camel.spi.PropertiesComponent;
import org.apache.camel.spi.Registry;
import org.apache.camel.spi.Resource;
import org.apache.camel.support.PluginHelper;
import org.apache.camel.support.ResourceHelper;
import org.apache.camel.util.function.Suppliers;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;

import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.bos.AllowedHeaders;
import center.bos.refund.bos.AnswerReader;
import center.bos.refund.bos.BosSettings;
import center.bos.refund.bos.Connections;
import center.bos.refund.bos.RequestBody;
import center.bos.refund.bos.SingleCallClient;
import center.bos.refund.model.Verdict;
import center.bos.refund.token.AuthorizeAnswer;
import center.bos.refund.token.ClientCredentials;
import center.bos.refund.token.TokenCache;

/**
 * Adds the bundle's routes {@code token}, {@code refund-otp} and {@code outcome} and their beans to a Camel context, which has one
 * BOS, one token and one connection pool, however many Kamelets use them. A route with such an id that the context already has
 * replaces the bundle's. The additions take effect at once, for the steps behind this one.
 */
public final class BosKamelet implements CamelContextAware, Processor {
    private static final String HOME = "classpath:bos-refund/";
    private static final String DEFAULTS = "/bos-refund/application.properties";
    private static final String GIVEN = "bosKameletSettings";
    /** The most calls in flight in one context. */
    private static final int CALLS = 64;

    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Map<String, String> KEYS = Map.ofEntries(Map.entry("baseUrl", "bos.base-url"),
            Map.entry("path", "bos.refund-otp.path"), Map.entry("referenceField", "bos.request.reference-field"),
            Map.entry("ids", "bos.request.ids"), Map.entry("responseTimeout", "bos.timeout.response"),
            Map.entry("successCodes", "bos.codes.success"), Map.entry("retryCodes", "bos.codes.retry"),
            Map.entry("authCodes", "bos.codes.auth"), Map.entry("tokenUrl", "bos.token.url"),
            Map.entry("clientId", "bos.token.client-id"), Map.entry("clientSecret", "bos.token.client-secret"),
            Map.entry("publicKey", "bos.token.public-key"), Map.entry("token", "bos.token.value"));

    private final Map<String, Object> settings = new HashMap<>() {
        @Override
        public Object put(String parameter, Object value) {
            give(KEYS.get(parameter), value == null ? "" : value.toString());
            return super.put(parameter, value);
        }
    };
    private CamelContext context;

    @Override
    public void setCamelContext(CamelContext camelContext) {
        context = camelContext;
    }

    @Override
    public CamelContext getCamelContext() {
        return context;
    }

    /** The bundle's key of each parameter of a Kamelet. */
    public static Map<String, String> keys() {
        return KEYS;
    }

    /** The Kamelet's parameters by name; blank ones are not set. */
    public Map<String, Object> getSettings() {
        return settings;
    }

    /** The bundle's routes that the Kamelet calls, separated by commas. */
    public void setRoutes(String names) throws Exception {
        given();
        for (String name : names.split(",")) {
            load(name);
        }
    }

    /** Does nothing: the work is done at creation. */
    @Override
    public void process(Exchange exchange) {
    }

    private void give(String key, String value) {
        if (value.isBlank()) {
            return;
        }
        String other = given().putIfAbsent(key, value);
        if (other == null) {
            context.getPropertiesComponent().addOverrideProperty(key, value);
        } else if (!other.equals(value)) {
            throw new IllegalArgumentException("Two Kamelets have different values for " + key
                    + ": a Camel context calls one BOS as one client, so give both the same value");
        }
    }

    /** The settings of the context's Kamelets; the first one adds defaults and beans. */
    @SuppressWarnings("unchecked")
    private Map<String, String> given() {
        synchronized (context) {
            Registry registry = context.getRegistry();
            Map<String, String> given = registry.lookupByNameAndType(GIVEN, Map.class);
            if (given == null) {
                given = new ConcurrentHashMap<>();
                registry.bind(GIVEN, given);
                defaults(context.getPropertiesComponent());
                bind(registry);
            }
            return given;
        }
    }

    /** The bundle's defaults. */
    private static void defaults(PropertiesComponent properties) {
        Properties defaults = new Properties();
        try (InputStream in = BosKamelet.class.getResourceAsStream(DEFAULTS)) {
            defaults.load(in);
        } catch (IOException e) {
            throw new IllegalStateException(DEFAULTS + " cannot be read", e);
        }
        defaults.stringPropertyNames().stream().filter(key -> key.startsWith("bos."))
                .forEach(key -> properties.addInitialProperty(key, defaults.getProperty(key)));
    }

    /** Each is made when the first route needs it, when all settings are known. */
    private void bind(Registry registry) {
        BosSettings bos = CamelSettings.of(BosSettings.class, context.getPropertiesComponent(), "bos");
        Supplier<TokenCache> tokens = Suppliers.memorize(() -> new TokenCache(bos.token(), Optional.empty(), context));
        bind(registry, "tokenCache", Processor.class, tokens::get);
        bind(registry, "clientCredentials", Processor.class, () -> new ClientCredentials(bos.token()));
        bind(registry, "authorizeAnswer", Processor.class, () -> new AuthorizeAnswer(JSON, bos.token()));
        bind(registry, "tokenHeaders", HeaderFilterStrategy.class, AllowedHeaders::token);
        bind(registry, "bosHeaders", HeaderFilterStrategy.class, AllowedHeaders::bos);
        bind(registry, "requestBody", Processor.class, () -> new RequestBody(bos.request()));
        bind(registry, "singleCallClient", HttpClientConfigurer.class, () -> new SingleCallClient(bos));
        bind(registry, "bosConnections", HttpClientConnectionManager.class, () -> new Connections(bos, CALLS).pool());
        bind(registry, "answerReader", Processor.class, () -> new AnswerReader(JSON));
        bind(registry, "leaseCheck", Processor.class, () -> exchange -> {
            // there is no ledger that another node might have taken the row from
        });
        bind(registry, "tokenVerdict", Processor.class, () -> exchange -> {
            if (Verdict.AUTH.name().equals(exchange.getVariable("verdict", String.class))) {
                tokens.get().discard(exchange.getVariable("token", String.class));
            }
        });
    }

    private static <T> void bind(Registry registry, String name, Class<T> type, Supplier<T> made) {
        registry.bind(name, type, Suppliers.memorize(made::get));
    }

    private void load(String name) throws Exception {
        Model model = context.getCamelContextExtension().getContextPlugin(Model.class);
        if (model.getRouteDefinition(name) != null) {
            return;
        }
        Resource file = ResourceHelper.resolveMandatoryResource(context, HOME + name + ".camel.yaml");
        List<RouteDefinition> found = new ArrayList<>();
        for (RoutesBuilder builder : PluginHelper.getRoutesLoader(context).findRoutesBuilders(file)) {
            found.addAll(((RouteBuilder) builder).configureRoutes(context).getRoutes());
        }
        // the context's own error handler would repeat a POST
        found.forEach(route -> route.setErrorHandlerFactory(new NoErrorHandlerDefinition()));
        if (context.isStarted()) {
            model.addRouteDefinitions(found);
            return;
        }
        context.addStartupListener(new StartupListener() {
            @Override
            public void onCamelContextStarted(CamelContext started, boolean alreadyStarted) {
                // routes that are added this early do not start by themselves
            }

            @Override
            public void onCamelContextFullyStarted(CamelContext started, boolean alreadyStarted) throws Exception {
                if (model.getRouteDefinition(name) == null) { // another Kamelet added it meanwhile
                    model.addRouteDefinitions(found);
                }
            }
        });
    }
}
