// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.contentOf;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Properties;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;

/** The routes and their settings keep the conventions that integrators rely on, and each check can fail. */
class RoutesTest {

    private static final RouteSchema CAMEL = RouteSchema.ofCamel();
    private static final RouteSchema CANONICAL = RouteSchema.canonical();

    /** The head of a table of settings. */
    private static final String DEFAULTS = "| key | default | meaning |";

    private static List<RouteFile> files;
    private static DeclaredKeys declared;

    @BeforeAll
    static void readTheCheckout() throws IOException {
        files = RouteFile.below(Path.of("routes"));
        declared = DeclaredKeys.of(Files.readString(Path.of("application.properties")));
        assertThat(files).as("files in routes/").isNotEmpty();
    }

    @Test
    void everyRouteAndEveryRemoteSendIsNamedAndDescribed() {
        assertThat(RouteNames.problems(files)).isEmpty();
    }

    @Test
    void everyFileFitsCamelsSchema() {
        assertThat(files).flatMap(CAMEL::problems).isEmpty();
    }

    @Test
    void noFileUsesTheShortForms() {
        assertThat(files).flatMap(CANONICAL::problems).isEmpty();
    }

    @Test
    void whatIsLongIsWrittenInBlocks() {
        assertThat(files).flatMap(RouteFile::longFlows).isEmpty();
    }

    @Test
    void everyKeyInARouteIsDeclared() {
        assertThat(declared.missing(files)).isEmpty();
    }

    @Test
    void noRouteStandsStillWhileTheWallsClockIsSetBack() {
        assertThat(files).flatMap(file -> file.elements("route"))
                .extracting(route -> route.path("from").path("uri").asText())
                .noneMatch(uri -> uri.matches("(timer|quartz|cron):.*"));
    }

    @Test
    void everyDeclaredKeyIsUsed() throws Exception {
        CoreKeys core = CoreKeys.of(Path.of("target/classes"), Path.of("src/main/java"));
        assertThat(declared.unused(files, core)).isEmpty();
    }

    @Test
    void everyKeyWithoutADefaultIsExplained() {
        assertThat(declared.undocumented()).isEmpty();
    }

    @Test
    void defaultsStandInNoOtherPlaceThanTheFile() {
        noMethods().should().beAnnotatedWith(WithDefault.class).check(new ClassFileImporter()
                .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("center.bos.refund"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"README.md", "docs/simulator.md"})
    void theDocumentsStateTheDefaultsOfTheFile(String document) throws IOException {
        Properties defaults = new Properties();
        defaults.load(new StringReader(Files.readString(Path.of("application.properties"))));
        assertThat(statedOtherwise(Files.readString(Path.of(document)), defaults)).isEmpty();
    }

    @Test
    void noOtherDocumentHasATableOfDefaults() throws IOException {
        try (Stream<Path> documents = Files.list(Path.of("docs"))) {
            assertThat(documents.filter(file -> file.toString().endsWith(".md"))
                    .filter(file -> contentOf(file.toFile()).contains(DEFAULTS))).map(Path::toString)
                    .containsExactly("docs/simulator.md");
        }
    }

    /** The rows of the table of settings whose default is not the file's; a row without one must have none there. */
    private static List<String> statedOtherwise(String document, Properties defaults) {
        List<String> wrong = new ArrayList<>();
        List<String> rows = document.lines().dropWhile(line -> !line.equals(DEFAULTS)).skip(2)
                .takeWhile(line -> line.startsWith("|")).toList();
        assertThat(rows).isNotEmpty();
        for (String row : rows) {
            String[] cells = row.split("\\|");
            List<String> keys = quoted(cells[1]);
            List<String> values = quoted(cells[2]);
            boolean states = cells[2].startsWith(" `");
            String parent = keys.get(0).replaceFirst("\\.[^.]*$", "");
            for (int i = 0; i < (states ? keys.size() : 1); i++) {
                String key = keys.get(i).startsWith(".") ? parent + keys.get(i) : keys.get(i);
                String stated = states && i < values.size() ? values.get(i) : null;
                // the simulator is there under its profile alone
                String given = key.startsWith("simulator.") ? "%demo." + key : key;
                if (!Objects.equals(stated, defaults.getProperty(given))) {
                    wrong.add(key + " is stated as " + stated);
                }
            }
        }
        return wrong;
    }

    private static List<String> quoted(String cell) {
        return Pattern.compile("`([^`]+)`").matcher(cell).results().map(match -> match.group(1)).toList();
    }

    // from here on: the checks themselves

    @Test
    void seesADefaultThatADocumentStatesOtherwise() {
        Properties defaults = new Properties();
        defaults.putAll(Map.of("bos.a.b", "1", "bos.a.c", "2", "bos.d", "3"));
        String head = DEFAULTS + "\n|---|---|---|\n";
        assertThat(statedOtherwise(head + "| `bos.a.b`, `.c` | `1`, `2` | |\n| `bos.e` | none | |", defaults))
                .isEmpty();
        assertThat(statedOtherwise(
                head + "| `bos.a.b`, `.c` | `1`, `9` | |\n| `bos.d` | none | |\n| `bos.e` | `5` | |", defaults))
                .containsExactly("bos.a.c is stated as 9", "bos.d is stated as null", "bos.e is stated as 5");
    }

    private static final String GOOD = """
            - route:
                id: sample
                description: Sends a message to the remote side
                from:
                  uri: direct:sample
                  steps:
                    - setBody:
                        expression:
                          simple:
                            expression: ${body}
                    - to:
                        uri: direct:other
                    - to:
                        id: call-remote
                        description: The one call
                        uri: https://example.org
                        parameters:
                          id: not-an-id-of-ours
                          httpMethod: POST
            """;

    private static RouteFile sample(String yaml) {
        return RouteFile.of("routes/sample.camel.yaml", yaml);
    }

    private static List<String> names(String yaml) {
        return RouteNames.problems(List.of(sample(yaml)));
    }

    /** A route with one step, to be seen by the schema checks. */
    private static RouteFile step(String step) {
        return sample("[{route: {id: sample, from: {uri: 'direct:sample', steps: [" + step + "]}}}]");
    }

    @Test
    void acceptsAGoodRoute() {
        assertThat(names(GOOD)).isEmpty();
        assertThat(CAMEL.problems(sample(GOOD))).isEmpty();
        assertThat(CANONICAL.problems(sample(GOOD))).isEmpty();
    }

    @Test
    void seesWhatHasNoName() {
        assertThat(names(GOOD.replace("id: sample\n", "group: sample\n"))).singleElement().asString()
                .contains("a route has no id");
        assertThat(names(GOOD.replace("Sends a message to the remote side", "''"))).singleElement().asString()
                .contains("route 'sample' has no description");
        assertThat(names(GOOD.replace("id: call-remote", "note: x"))).singleElement().asString()
                .contains("to 'https://example.org' has no id");
        assertThat(names(GOOD.replace("description: The one call", "note: x"))).singleElement().asString()
                .contains("to 'https://example.org' has no description");
        assertThat(names(GOOD.replace("- to:\n            uri: direct:other", "- toD:\n            uri: direct:other")))
                .hasSize(2).allMatch(problem -> problem.contains("toD 'direct:other' has no"));
        assertThat(names("[{from: {uri: 'direct:sample', steps: []}}]")).anyMatch(p -> p.contains("'from' has no id"));
        assertThat(RouteNames.problems(List.of(RouteFile.of("routes/defaults.camel.yaml",
                "[{routeConfiguration: {id: '*'}}, {routeConfiguration: {}}]")))).singleElement().asString()
                .contains("a routeConfiguration has no id");
        assertThat(names("[{beans: []}]")).singleElement().asString().contains("holds no route");
    }

    @Test
    void seesAFileThatIsNotNamedAsItsMainRoute() {
        assertThat(names(GOOD.replace("id: sample", "id: other"))).singleElement().asString()
                .contains("the main id 'other' is not the file's name");
        assertThat(RouteNames.problems(List.of(RouteFile.of("routes/sample.yaml", GOOD)))).anyMatch(
                p -> p.contains("is named <main route id>.camel.yaml"));
    }

    @Test
    void seesAnIdThatIsUsedTwice() {
        RouteFile copy = RouteFile.of("routes/demo/sample.camel.yaml", GOOD);
        assertThat(RouteNames.problems(List.of(sample(GOOD), copy))).hasSize(2)
                .allMatch(problem -> problem.endsWith("is already used in routes/sample.camel.yaml"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{to: {uri: 'direct:x', url: 'direct:x'}}", "{sned: {uri: 'direct:x'}}",
            "{log: {message: x, loggingLevel: LOUD}}", "{to: {uri: 1}}"})
    void seesWhatCamelDoesNotKnow(String step) {
        assertThat(CAMEL.problems(step(step))).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{to: 'direct:x'}", "{toD: 'direct:x'}", "{log: x}", "{removeHeaders: '*'}",
            "{setBody: {simple: {expression: x}}}", "{setBody: {simple: x}}",
            "{setBody: {expression: {simple: x}}}", "{setVariable: {name: v, constant: x}}",
            "{filter: {simple: {expression: x}, steps: []}}", "{split: {expression: {tokenize: ','}, steps: []}}",
            "{choice: {when: [{simple: {expression: x}, steps: []}]}}",
            "{choice: {when: [{expression: {simple: x}, steps: []}]}}",
            "{doTry: {steps: [{to: 'direct:x'}], doCatch: [{exception: [java.io.IOException], steps: []}]}}"})
    void seesTheShortForms(String step) {
        assertThat(CAMEL.problems(step(step))).isEmpty();
        assertThat(CANONICAL.problems(step(step))).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"{to: {uri: 'direct:x'}}", "{log: {message: x}}", "{removeHeaders: {pattern: '*'}}",
            "{setBody: {expression: {simple: {expression: x}}}}", "{marshal: {json: {}}}", "{stop: {}}",
            "{bean: {ref: ledger, method: claim}}", "{transformDataType: {toType: 'text/plain'}}",
            "{choice: {when: [{expression: {simple: {expression: x}}, steps: []}], otherwise: {steps: []}}}",
            "{aggregate: {aggregationStrategy: s, correlationExpression: {constant: {expression: x}}, steps: []}}",
            "{doTry: {steps: [{stop: {}}], doCatch: [{exception: [java.io.IOException], steps: []}]}}"})
    void acceptsTheFullForms(String step) {
        assertThat(CAMEL.problems(step(step))).isEmpty();
        assertThat(CANONICAL.problems(step(step))).isEmpty();
    }

    @Test
    void seesALongLineThatIsNoBlock() {
        String expression = "x".repeat(65);
        RouteFile file = sample("- setBody: {expression: {constant: {expression: " + expression + "}}}\n"
                + "- setBody: {id: long, expression: {constant: {expression: " + expression + "}}}\n"
                + "- log:\n    message: a {} " + "y".repeat(120) + "\n");
        assertThat(file.longFlows()).singleElement().asString().contains("sample.camel.yaml:2:");
    }

    @Test
    void seesAKeyThatNobodyDeclared() {
        DeclaredKeys keys = DeclaredKeys.of("""
                # where BOS is
                # bos.base-url=
                %demo.refund.rate=5
                # the text says refund.secret but does not declare it
                refund.list=a,\\
                  refund.inner=b
                """);
        RouteFile file = step(
                "{to: {uri: '{{bos.base-url}}/{{refund.rate:0}}?a={{?refund.secret}}&b={{refund.x:{{refund.y}}}}',"
                        + " parameters: {p: '${properties:refund.z}', q: '{{refund.inner}}'}}}");
        assertThat(keys.missing(List.of(file))).extracting(problem -> problem.replaceAll(".*\\{\\{|\\}\\}.*", ""))
                .containsExactly("refund.secret", "refund.x", "refund.y", "refund.z", "refund.inner");
        assertThat(keys.missing(List.of(sample(GOOD + "# {{refund.comment}}\n")))).isEmpty();
    }

    @Test
    void seesAKeyThatNothingUses() {
        DeclaredKeys keys = DeclaredKeys.of("""
                bos.in-route=1
                bos.in-property=1
                quarkus.some=${bos.in-property}
                bos.in-core=1
                # what it is
                # refund.forgotten=
                %demo.bos.lost=1
                """);
        assertThat(keys.unused(List.of(step("{to: {uri: '{{bos.in-route}}'}}")), "bos.in-core"::equals))
                .containsExactly(
                        "application.properties: nothing uses refund.forgotten",
                        "application.properties: nothing uses bos.lost");
    }

    @Test
    void seesAKeyWithoutADefaultThatNothingExplains() {
        assertThat(DeclaredKeys.of("\n# bos.a=\n\n# the second\n# bos.b=\n# bos.c=\n").undocumented()).singleElement()
                .asString().contains("bos.a");
    }

    /** Not annotated, so that Quarkus leaves it alone. */
    interface Sample {
        String baseUrl();

        @WithName("other")
        Optional<String> renamed();

        Group refundOtp();

        Map<String, Group> named();

        interface Group {
            Duration connectTimeout();
        }
    }

    @Test
    void knowsTheKeysThatTheCoreTakes() {
        CoreKeys core = new CoreKeys();
        core.addMapping(Sample.class, "bos");
        core.addLiterals("get(\"refund.rate\"); every(\"{refund.delay}\"); throw e(\"refund.none: set it\");");
        assertThat(List.of("bos.base-url", "bos.other", "bos.refund-otp.connect-timeout", "bos.named.x.connect-timeout",
                "refund.rate", "refund.delay")).allMatch(core);
        assertThat(List.of("bos.renamed", "bos.refund-otp", "bos.baseUrl", "refund.none")).noneMatch(core);
    }
}
