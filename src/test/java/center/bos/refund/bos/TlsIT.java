// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Results;
import center.bos.refund.testkit.SelfSigned;

/** A file is sent to a server that the node does not trust or that does not trust the node, and again when that is put right. */
class TlsIT {
    private static final int ROWS = 50;
    private static final Duration LONG = Duration.ofSeconds(150);

    @TempDir
    Path folder;

    @Test
    void noRowIsLostToASetUpThatIsPutRight() throws Exception {
        SelfSigned ca = SelfSigned.forLoopback(folder);
        SelfSigned client = SelfSigned.forHost(folder, "client");
        String trust = Files.writeString(folder.resolve("ca.pem"), ca.pem()).toString();
        String key = Files.writeString(folder.resolve("client.pem"), client.pemWithKey()).toString();
        Map<String, String> trusting = Map.of("BOS_TLS_TRUST_STORE", trust);
        Map<String, String> known = Map.of("BOS_TLS_TRUST_STORE", trust, "BOS_TLS_KEY_STORE", key);
        try (BosServer server = BosServer.startTls(ca.contextTrusting(ca), false);
                BosServer asking = BosServer.startTls(ca.contextTrusting(client), true);
                RefundProcess untrusting = send("untrusting", server.baseUrl(), Map.of());
                RefundProcess unknown = send("unknown", asking.baseUrl(), trusting);
                RefundProcess nowhere = send("nowhere", "https://no-such-host.invalid", Map.of())) {
            for (RefundProcess process : new RefundProcess[]{untrusting, unknown, nowhere}) {
                assertThat(process.waitFor(LONG)).isEqualTo(3);
                assertThat(process.stderr()).contains("gave up: ", "nothing is lost");
            }
            assertThat(untrusting.stderr()).contains("gave up: cannot connect: ");
            assertThat(nowhere.stderr()).contains("gave up: cannot connect: ");
            // in TLS 1.3 a server refuses a client after its handshake, and may close before what it says of that is read
            assertThat(unknown.stderr()).containsAnyOf("gave up: cannot connect: ",
                    "gave up: the connection broke while the request was written");
            assertThat(server.postCount() + asking.postCount()).isZero();

            server.tokens().accept("fixed");
            asking.tokens().accept("fixed");
            for (RefundProcess process : new RefundProcess[]{send("untrusting", server.baseUrl(), trusting),
                    send("unknown", asking.baseUrl(), known), send("nowhere", server.baseUrl(), trusting)}) {
                assertThat(process.waitFor(LONG)).as(process.output()).isZero();
            }
            for (String name : new String[]{"untrusting", "unknown", "nowhere"}) {
                assertThat(Results.await(folder.resolve(name + "/data/outbox"), "rows", LONG).summary().success())
                        .isEqualTo(ROWS);
            }
            assertThat(server.postCount()).isEqualTo(2 * ROWS);
            assertThat(asking.postCount()).isEqualTo(ROWS);
        }
    }

    private RefundProcess send(String name, String baseUrl, Map<String, String> settings) throws IOException {
        Path work = Files.createDirectories(folder.resolve(name));
        Path file = CsvFiles.rows(ROWS).from(name.hashCode() & 0xffff).writeTo(work.resolve("rows.csv"));
        RefundProcess.Launch launch = RefundProcess.in(work).archived().env("BOS_BASE_URL", baseUrl).env(
                "BOS_TOKEN_VALUE",
                "fixed");
        settings.forEach(launch::env);
        return launch.start("send", file.toString());
    }
}
