// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.sql.Connection;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.Base64;
import java.util.Properties;
import java.util.stream.Collectors;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.sqlite.JDBC;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.Pair;
import center.bos.refund.testkit.Post;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.TokenDesk;

/** Everything goes wrong while everything is logged. */
@Execution(ExecutionMode.CONCURRENT)
class LeakIT {
    @TempDir
    Path folder;
    private Path work;
    private Path pem;
    private KeyPair keys;

    @BeforeEach
    void logEverything() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        keys = generator.generateKeyPair();
        pem = Files.writeString(folder.resolve("key.pem"), "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(keys.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n");
        work = Files.createDirectories(folder.resolve("work"));
        Files.writeString(work.resolve("application.properties"), """
                quarkus.log.level=TRACE
                quarkus.log.category."org.apache.hc".level=TRACE
                quarkus.log.category."org.apache.hc.client5.http.wire".level=TRACE
                quarkus.log.category."org.apache.hc.client5.http.headers".level=TRACE
                quarkus.log.category."org.apache.camel".level=TRACE
                quarkus.log.category."org.apache.activemq.artemis".level=TRACE
                quarkus.log.category."center.bos".level=TRACE
                quarkus.log.category."io.smallrye.config".level=TRACE
                smallrye.config.log.values=true
                camel.main.tracing=true
                quarkus.security.users.embedded.users.alice=correct horse
                quarkus.security.users.embedded.roles.alice=submit,view
                """);
    }

    @Test
    void noSecretTokenOrCustomerIsLoggedOrKeptWithAnAnswer() throws Exception {
        CsvFiles file = CsvFiles.rows(60);
        try (BosServer server = server();
                RefundProcess process = launch(server).start("send",
                        file.writeTo(folder.resolve("leak.csv")).toString())) {
            assertThat(process.waitFor(Duration.ofSeconds(300))).isEqualTo(1);
            String log = Files.readString(work.resolve("data/refund.log"));
            theLevelsAskedForAreInForce(log);
            nothingLeaks(log, server, file);
            nothingLeaks(process.stdout() + process.stderr(), server, CsvFiles.rows(0));
        }
        assertThat(answersKept(work.resolve("data/ledger.db"))).contains("you sent").contains("***")
                .doesNotContain("tok-");
    }

    @Test
    void theServiceLogsNoneOfItEither() throws Exception {
        CsvFiles singles = CsvFiles.rows(20);
        CsvFiles batch = CsvFiles.rows(20).from(1_000);
        String alice = RestService.basic("alice", "correct horse");
        try (BosServer server = server(); RestService rest = RestService.start(launch(server), work)) {
            for (Pair pair : singles.pairs()) {
                rest.json("/refunds", json(pair), "Authorization", alice, "CamelHttpUri", "http://127.0.0.1:1");
                rest.get("/refunds/" + pair.referenceid() + "/" + pair.ackno(), "Authorization", alice);
            }
            String rows = batch.pairs().stream().map(LeakIT::json).collect(Collectors.joining(",", "[", "]"));
            String location = rest.json("/batches", rows, "Authorization", alice).header("Location");
            rest.json("/refunds", "{\"referenceid\":\"" + singles.pair(0).referenceid() + "x\"}", "Authorization",
                    alice);
            rest.json("/refunds", json(singles.pair(1)), "Authorization", "Bearer stolen-token");
            rest.get("/batches", "Authorization", RestService.basic("alice", "wrong-guess"));
            await().atMost(Duration.ofSeconds(180)).pollInterval(Duration.ofMillis(200)).until(() -> rest
                    .get(location, "Authorization", alice).json().path("state").asText().equals("complete"));

            String log = rest.process().output();
            theLevelsAskedForAreInForce(log);
            nothingLeaks(log, server, singles);
            nothingLeaks(log, server, batch);
            assertThat(log).doesNotContain("correct horse", "stolen-token", "wrong-guess", alice.substring(6));
        }
    }

    private BosServer server() {
        BosServer server = BosServer.start().reply(LeakIT::everythingGoesWrong);
        server.tokens().signedFor(keys.getPrivate());
        return server;
    }

    private RefundProcess.Launch launch(BosServer server) {
        return RefundProcess.in(work).archived().against(server).env("BOS_TOKEN_PUBLIC_KEY", pem.toString())
                .env("BOS_TIMEOUT_RESPONSE", "1s").env("REFUND_RETRY_DELAY", "100ms");
    }

    private static void nothingLeaks(String log, BosServer server, CsvFiles file) {
        assertThat(log).doesNotContain("tok-").doesNotContain(TokenDesk.CLIENT_SECRET)
                .doesNotContain(server.tokens().requests().get(0).signature());
        for (Pair pair : file.pairs()) {
            assertThat(log).doesNotContain(pair.referenceid());
        }
    }

    /** Or the silence would say nothing; {@link LogCapsTest} shows what would be logged without the caps. */
    private static void theLevelsAskedForAreInForce(String log) {
        assertThat(log).containsPattern("DEBUG .*refund.*The call failed: ");
    }

    private static String json(Pair pair) {
        return "{\"referenceid\":\"" + pair.referenceid() + "\",\"ackno\":\"" + pair.ackno() + "\"}";
    }

    private static Reply everythingGoesWrong(Post post) {
        String bearer = post.header("Authorization").orElse("");
        return switch ((int) (post.number() % 8)) {
            case 0 -> Reply.html(500);
            case 1 -> Reply.reset();
            case 2 -> Reply.code(401, 18);
            case 3 -> Reply.json(200, "{\"status\":false,\"response_code\":2,\"message\":\"you sent " + bearer + "\"}");
            case 4 -> Reply.json(200, "you sent " + bearer);
            default -> Reply.success();
        };
    }

    private static String answersKept(Path ledger) throws Exception {
        StringBuilder kept = new StringBuilder();
        try (Connection connection = new JDBC().connect("jdbc:sqlite:" + ledger, new Properties());
                ResultSet rows = connection.createStatement().executeQuery("SELECT message, answer FROM refund")) {
            while (rows.next()) {
                kept.append(rows.getString(1)).append('\n').append(rows.getString(2)).append('\n');
            }
        }
        return kept.toString();
    }
}
