// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.model.RouteDefinition;
import org.apache.camel.model.errorhandler.DefaultErrorHandlerDefinition;
import org.apache.camel.model.errorhandler.NoErrorHandlerDefinition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import center.bos.refund.testkit.MarkdownBlock;

/** The routes as Camel reads them: its own loader, its own catalogue of endpoints, and who handles a route's errors. */
class CamelRoutesTest {
    private static final Path DEFAULTS = Path.of("routes/defaults.camel.yaml");
    private static final EndpointCatalog CATALOG = new EndpointCatalog();

    /** What the routes of {@code serve} and the simulator are made of. */
    static List<Path> all() throws IOException {
        return files("routes", "routes/triggers", "routes/demo");
    }

    private static List<Path> files(String... folders) throws IOException {
        List<Path> files = new ArrayList<>();
        for (String folder : folders) {
            try (Stream<Path> paths = Files.list(Path.of(folder))) {
                paths.filter(Files::isRegularFile).sorted().forEach(files::add);
            }
        }
        return files;
    }

    /** The shipped settings, with a broker, an SFTP server and what else must be given. */
    private static Properties settings() throws IOException {
        Properties settings = new Properties();
        try (var reader = Files.newBufferedReader(Path.of("application.properties"))) {
            settings.load(reader);
        }
        settings.putAll(Map.of("bos.base-url", "https://bos.example", "bos.token.url", "https://bos.example/authorize",
                "refund.node", "node", "refund.broker.url", "tcp://broker.example:61616", "refund.sftp.host",
                "erp.example", "refund.sftp.delay", "10000", // a duration, which the catalogue takes for a number
                "refund.channel.success", "jms:queue:done", "refund.channel.error", "jms:queue:failed"));
        settings.putAll(Map.of("simulator.client-id", "id", "simulator.client-secret", "secret",
                "simulator.token-seconds", "600", "simulator.slow-millis", "1", "simulator.stall-millis", "1"));
        return settings;
    }

    private static Map<String, RouteDefinition> load(Collection<Path> files) throws Exception {
        try (CamelRoutes routes = CamelRoutes.load(settings(), files)) {
            return routes.byId();
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void camelLoadsEachFileAndKnowsEachOptionOfItsEndpoints(Path file) throws Exception {
        try (CamelRoutes routes = CamelRoutes.load(settings(), List.of(file))) {
            assertThat(CATALOG.problemsOfSources(routes.sources())).isEmpty();
            assertThat(CATALOG.problemsOfTargets(routes.targets())).isEmpty();
            assertThat(routes.byId().isEmpty()).isEqualTo(file.equals(DEFAULTS));
        }
    }

    @Test
    void aRouteHasTheErrorHandlingThatItNamesAndElseNone() throws Exception {
        assertThat(load(all())).allSatisfy((id, route) -> {
            if (route.getRouteConfigurationId() == null) {
                assertThat(route.getErrorHandlerFactory()).isInstanceOf(NoErrorHandlerDefinition.class);
            } else {
                assertThat(route.getErrorHandlerFactory()).isInstanceOf(DefaultErrorHandlerDefinition.class);
                assertThat(route.getAppliedRouteConfigurationIds()).containsExactly(route.getRouteConfigurationId());
            }
        });
    }

    @Test
    void whatLeadsToAPostHasNoErrorHandlingInAServiceAndInACommand() throws Exception {
        for (List<Path> files : List.of(all(), files("routes"))) {
            Map<String, RouteDefinition> routes = load(files);
            assertThat(List.of("refund", "token", "token-authorize", "refund-otp", "outcome")).allSatisfy(
                    id -> assertThat(routes.get(id).getErrorHandlerFactory())
                            .isInstanceOf(NoErrorHandlerDefinition.class));
        }
    }

    @Test
    void aTokenRouteThatIsReplacedHasNoneEither() throws Exception {
        String example = MarkdownBlock.of(Path.of("docs/token.md")).get(0).text();
        try (CamelRoutes routes = CamelRoutes.of(settings(), Files.readString(DEFAULTS) + example)) {
            assertThat(routes.byId().get("token-authorize").getErrorHandlerFactory())
                    .isInstanceOf(NoErrorHandlerDefinition.class);
            assertThat(CATALOG.problemsOfTargets(routes.targets())).isEmpty();
        }
    }

    /** Cannot be read at first. */
    public static final class Unfinished {
        private int asked;

        public List<String> toResume() throws IOException {
            if (++asked == 1) {
                throw new IOException("not yet");
            }
            return List.of("one", "two");
        }
    }

    @Test
    void aStartGoesOnWithEachUnfinishedBatchOnceTheyCanBeRead() throws Exception {
        List<String> told = new CopyOnWriteArrayList<>();
        Processor trouble = exchange -> told
                .add(exchange.getProperty(Exchange.EXCEPTION_CAUGHT, Exception.class).getMessage());
        try (CamelRoutes routes = CamelRoutes.load(settings(),
                List.of(DEFAULTS, Path.of("routes/triggers/resume.camel.yaml")))) {
            routes.start(Map.of("unfinishedBatches", new Unfinished(), "batchTroubles", trouble));

            assertThat(routes.next("seda:intake", Duration.ofSeconds(30))).isEqualTo("one");
            assertThat(routes.next("seda:intake", Duration.ofSeconds(30))).isEqualTo("two");
            assertThat(routes.next("seda:intake", Duration.ofSeconds(2))).isNull();
        }
        assertThat(told).containsExactly("not yet");
    }

    @Test
    void onlyDefaultsSaysHowErrorsAreHandled() throws IOException {
        assertThat(RouteFile.below(Path.of("routes"))).filteredOn(file -> {
            List<String> fields = new ArrayList<>();
            file.eachField((field, value) -> fields.add(field));
            return fields.contains("errorHandler") || fields.contains("onException");
        }).extracting(RouteFile::name).containsExactly(DEFAULTS.toString());
    }

    // from here on: the checks themselves

    private static List<String> problems(String from, String to) throws Exception {
        try (CamelRoutes routes = CamelRoutes.of(new Properties(),
                "[{route: {id: sample, from: {uri: '" + from + "', steps: [{to: {uri: '" + to + "'}}]}}}]")) {
            return Stream.concat(CATALOG.problemsOfSources(routes.sources()).stream(),
                    CATALOG.problemsOfTargets(routes.targets()).stream()).toList();
        }
    }

    @Test
    void acceptsWhatCamelKnows() throws Exception {
        assertThat(problems("ledger:outcomes?channel=reply", "https://bos.example?httpMethod=POST")).isEmpty();
        assertThat(problems("erp-sftp:erp.example:22/inbox?autoCreate=false", "jms:queue:a?timeToLive=1")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"timer:tick?periode=1000", "timer:tick?period=soon", "ledger:outcomes?chanel=reply",
            "ledger:outcomes?channel=all", "ledger:later", "erp-sftp:erp.example/inbox?autocreate=false",
            "seda:queue?waitForTaskToComplete=Never", "unknown:endpoint"})
    void seesWhatASourceDoesNotKnow(String uri) throws Exception {
        assertThat(problems(uri, "direct:other")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"https://bos.example?httpMetod=POST", "https://bos.example?httpMethod=SEND",
            "https://bos.example?followRedirects=maybe", "ledger:accept?channel=success",
            "jms:queue:a?concurrentConsumers=2"})
    void seesWhatATargetDoesNotKnow(String uri) throws Exception {
        assertThat(problems("direct:sample", uri)).hasSize(1);
    }

    @Test
    void seesWhatCamelsLoaderDoesNotKnow() {
        assertThatThrownBy(() -> CamelRoutes.of(new Properties(), "[{route: {id: sample, form: {uri: 'direct:x'}}}]"))
                .hasMessageContaining("form");
    }
}
