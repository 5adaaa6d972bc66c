// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.RestService.Answer;

/** Who may call, and who may not. */
class RestAccessIT {
    private static final String ALICE = RestService.basic("alice", "correct horse");
    private static final String READER = RestService.basic("reader", "only-reads");
    private static final String SENDER = RestService.basic("sender", "only-sends");
    private static final String PAIR = "{\"referenceid\":777000111,\"ackno\":1}";

    @TempDir
    static Path folder;
    private static BosServer bos;
    private static RestService rest;
    /** Of the pass phrase of users whose names are the three names of the algorithm. */
    private static String hash;

    @BeforeAll
    static void serve() {
        bos = BosServer.start();
        hash = hash("a long pass phrase");
        RefundProcess.Launch launch = RefundProcess.in(folder).archived().against(bos);
        for (String algorithm : List.of("2a", "2y", "2b")) {
            launch.jvmArg("-Dquarkus.security.users.embedded.users." + algorithm + "=$" + algorithm + hash.substring(3))
                    .jvmArg("-Dquarkus.security.users.embedded.roles." + algorithm + "=view");
        }
        rest = RestService.start(launch
                .jvmArg("-Dquarkus.security.users.embedded.users.alice=correct horse")
                .jvmArg("-Dquarkus.security.users.embedded.roles.alice=submit,view")
                .jvmArg("-Dquarkus.security.users.embedded.users.reader=only-reads")
                .jvmArg("-Dquarkus.security.users.embedded.roles.reader=view")
                .jvmArg("-Dquarkus.security.users.embedded.users.sender=only-sends")
                .jvmArg("-Dquarkus.security.users.embedded.roles.sender=submit"), folder);
    }

    @AfterAll
    static void stop() {
        rest.close();
        bos.close();
    }

    @Test
    void nothingIsServedWithoutALogin() {
        for (String path : List.of("/batches", "/refunds/1/1", "/", "/index.html", "/anything", "/q/health",
                "/q/dev")) {
            Answer answer = rest.get(path);
            assertThat(answer.status()).as(path).isEqualTo(401);
            assertThat(answer.type()).isEqualTo("application/problem+json");
            assertThat(answer.header("WWW-Authenticate")).startsWith("Basic");
        }
        assertThat(rest.json("/refunds", PAIR).status()).isEqualTo(401);
        assertThat(rest.send(rest.to("/refunds").method("OPTIONS", java.net.http.HttpRequest.BodyPublishers.noBody()))
                .status()).isEqualTo(401);
        assertThat(rest.process().output()).doesNotContain("DoDenyException");
    }

    @Test
    void eachRoleDoesItsOwn() {
        assertThat(rest.get("/batches", "Authorization", READER).status()).isEqualTo(200);
        assertThat(rest.json("/refunds", PAIR, "Authorization", READER).status()).isEqualTo(403);
        assertThat(rest.json("/batches/x/resend", "{\"all\":true}", "Authorization", READER).status()).isEqualTo(403);
        assertThat(rest.json("/refunds", PAIR, "Authorization", SENDER).status()).isEqualTo(200);
        assertThat(rest.get("/batches", "Authorization", SENDER).status()).isEqualTo(403);
        assertThat(rest.json("/refunds", PAIR, "Authorization", ALICE).json().get("outcome").asText())
                .isEqualTo("DUPLICATE");
        assertThat(rest.get("/batches", "Authorization", ALICE).status()).isEqualTo(200);
    }

    @Test
    void tellsWhoAsksAndWhatTheyMayDo() {
        assertThat(rest.get("/caller", "Authorization", ALICE).json())
                .hasToString("{\"name\":\"alice\",\"roles\":[\"submit\",\"view\"]}");
        assertThat(rest.get("/caller", "Authorization", READER).json())
                .hasToString("{\"name\":\"reader\",\"roles\":[\"view\"]}");
        assertThat(rest.get("/", "Authorization", READER).header("Content-Type")).isEqualTo("text/html; charset=utf-8");
    }

    @Test
    void whoLogsInSubmitsUnderThatNameAlone() {
        String csv = "referenceid,ackno\n777000112,1\n";
        Answer other = rest.post("/batches?by=bob", "text/csv", csv, "Authorization", ALICE);
        assertThat(other.status()).isEqualTo(422);
        assertThat(other.json().get("detail").asText()).isEqualTo("you are logged in as alice: leave by out");
        assertThat(rest.json("/refunds?by=bob", PAIR, "Authorization", ALICE).status()).isEqualTo(422);
        assertThat(rest.post("/batches", "text/csv", csv, "Authorization", ALICE).json().get("submitted_by").asText())
                .isEqualTo("alice");
    }

    @Test
    void aFailedLoginIsLoggedWithoutThePassword() {
        assertThat(rest.get("/batches", "Authorization", RestService.basic("alice", "s3cret-guess")).status())
                .isEqualTo(401);
        assertThat(rest.get("/batches", "Authorization", RestService.basic("nobody", "")).status()).isEqualTo(401);
        assertThat(rest.get("/batches", "Authorization", "Basic %%%").status()).isEqualTo(401);
        assertThat(rest.process().output()).contains("A login failed: user alice from 127.0.0.1")
                .doesNotContain("s3cret-guess").doesNotContain("correct horse");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/batches;x=1", "/batches%2F", "//batches", "/BATCHES", "/./batches", "/x/../batches",
            "/x/%2e%2e/batches", "/q/health/live/../../../batches", "/q/health/live/%2e%2e/%2e%2e/%2e%2e/batches",
            "/q/health/live;/batches", "/q/health/live%2f..%2f..%2f..%2fbatches", "/simulator/api/BOS/RefundOTP",
            "/simulator/../batches", "\\batches", "/batches%00", "/%62atches", "/batches?/q/health/live",
            "/q/health/live/"})
    void noSpellingOfAPathGetsPastTheLogin(String path) throws Exception {
        assertThat(raw("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"))
                .matches(answer -> answer.startsWith("HTTP/1.1 401 ") || answer.startsWith("HTTP/1.1 400 "));
        assertThat(raw("POST " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\nX-HTTP-Method-Override: GET\r\n"
                + "Content-Length: 0\r\nConnection: close\r\n\r\n"))
                .matches(answer -> answer.startsWith("HTTP/1.1 401 ") || answer.startsWith("HTTP/1.1 400 "));
    }

    @Test
    void anUploadWithoutALoginIsNotRead() throws Exception {
        assertThat(raw("POST /batches HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/csv\r\n"
                + "Content-Length: 100000000\r\n\r\nreferenceid")).startsWith("HTTP/1.1 401 ");
    }

    private static String raw(String request) throws Exception {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), rest.port())) {
            socket.setSoTimeout(20_000);
            OutputStream out = socket.getOutputStream();
            out.write(request.getBytes(StandardCharsets.ISO_8859_1));
            out.flush();
            InputStream in = socket.getInputStream();
            return new String(in.readNBytes(64), StandardCharsets.ISO_8859_1);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"2a", "2y", "2b"})
    void passwordsMayBeKeptAsBcryptHashes(String algorithm) {
        assertThat(hash).startsWith("$2a$");
        String right = RestService.basic(algorithm, "a long pass phrase");
        for (int time = 0; time < 2; time++) {
            for (String wrong : List.of("$" + algorithm + hash.substring(3), "a long pass phrasE", "")) {
                assertThat(rest.get("/batches", "Authorization", RestService.basic(algorithm, wrong)).status())
                        .isEqualTo(401);
                assertThat(rest.get("/batches", "Authorization", RestService.basic("bob", wrong)).status())
                        .isEqualTo(401);
            }
            assertThat(rest.get("/batches", "Authorization", right).status()).isEqualTo(200);
            assertThat(rest.json("/refunds", PAIR, "Authorization", right).status()).isEqualTo(403);
        }
    }

    /** What the command prints. */
    private static String hash(String password) {
        try (RefundProcess process = RefundProcess.in(folder).archived().start("hash")) {
            process.type(password);
            assertThat(process.waitFor(Duration.ofSeconds(60))).isZero();
            return process.stdout().strip();
        }
    }

    @Test
    void refusesToStartWithAFastHash(@TempDir Path other) throws Exception {
        String hash = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256")
                .digest("alice:Quarkus:a long pass phrase".getBytes(StandardCharsets.UTF_8)));
        try (RefundProcess process = RefundProcess.in(other).archived().against(bos)
                .env("REFUND_HTTP_PORT", Integer.toString(RestService.freePort()))
                .jvmArg("-Dquarkus.security.users.embedded.plain-text=false")
                .jvmArg("-Dquarkus.security.users.embedded.algorithm=digest-sha-256")
                .jvmArg("-Dquarkus.security.users.embedded.users.alice=" + hash)
                .jvmArg("-Dquarkus.security.users.embedded.roles.alice=view").start("serve")) {
            assertThat(process.waitFor(Duration.ofSeconds(60))).isEqualTo(2);
            assertThat(process.output())
                    .contains("quarkus.security.users.embedded.users.alice is not a bcrypt hash", "hash prints")
                    .doesNotContain(hash);
        }
    }

    @Test
    void refusesToStartWithTheExamplesEmptyPassword(@TempDir Path other) throws IOException {
        Files.copy(Path.of("deploy/application.properties.example"), other.resolve("application.properties"));
        try (RefundProcess process = RefundProcess.in(other).archived().against(bos).env("REFUND_LEDGER_PASSWORD", "x")
                .env("REFUND_HTTP_PORT", Integer.toString(RestService.freePort())).start("serve")) {
            assertThat(process.waitFor(Duration.ofSeconds(60))).as(process.output()).isEqualTo(2);
            assertThat(process.output().lines()).singleElement().asString()
                    .startsWith("refund: quarkus.security.users.embedded.users.erp is empty: ");
        }
    }

    @Test
    void refusesToStartForTheNetworkWithoutACaller(@TempDir Path other) {
        try (RefundProcess process = RefundProcess.in(other).archived().against(bos).env("REFUND_HTTP_HOST", "0.0.0.0")
                .env("REFUND_HTTP_PORT", Integer.toString(RestService.freePort())).start("serve")) {
            assertThat(process.waitFor(Duration.ofSeconds(60))).isEqualTo(2);
            assertThat(process.output()).contains("no caller is configured")
                    .contains("quarkus.security.users.embedded");
        }
    }

    @Test
    void withoutACallerOnlyThisMachineByItsOwnNameIsServed(@TempDir Path other) throws Exception {
        try (RestService open = RestService.start(RefundProcess.in(other).archived().against(bos), other)) {
            assertThat(open.get("/batches").status()).isEqualTo(200);
            assertThat(open.process().output()).contains("No caller is configured");
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), open.port())) {
                socket.getOutputStream()
                        .write("GET /batches HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n"
                                .getBytes(StandardCharsets.US_ASCII));
                assertThat(new String(socket.getInputStream().readNBytes(20), StandardCharsets.US_ASCII))
                        .startsWith("HTTP/1.1 403 ");
            }
        }
    }
}
