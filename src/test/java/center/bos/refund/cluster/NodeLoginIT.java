// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.time.Duration;
import java.util.Base64;
import java.util.HexFormat;
import java.util.UUID;
import java.util.function.Consumer;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;

import center.bos.refund.testkit.PostgresServer;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.RestService.Answer;

/** What a node may sign for a caller at another node, and all that such a login does not open. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class NodeLoginIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String[] ASHA = {"Authorization", RestService.basic("asha", "correct horse")};
    private static final String PAUSE = "/service/pause";
    private static final String WHY = "{\"reason\":\"asked to\"}";

    @TempDir
    static Path folder;
    private static Cluster cluster;
    private static RestService one;
    private static RestService two;
    /** Of a node that the test is: it has a row in the ledger, and an epoch that runs. */
    private static KeyPair keys;

    @BeforeAll
    static void serve() throws GeneralSecurityException {
        cluster = new Cluster(PostgresServer.Version.NEWEST, folder);
        one = start("one");
        two = start("two");
        keys = keys();
        cluster.update("INSERT INTO node VALUES ('three', 'http://127.0.0.1:1', 'run', '"
                + Base64.getEncoder().encodeToString(keys.getPublic().getEncoded()) + "')");
    }

    private static RestService start(String node) {
        return RestService.start(cluster.node(node).launch()
                .jvmArg("-Dquarkus.security.users.embedded.users.asha=correct horse")
                .jvmArg("-Dquarkus.security.users.embedded.roles.asha=submit,view"), folder.resolve(node));
    }

    @AfterAll
    static void stop() {
        two.close();
        one.close();
        cluster.close();
    }

    private static KeyPair keys() throws GeneralSecurityException {
        return KeyPairGenerator.getInstance("Ed25519").generateKeyPair();
    }

    /** Begins an epoch, which the other nodes end once it sent no heartbeat for a lease. */
    private static void begin(String node) {
        cluster.update("INSERT INTO epoch (number, node, process, alive_at) SELECT 1000000 + max(number), '" + node
                + "', 'test', 0 FROM epoch");
    }

    private static ObjectNode claims(String method, String uri, String body) throws GeneralSecurityException {
        begin("three");
        long now = Long.parseLong(cluster.query("SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint"));
        ObjectNode claims = JSON.createObjectNode().put("from", "three").put("to", cluster.run("one"))
                .put("caller", "meena").put("method", method).put("uri", uri)
                .put("body", HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256")
                        .digest(body.getBytes(StandardCharsets.UTF_8))))
                .put("until", now + 15_000).put("nonce", UUID.randomUUID().toString());
        claims.putArray("roles").add("submit").add("view");
        return claims;
    }

    private static String signed(ObjectNode claims, KeyPair by) throws Exception {
        byte[] bytes = JSON.writeValueAsBytes(claims);
        Signature signature = Signature.getInstance("Ed25519");
        signature.initSign(by.getPrivate());
        signature.update(bytes);
        Base64.Encoder base64 = Base64.getUrlEncoder().withoutPadding();
        return "Refund-Node " + base64.encodeToString(bytes) + "." + base64.encodeToString(signature.sign());
    }

    private static int pause(Consumer<ObjectNode> change) throws Exception {
        ObjectNode claims = claims("POST", PAUSE, WHY);
        change.accept(claims);
        return one.json(PAUSE, WHY, "Authorization", signed(claims, keys)).status();
    }

    private static int deeds() {
        int[] pauses = {0};
        one.get("/audit", ASHA).json().get("deeds")
                .forEach(deed -> pauses[0] += deed.get("what").asText().equals("pause") ? 1 : 0);
        return pauses[0];
    }

    @Test
    void namesTheCallerAndIsGoodOnce() throws Exception {
        int before = deeds();
        String login = signed(claims("POST", PAUSE, WHY), keys);

        Answer first = one.json(PAUSE, WHY, "Authorization", login);
        Answer second = one.json(PAUSE, WHY, "Authorization", login);

        assertThat(first.status()).as(first.http().body()).isEqualTo(200);
        assertThat(first.json().get("verdict").asText()).contains("by meena: asked to");
        assertThat(second.status()).isEqualTo(401);
        assertThat(deeds()).isEqualTo(before + 1);
        assertThat(one.json("/service/resume", "{}", ASHA).status()).isEqualTo(200);
        assertThat(one.process().output()).contains("A login failed").doesNotContain(login.substring(12, 60));
    }

    @Test
    void opensNothingButWhatWasSigned() throws Exception {
        int before = deeds();
        assertThat(pause(claims -> claims.put("uri", "/service/pause?node=one"))).isEqualTo(401);
        assertThat(pause(claims -> claims.put("method", "GET"))).isEqualTo(401);
        assertThat(pause(claims -> claims.put("body", "0".repeat(64)))).isEqualTo(403);
        assertThat(pause(claims -> claims.put("to", cluster.run("three")))).isEqualTo(401);
        assertThat(pause(claims -> claims.put("until", claims.get("until").asLong() - 15_001))).isEqualTo(401);
        assertThat(pause(claims -> claims.put("until", claims.get("until").asLong() + 60_000))).isEqualTo(401);
        assertThat(pause(claims -> claims.put("caller", ""))).isEqualTo(401);
        assertThat(pause(claims -> claims.remove("nonce"))).isEqualTo(401);
        assertThat(pause(claims -> claims.putArray("roles").add("view"))).isEqualTo(403);
        assertThat(pause(claims -> claims.put("from", "one"))).isEqualTo(401);
        assertThat(pause(claims -> claims.put("from", "nobody"))).isEqualTo(401);
        assertThat(one.json(PAUSE, WHY, "Authorization", signed(claims("POST", PAUSE, WHY), keys())).status())
                .isEqualTo(401);
        String good = signed(claims("POST", PAUSE, WHY), keys);
        for (String forged : new String[]{"Refund-Node", "Refund-Node ", "Refund-Node x.y", "Refund-Node .",
                good.substring(0, good.indexOf('.') + 1), good.replaceFirst("\\.", ".A"),
                "Refund-Node " + Base64.getUrlEncoder().encodeToString("{}".getBytes(StandardCharsets.UTF_8)) + ".x"}) {
            assertThat(one.json(PAUSE, WHY, "Authorization", forged).status()).as(forged).isEqualTo(401);
        }
        assertThat(deeds()).isEqualTo(before);
    }

    @Test
    void takesNoUpload() throws Exception {
        String csv = "referenceid,ackno\n1,1\n";
        for (String path : new String[]{"/batches", "/checks"}) {
            assertThat(one.post(path, "text/csv", csv, "Authorization", signed(claims("POST", path, csv), keys))
                    .status()).isEqualTo(403);
        }
        assertThat(one.get("/batches", ASHA).json().get("batches")).isEmpty();
    }

    @Test
    @Order(Integer.MAX_VALUE) // it ends the second
    void endsWithTheRunOfTheNodeThatSigned() throws Exception {
        String run = cluster.run("two");
        assertThat(two.get("/service?node=one", ASHA).json().get("node").asText()).isEqualTo("one");
        two.process().terminate();
        assertThat(two.process().waitFor(SOON)).isZero();
        KeyPair own = keys();
        cluster.update("UPDATE node SET public_key = '"
                + Base64.getEncoder().encodeToString(own.getPublic().getEncoded()) + "' WHERE name = 'two'");
        ObjectNode claims = claims("GET", "/service", "").put("from", "two");
        assertThat(one.get("/service", "Authorization", signed(claims, own)).status()).isEqualTo(401);
        begin("two");
        assertThat(one.get("/service", "Authorization", signed(claims, own)).status()).isEqualTo(200);
        cluster.update("UPDATE epoch SET ended_at = 1 WHERE node = 'two'");
        assertThat(cluster.run("two")).isEqualTo(run);
    }

    @Test
    void goesNoFurtherThanTheNodeThatItWasSignedFor() throws Exception {
        String uri = "/service?node=three";
        Answer answer = one.get(uri, "Authorization", signed(claims("GET", uri, ""), keys));
        assertThat(answer.status()).isEqualTo(503);
        assertThat(answer.json().get("detail").asText()).contains("this is node one", "at node three",
                "refund.node-url");
    }

    @Test
    void aNodeThatIsReachedUnderAWrongUrlIsNotTakenForAnother() {
        try {
            cluster.update("UPDATE node SET url = 'http://127.0.0.1:" + two.port() + "' WHERE name = 'one'");
            Answer answer = two.json("/service/pause?node=one", WHY, ASHA);
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.json().get("detail").asText())
                    .contains("at node one, which takes no request from node two");
            assertThat(two.process().output()).contains("is its refund.node-url right");
            assertThat(two.get("/service", ASHA).json().get("calling").asBoolean()).isTrue();
        } finally {
            cluster.update("UPDATE node SET url = 'http://127.0.0.1:" + one.port() + "' WHERE name = 'one'");
        }
    }
}
