package center.bos.refund.bos;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.sql.Connection;
import java.sql.ResultSet;
import java.time.Duration;
import java.util.Base64;
import java.util.Properties;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.sqlite.JDBC;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.Pair;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.TokenDesk;

/** Everything goes wrong while everything is logged. */
class LeakIT {
    @TempDir
    Path folder;

    @Test
    void noSecretTokenOrCustomerIsLoggedOrKeptWithAnAnswer() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair keys = generator.generateKeyPair();
        Path pem = Files.writeString(folder.resolve("key.pem"), "-----BEGIN PUBLIC KEY-----\n"
                + Base64.getMimeEncoder().encodeToString(keys.getPublic().getEncoded())
                + "\n-----END PUBLIC KEY-----\n");
        Path work = Files.createDirectories(folder.resolve("work"));
        Files.writeString(work.resolve("application.properties"), """
                quarkus.log.level=TRACE
                quarkus.log.category."org.apache.hc".level=TRACE
                quarkus.log.category."org.apache.hc.client5.http.wire".level=TRACE
                quarkus.log.category."org.apache.hc.client5.http.headers".level=TRACE
                quarkus.log.category."org.apache.camel".level=TRACE
                quarkus.log.category."org.apache.activemq.artemis".level=TRACE
                quarkus.log.category."center.bos".level=TRACE
                """);
        CsvFiles file = CsvFiles.rows(60);
        try (BosServer server = BosServer.start().reply(LeakIT::everythingGoesWrong)) {
            server.tokens().signedFor(keys.getPrivate());
            try (RefundProcess process = RefundProcess.in(work).against(server)
                    .env("BOS_TOKEN_PUBLIC_KEY", pem.toString()).env("BOS_TIMEOUT_RESPONSE", "1s")
                    .env("REFUND_RETRY_DELAY", "100ms")
                    .start("send", file.writeTo(folder.resolve("leak.csv")).toString())) {
                assertThat(process.waitFor(Duration.ofSeconds(150))).isEqualTo(1);
                String log = Files.readString(work.resolve("data/refund.log"));
                assertThat(log).isNotEmpty();
                for (String text : new String[]{log, process.output()}) {
                    assertThat(text).doesNotContain("tok-").doesNotContain(TokenDesk.CLIENT_SECRET)
                            .doesNotContain(server.tokens().requests().get(0).signature());
                }
                for (Pair pair : file.pairs()) {
                    assertThat(log).doesNotContain(pair.referenceid());
                }
            }
        }
        assertThat(answersKept(work.resolve("data/ledger.db"))).contains("you sent").contains("***")
                .doesNotContain("tok-");
    }

    private static Reply everythingGoesWrong(center.bos.refund.testkit.Post post) {
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
