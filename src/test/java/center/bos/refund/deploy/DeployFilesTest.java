// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.apache.activemq.artemis.core.config.FileDeploymentManager;
import org.apache.activemq.artemis.core.config.impl.FileConfiguration;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;

/** What can be told about {@code deploy/} without an engine that runs it. */
class DeployFilesTest {
    private static final Path DEPLOY = Path.of("deploy");
    private static final Path COMPOSE = DEPLOY.resolve("compose.yaml");
    private static final Path MANIFESTS = DEPLOY.resolve("kubernetes");
    private static final List<String> NODES = List.of("refund-1", "refund-2");
    private static final Pattern SECRET = Pattern
            .compile("(?i).*(password|secret|token[._]value|client[._-]id|embedded[._]users[._]).*");
    private static final Pattern PINNED = Pattern.compile("[\\w./-]+:(?!latest)[\\w.-]*\\d[\\w.-]*");
    private static final int USER = 10001;

    private static final KubernetesSchemas KUBERNETES = KubernetesSchemas.in(Path.of("target/kubernetes"));

    private final JsonNode compose = YamlFile.document(COMPOSE);
    private final JsonNode set = manifests().filter(object -> object.path("kind").asText().equals("StatefulSet"))
            .findFirst().orElseThrow();
    private final JsonNode pod = set.at("/spec/template/spec");
    private final JsonNode container = pod.at("/containers/0");

    static Stream<JsonNode> manifests() {
        return YamlFile.in(MANIFESTS).stream().filter(file -> !file.endsWith("kustomization.yaml"))
                .flatMap(file -> YamlFile.documents(file).stream());
    }

    @ParameterizedTest
    @MethodSource("manifests")
    void manifestsFitKubernetesSchema(JsonNode object) {
        assertThat(KUBERNETES.problems(object)).isEmpty();
    }

    @Test
    void aMisspeltFieldOfAManifestIsFound() {
        ObjectNode wrong = set.deepCopy();
        ((ObjectNode) wrong.at("/spec/template/spec/containers/0/livenessProbe")).put("periodSecond", 1);
        assertThat(KUBERNETES.problems(wrong)).singleElement().asString().contains("periodSecond");
        wrong = set.deepCopy();
        ((ObjectNode) wrong.at("/spec/template/spec")).put("terminationGracePeriodSeconds", "40 s");
        assertThat(KUBERNETES.problems(wrong)).singleElement().asString().contains("terminationGracePeriodSeconds");
        wrong = set.deepCopy();
        wrong.put("apiVersion", "app/v1");
        assertThat(KUBERNETES.problems(wrong)).containsExactly("no schema for app/v1 StatefulSet");
    }

    @Test
    void kustomizationNamesEveryManifest() {
        List<String> named = new ArrayList<>();
        YamlFile.document(MANIFESTS.resolve("kustomization.yaml")).get("resources")
                .forEach(file -> named.add(file.asText()));
        named.add("kustomization.yaml");
        assertThat(YamlFile.in(MANIFESTS)).extracting(file -> file.getFileName().toString())
                .containsExactlyInAnyOrderElementsOf(named);
    }

    @Test
    void composeFitsTheComposeSpecificationAndAMisspeltKeyDoesNot() throws IOException {
        JsonSchema schema = composeSchema();
        assertThat(schema.validate(compose)).isEmpty();
        ObjectNode wrong = compose.deepCopy();
        ((ObjectNode) wrong.at("/services/refund-1")).put("stop_graceperiod", "40s");
        assertThat(schema.validate(wrong)).isNotEmpty();
    }

    @Test
    void everyImageHasATagOfItsOwn() throws IOException {
        List<String> images = new ArrayList<>(compose.findValuesAsText("image"));
        manifests().forEach(object -> images.addAll(object.findValuesAsText("image")));
        images.add(dockerfile("ARG JAVA=(\\S+)"));
        assertThat(images).hasSizeGreaterThan(5).allMatch(image -> PINNED.matcher(image).matches());
        assertThat(dockerfile("FROM (\\S+)")).isEqualTo("${JAVA}");
    }

    @Test
    void noSecretStandsInAFile() throws IOException {
        Map<String, String> settings = settings();
        for (JsonNode service : compose.get("services")) {
            service.path("environment").properties()
                    .forEach(setting -> settings.put(setting.getKey(), setting.getValue().asText()));
        }
        Properties example = new Properties();
        try (InputStream in = Files.newInputStream(DEPLOY.resolve("application.properties.example"))) {
            example.load(in);
        }
        example.forEach((key, value) -> settings.put(key.toString(), value.toString()));
        settings.keySet().removeIf(key -> !SECRET.matcher(key).matches());
        assertThat(settings).hasSizeGreaterThan(4).allSatisfy((key, value) -> assertThat(value).as(key)
                .matches("|\\$\\{\\w+:\\?[^}]*}|/run/secrets/.*"));
        assertThat(manifests().map(object -> object.path("kind").asText())).doesNotContain("Secret");
        assertThat(Files.readString(Path.of(".gitignore")).lines()).contains("deploy/secrets/");
    }

    @Test
    void everySettingIsOneThatTheProductDeclares() throws IOException {
        List<String> declared = Files.readString(Path.of("application.properties")).lines()
                .map(Pattern.compile("(?:# ?)?([a-z][a-z.-]+)=.*")::matcher).filter(Matcher::matches)
                .map(line -> line.group(1)).toList();
        assertThat(declared).map(key -> key.toUpperCase(Locale.ROOT).replaceAll("[.-]", "_"))
                .containsAll(settings().keySet());
        Properties example = new Properties();
        try (InputStream in = Files.newInputStream(DEPLOY.resolve("application.properties.example"))) {
            example.load(in);
        }
        assertThat(declared.stream().map(key -> key.replaceFirst("\\.alice$", ".erp")))
                .containsAll(example.stringPropertyNames());
    }

    @Test
    void aNodeIsGivenTheTimeThatItNeedsToStop() throws IOException {
        Properties packaged = new Properties();
        try (InputStream in = Files.newInputStream(Path.of("application.properties"))) {
            packaged.load(in);
        }
        int call = seconds(packaged.getProperty("bos.timeout.response"));
        int camel = Integer.parseInt(packaged.getProperty("camel.main.shutdown-timeout"));
        int process = 30;
        int preStop = container.at("/lifecycle/preStop/exec/command/1").asInt();
        assertThat(List.of(call, camel, process, pod.get("terminationGracePeriodSeconds").asInt() - preStop)).isSorted()
                .doesNotHaveDuplicates();
        for (String node : NODES) {
            assertThat(seconds(compose.at("/services/" + node + "/stop_grace_period").asText()))
                    .isGreaterThan(process);
        }
    }

    @Test
    void aNodeRunsWithoutPrivilegesOnAReadOnlyRoot() throws IOException {
        assertThat(dockerfile("USER (\\d+):\\d+")).isEqualTo(Integer.toString(USER));
        assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
        assertThat(pod.at("/securityContext/runAsUser").asInt()).isEqualTo(USER);
        assertThat(pod.at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
        JsonNode security = container.get("securityContext");
        assertThat(security.get("readOnlyRootFilesystem").asBoolean()).isTrue();
        assertThat(security.get("allowPrivilegeEscalation").asBoolean(true)).isFalse();
        assertThat(security.at("/capabilities/drop/0").asText()).isEqualTo("ALL");
        for (String node : NODES) {
            JsonNode service = compose.at("/services/" + node);
            assertThat(service.get("user").asText()).startsWith(USER + ":");
            assertThat(service.get("read_only").asBoolean()).isTrue();
            assertThat(service.at("/cap_drop/0").asText()).isEqualTo("ALL");
            assertThat(service.at("/security_opt/0").asText()).isEqualTo("no-new-privileges:true");
            assertThat(service.at("/tmpfs/0").asText()).startsWith("/tmp:exec,");
        }
    }

    @Test
    void eachNodeHasItsOwnNameAndItsOwnVolume() throws IOException {
        String data = dockerfile("REFUND_DATA=(\\S+)");
        assertThat(dockerfile("VOLUME (\\S+)")).isEqualTo(data);
        for (String node : NODES) {
            assertThat(compose.at("/services/" + node + "/environment/REFUND_NODE").asText()).isEqualTo(node);
            assertThat(compose.at("/services/" + node + "/volumes/0").asText()).isEqualTo(node + ":" + data);
        }
        assertThat(container.at("/env/0/name").asText()).isEqualTo("REFUND_NODE");
        assertThat(container.at("/env/0/valueFrom/fieldRef/fieldPath").asText()).isEqualTo("metadata.name");
        assertThat(set.at("/spec/volumeClaimTemplates/0/metadata/name").asText())
                .isEqualTo(container.at("/volumeMounts/0/name").asText());
        assertThat(container.at("/volumeMounts/0/mountPath").asText()).isEqualTo(data);
        assertThat(container.at("/volumeMounts/1/mountPath").asText()).isEqualTo(dockerfile("WORKDIR (\\S+)"));
    }

    @Test
    void theMemoryHoldsTheHeapAndAsMuchAgain() throws IOException {
        int heap = Integer.parseInt(dockerfile("-Xmx(\\d+)m"));
        assertThat(container.at("/resources/limits/memory").asText()).isEqualTo("640Mi")
                .isEqualTo(container.at("/resources/requests/memory").asText());
        assertThat(compose.at("/services/refund-1/mem_limit").asText()).isEqualTo("640m");
        assertThat(640).isGreaterThan(2 * heap);
    }

    @Test
    void noNodeNeedsABroker() {
        assertThat(compose.get("services").fieldNames()).toIterable().containsExactlyInAnyOrder("refund-1", "refund-2",
                "postgres");
        assertThat(settings()).doesNotContainKey("REFUND_BROKER_URL");
    }

    @Test
    void theBrokerOfTheExampleGivesNoRequestUp() throws Exception {
        FileConfiguration broker = new FileConfiguration();
        FileDeploymentManager manager = new FileDeploymentManager(
                DEPLOY.resolve("broker.xml").toAbsolutePath().toUri().toString());
        manager.addDeployable(broker).readConfiguration();

        assertThat(broker.isPersistenceEnabled() && broker.isSecurityEnabled() && broker.isJournalSyncTransactional())
                .isTrue();
        AddressSettings all = broker.getAddressSettings().get("#");
        assertThat(all.getMaxDeliveryAttempts()).isEqualTo(-1);
        assertThat(all.getRedeliveryDelay()).isPositive();
        assertThat(all.getDeadLetterAddress().toString()).isEqualTo("bos.refund.dead");
        assertThat(all.isAutoCreateQueues() && all.isAutoCreateAddresses()).isTrue();
        assertThat(all.isAutoDeleteQueues() || all.isAutoDeleteAddresses()).isFalse();
    }

    /** What the nodes are given as environment variables, by compose and by Kubernetes. */
    private Map<String, String> settings() {
        Map<String, String> settings = new TreeMap<>();
        NODES.forEach(node -> compose.at("/services/" + node + "/environment").properties()
                .forEach(setting -> settings.put(setting.getKey(), setting.getValue().asText())));
        manifests().filter(object -> object.path("kind").asText().equals("ConfigMap")).forEach(map -> map.get("data")
                .properties().forEach(setting -> settings.put(setting.getKey(), setting.getValue().asText())));
        container.get("env").forEach(setting -> settings.put(setting.get("name").asText(),
                setting.path("value").asText()));
        return settings;
    }

    private static JsonSchema composeSchema() throws IOException {
        try (InputStream in = DeployFilesTest.class.getResourceAsStream("/compose/compose-spec.json")) {
            ObjectNode schema = (ObjectNode) new ObjectMapper().readTree(in);
            schema.remove("$id"); // a file's name, which the validator does not take
            return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V7).getSchema(schema);
        }
    }

    private static String dockerfile(String pattern) throws IOException {
        Matcher matcher = Pattern.compile(pattern).matcher(Files.readString(DEPLOY.resolve("Dockerfile")));
        assertThat(matcher.find()).as(pattern).isTrue();
        return matcher.group(1);
    }

    private static int seconds(String duration) {
        return Integer.parseInt(duration.replaceFirst("s$", ""));
    }
}
