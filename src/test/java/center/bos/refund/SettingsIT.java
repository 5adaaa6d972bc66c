// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.OwnThread;
import center.bos.refund.testkit.Post;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;

/** What an integrator changes without touching Java. */
@Execution(ExecutionMode.CONCURRENT)
class SettingsIT {
    private static final Duration SOON = Duration.ofSeconds(120);

    @TempDir
    Path folder;

    @Test
    void theFileWinsOverTheDefaultsAndTheEnvironmentOverTheFile() throws Exception {
        Files.writeString(folder.resolve("application.properties"), """
                bos.base-url=http://127.0.0.1:1
                bos.refund-otp.path=/of/the/file
                bos.request.ids=string
                """);
        Path file = CsvFiles.rows(3).writeTo(folder.resolve("rows.csv"));
        try (BosServer server = BosServer.start();
                RefundProcess process = RefundProcess.in(folder).archived().against(server)
                        .env("BOS_REFUND_OTP_PATH", BosServer.REFUND_OTP)
                        .env("BOS_REQUEST_REFERENCE_FIELD", "RegistrationID")
                        .start("send", file.toString())) {
            assertThat(process.waitFor(SOON)).as(process.output()).isZero();
            assertThat(server.posts()).extracting(Post::body).hasSize(3)
                    .allMatch(body -> body.matches("\\{\"RegistrationID\":\"\\d+\",\"ackno\":\"\\d+\"}"));
        }
    }

    @Test
    void codesRetriesAndChannelsAreSettings() throws Exception {
        Path file = Files.writeString(folder.resolve("rows.csv"), "referenceid,ackno\n1,1\n2,9\n3,44\n4,5\n");
        try (BosServer server = BosServer.start()) {
            server.reply(post -> Reply.json(200, "{\"status\":" + (!post.ackno().equals("44")) + ",\"response_code\":"
                    + post.ackno() + ",\"message\":\"said\"}"));
            try (RefundProcess process = RefundProcess.in(folder).archived().against(server)
                    .env("BOS_CODES_SUCCESS", "1,5,9")
                    .env("BOS_CODES_RETRY", "44").env("REFUND_RETRY_MAX", "1").env("REFUND_RETRY_DELAY", "10ms")
                    .env("REFUND_CHANNEL_SUCCESS", "file:" + folder.resolve("sent"))
                    .env("REFUND_CHANNEL_ERROR", "file:" + folder.resolve("failed")).start("send", file.toString())) {
                assertThat(process.waitFor(SOON)).as(process.output()).isEqualTo(1);
            }
            assertThat(server.postsFor("3", "44")).hasSize(2);
            assertThat(server.postCount()).isEqualTo(5);
        }
        assertThat(contents("sent")).hasSize(3)
                .allSatisfy(outcome -> assertThat(outcome.get("outcome").asText()).isEqualTo("SUCCESS"));
        assertThat(contents("failed")).singleElement().satisfies(outcome -> {
            assertThat(outcome.get("response_code").asText()).isEqualTo("44");
            assertThat(outcome.get("attempts").asInt()).isEqualTo(2);
        });
    }

    @Test
    void aKeyThatIsNoSettingIsNamedBeforeAnythingIsDone() throws Exception {
        CsvFiles.rows(3).writeTo(folder.resolve("rows.csv"));
        Path file = Files.writeString(folder.resolve("application.properties"), "refund.ledger.uri=jdbc:sqlite:x.db\n");
        try (BosServer server = BosServer.start();
                RefundProcess process = RefundProcess.in(folder).archived().against(server).start("send", "rows.csv")) {
            assertThat(process.waitFor(SOON)).as(process.output()).isEqualTo(2);
            assertThat(process.stderr().lines()).singleElement().asString()
                    .startsWith("refund: refund.ledger.uri in " + file + " is no setting: ");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "BOS_TIMEOUT_RESPONSE | 20 | bos.timeout.response is 20: it needs ",
            "REFUND_CONCURRENCY | '' | refund.concurrency is empty: give it a value, or remove it to get its default, 32"})
    void aValueThatCannotBeIsNamedBeforeAnythingIsDone(String variable, String value, String said) {
        CsvFiles.rows(3).writeTo(folder.resolve("rows.csv"));
        try (BosServer server = BosServer.start();
                RefundProcess process = RefundProcess.in(folder).archived().against(server).env(variable, value)
                        .start("send", "rows.csv")) {
            assertThat(process.waitFor(SOON)).as(process.output()).isEqualTo(2);
            assertThat(process.stderr().lines()).singleElement().asString().startsWith("refund: " + said);
            assertThat(server.postCount()).isZero();
            assertThat(folder.resolve("data/archive")).doesNotExist();
        }
    }

    @Test
    void theDemoNamesAValueThatCannotBeAndNoneThatItReplaces() {
        try (RefundProcess process = RefundProcess.in(folder).archived().env("REFUND_CONCURRENCY", "abc")
                .env("BOS_BASE_URL", "api.bos.center").env("REFUND_HOURS", "never").start("demo")) {
            assertThat(process.waitFor(SOON)).as(process.output()).isEqualTo(2);
            assertThat(process.stderr().lines()).singleElement()
                    .isEqualTo("refund: refund.concurrency is abc: it needs at least 1");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "send rows.csv | REFUND_BROKER_URL | localhost:61616 | refund.broker.url is not a broker's address",
            "send rows.csv | REFUND_CHANNEL_ERROR | nosuch:thing | refund.channel.error is not an endpoint that can be used: no component here takes nosuch:…: put the jars",
            "serve | REFUND_BROKER_URL | localhost:61616 | refund.broker.url is not a broker's address",
            "serve | REFUND_CHANNEL_ERROR | nosuch:thing | refund.channel.error is not an endpoint that can be used: no component here takes nosuch:…: put the jars"})
    void anAddressThatNoComponentTakesIsNamedByItsKey(String command, String variable, String address, String said) {
        CsvFiles.rows(3).writeTo(folder.resolve("rows.csv"));
        try (BosServer server = BosServer.start();
                RefundProcess process = RefundProcess.in(folder).archived().against(server).env(variable, address)
                        .env("REFUND_HTTP_PORT", "0").start(command.split(" "))) {
            assertThat(process.waitFor(SOON)).as(process.output()).isEqualTo(2);
            assertThat(process.stderr().lines()).singleElement().asString().startsWith("refund: " + said);
            assertThat(process.output()).doesNotContain("\tat ");
            assertThat(server.postCount()).isZero();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"http", "management"})
    void aPortThatAnotherProcessUsesIsNamedByItsKey(String which) throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                BosServer server = BosServer.start();
                RefundProcess process = RefundProcess.in(folder).archived().against(server).env("REFUND_HTTP_PORT", "0")
                        .env("REFUND_" + which.toUpperCase(Locale.ROOT) + "_PORT",
                                Integer.toString(taken.getLocalPort()))
                        .start("serve")) {
            assertThat(process.waitFor(SOON)).as(process.output()).isEqualTo(2);
            assertThat(process.stderr()).contains("refund: cannot listen on 127.0.0.1 port " + taken.getLocalPort(),
                    "or set another refund." + which + ".port");
        }
    }

    @Test
    void aPublicKeyThatIsNoneIsNamedBeforeAnythingIsDone() throws Exception {
        CsvFiles.rows(3).writeTo(folder.resolve("rows.csv"));
        Path pem = Files.writeString(folder.resolve("key.pem"), "-----BEGIN RSA PUBLIC KEY-----\nMAA=\n");
        try (BosServer server = BosServer.start();
                RefundProcess process = RefundProcess.in(folder).archived().against(server)
                        .env("BOS_TOKEN_PUBLIC_KEY", pem.toString()).start("send", "rows.csv")) {
            assertThat(process.waitFor(SOON)).as(process.output()).isEqualTo(2);
            assertThat(process.stderr()).contains("bos.token.public-key: " + pem, "openssl rsa -RSAPublicKey_in");
            assertThat(Results.finished(folder.resolve("data/outbox"), "rows")).isEmpty();
        }
    }

    @Test
    void aRehearsalReachesNeitherBosNorTheRealWork() throws Exception {
        CsvFiles.rows(3).writeTo(folder.resolve("real.csv"));
        try (BosServer server = BosServer.start()) {
            rehearse(server, "data", "mine");
            assertThat(server.postCount()).isZero();
            // the same pairs, which only the simulator knows
            try (RefundProcess process = RefundProcess.in(folder).archived().against(server).start("send",
                    "real.csv")) {
                assertThat(process.waitFor(SOON)).as(process.output()).isZero();
            }
            assertThat(server.postCount()).isEqualTo(3);
            assertThat(Results.finished(folder.resolve("data/outbox"), "mine")).isEmpty();
            assertThat(Results.finished(folder.resolve("data/demo/outbox"), "mine")).hasSize(1);

            assertThat(rehearse(server, "data/demo", "again").summary().duplicate()).isEqualTo(3);
            try (RefundProcess send = RefundProcess.in(folder).archived().against(server).env("QUARKUS_PROFILE", "demo")
                    .start("send", "real.csv")) {
                assertThat(send.waitFor(SOON)).isEqualTo(2);
                assertThat(send.stderr()).contains("the profile demo is for the commands demo and serve");
            }
            assertThat(server.postCount()).isEqualTo(3);
        }
    }

    private Results rehearse(BosServer server, String data, String file) throws IOException {
        try (RefundProcess rehearsal = RefundProcess.in(folder).archived().against(server)
                .env("QUARKUS_PROFILE", "demo").env("BOS_TOKEN_VALUE", "real")
                .env("REFUND_HTTP_PORT", Integer.toString(RestService.freePort())).start("serve")) {
            await().atMost(SOON).until(() -> rehearsal.output().contains("Watching "));
            assertThat(rehearsal.output()).contains(data + "/inbox");
            CsvFiles.rows(3).writeTo(folder.resolve(data).resolve("inbox").resolve(file + ".csv"));
            Results results = Results.await(folder.resolve(data).resolve("outbox"), file, SOON);
            assertThat(results.summary().rows()).isEqualTo(3);
            return results;
        }
    }

    @Test
    void noMoreCallersWaitThanTheSettingSays() throws Exception {
        try (BosServer server = BosServer.start();
                RestService rest = RestService.start(
                        RefundProcess.in(folder).archived().against(server).env("REFUND_REST_WAITING", "1"), folder)) {
            server.reply(Reply.success().after(Duration.ofSeconds(8)));
            CompletableFuture<RestService.Answer> first = OwnThread
                    .supply(() -> rest.json("/refunds", "{\"referenceid\":1,\"ackno\":1}"));
            await().atMost(SOON).until(() -> server.postCount() == 1);

            RestService.Answer second = rest.json("/refunds", "{\"referenceid\":2,\"ackno\":2}");

            assertThat(second.status()).isEqualTo(429);
            assertThat(second.type()).isEqualTo("application/problem+json");
            assertThat(second.header("Retry-After")).isNotEmpty();
            assertThat(first.get().status()).isEqualTo(200);
            assertThat(server.postCount()).isEqualTo(1);
        }
    }

    private List<JsonNode> contents(String channel) throws IOException {
        List<JsonNode> outcomes = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder.resolve(channel))) {
            for (Path file : files.toList()) {
                outcomes.add(new ObjectMapper().readTree(file.toFile()));
            }
        }
        return outcomes;
    }
}
