// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import jakarta.jms.JMSContext;
import jakarta.jms.TemporaryQueue;

import org.apache.activemq.artemis.core.config.impl.SecurityConfiguration;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.activemq.artemis.spi.core.security.ActiveMQJAASSecurityManager;
import org.apache.activemq.artemis.spi.core.security.jaas.InVMLoginModule;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import com.fasterxml.jackson.databind.JsonNode;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;
import center.bos.refund.testkit.TokenDesk;

/**
 * The packaged application with the settings of {@code deploy/}: those of the ConfigMap in the environment, the secrets in a
 * file of its folder. The ledger alone is the default one. And a broker as {@code deploy/broker.xml} has it, for who wants JMS.
 */
class DeployedServiceIT {
    private static final Path MANIFESTS = Path.of("deploy/kubernetes");
    private static final Duration LONG = Duration.ofSeconds(90);

    private final HttpClient client = HttpClient.newHttpClient();
    private final int port = RestService.freePort();
    @TempDir
    Path folder;
    private BosServer bos;
    private RefundProcess process;

    @BeforeEach
    void start() throws Exception {
        bos = BosServer.start();
        Files.writeString(folder.resolve("application.properties"),
                Files.readString(Path.of("deploy/application.properties.example"))
                        .replace("client-id=", "client-id=" + TokenDesk.CLIENT_ID)
                        .replace("client-secret=", "client-secret=" + TokenDesk.CLIENT_SECRET)
                        .replace("users.erp=", "users.erp=of the ERP"));
    }

    private void serve(Map<String, String> more) {
        RefundProcess.Launch launch = RefundProcess.in(folder).archived();
        YamlFile.document(MANIFESTS.resolve("configmap.yaml")).get("data").properties().stream()
                .filter(setting -> !setting.getKey().startsWith("REFUND_LEDGER"))
                .forEach(setting -> launch.env(setting.getKey(), setting.getValue().asText()));
        more.forEach(launch::env);
        process = launch.env("BOS_BASE_URL", bos.baseUrl()).env("BOS_TOKEN_URL", bos.tokenUrl())
                .env("REFUND_NODE", "refund-0").env("REFUND_HTTP_PORT", Integer.toString(port)).start("serve");
    }

    @AfterEach
    void stop() {
        process.close();
        bos.close();
    }

    @Test
    void acceptsWorkOnceItsProbesSaySoAndStopsInTime() throws Exception {
        serve(Map.of());
        awaitProbes();
        HttpResponse<String> accepted = client.send(request("/batches").header("Content-Type", "text/csv")
                .header("Authorization", RestService.basic("erp", "of the ERP"))
                .POST(BodyPublishers.ofString("referenceid,ackno\n1,1\n2,2\n")).build(), BodyHandlers.ofString());
        assertThat(accepted.statusCode()).as(process.output()).isEqualTo(202);

        String batch = accepted.headers().firstValue("Location").orElseThrow().replaceFirst(".*/", "");
        Path outbox = folder.resolve("data/outbox");
        await().atMost(LONG).until(() -> Files.exists(outbox.resolve(batch).resolve("summary.json")));

        assertThat(Results.of(outbox.resolve(batch)).summary().success()).isEqualTo(2);
        assertThat(bos.postCount()).isEqualTo(2);
        assertThat(healthcheck()).isZero();
        process.terminate();
        assertThat(process.waitFor(Duration.ofSeconds(30))).isZero();
        assertThat(healthcheck()).isNotZero();
    }

    @Test
    void takesARequestFromTheBrokerOfTheExampleAndReplies() throws Exception {
        int brokerPort = RestService.freePort();
        EmbeddedActiveMQ broker = startBroker(brokerPort);
        try (ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory("tcp://127.0.0.1:" + brokerPort,
                "refund", "of the broker"); JMSContext jms = factory.createContext()) {
            serve(Map.of("REFUND_BROKER_URL", "tcp://127.0.0.1:" + brokerPort, "REFUND_BROKER_USER", "refund",
                    "REFUND_BROKER_PASSWORD", "of the broker"));
            awaitProbes();
            TemporaryQueue replies = jms.createTemporaryQueue();
            jms.createProducer().setJMSReplyTo(replies).send(jms.createQueue("bos.refund.requests"),
                    "{\"referenceid\":1,\"ackno\":1}");

            assertThat(jms.createConsumer(replies).receiveBody(String.class, LONG.toMillis()))
                    .contains("\"outcome\":\"SUCCESS\"");
            assertThat(jms.createConsumer(jms.createQueue("bos.refund.success"))
                    .receiveBody(String.class, LONG.toMillis())).contains("\"outcome\":\"SUCCESS\"");
            process.terminate();
            assertThat(process.waitFor(Duration.ofSeconds(30))).isZero();
        } finally {
            broker.stop();
        }
    }

    private void awaitProbes() {
        List<String> probes = probes();
        assertThat(probes).hasSize(3);
        await().atMost(LONG).pollInterval(Duration.ofMillis(50)).until(() -> {
            assertThat(process.isAlive()).as(process.output()).isTrue();
            return probes.stream().allMatch(this::isUp);
        });
    }

    private static List<String> probes() {
        List<String> paths = new ArrayList<>();
        for (JsonNode probe : YamlFile.document(MANIFESTS.resolve("statefulset.yaml"))
                .findValues("httpGet")) {
            paths.add(probe.get("path").asText());
        }
        return paths;
    }

    private boolean isUp(String path) {
        try {
            return client.send(request(path).build(), BodyHandlers.ofString()).statusCode() == 200;
        } catch (IOException e) {
            return false; // nobody listens yet
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).timeout(LONG);
    }

    /** Runs what the container engine would run. */
    private int healthcheck() throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        YamlFile.document(Path.of("deploy/compose.yaml")).at("/services/refund-1/healthcheck/test")
                .forEach(word -> command.add(word.asText().replace("/8080", "/" + port)));
        assertThat(command.remove(0)).isEqualTo("CMD");
        return new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start().waitFor();
    }

    private EmbeddedActiveMQ startBroker(int brokerPort) throws Exception {
        Path file = Files.writeString(folder.resolve("broker.xml"), Files.readString(Path.of("deploy/broker.xml"))
                .replace("0.0.0.0:61616", "127.0.0.1:" + brokerPort).replace(">data/", ">" + folder + "/broker/"));
        SecurityConfiguration users = new SecurityConfiguration(Map.of("refund", "of the broker"),
                Map.of("refund", List.of("amq")));
        return new EmbeddedActiveMQ().setConfigResourcePath(file.toUri().toString())
                .setSecurityManager(new ActiveMQJAASSecurityManager(InVMLoginModule.class.getName(), users)).start();
    }
}
