// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

import org.apache.hc.client5.http.classic.methods.HttpPost;
import org.apache.hc.client5.http.impl.classic.CloseableHttpClient;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.http.io.entity.StringEntity;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import center.bos.refund.config.BosConfig;
import center.bos.refund.model.NotSentException;
import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.SelfSigned;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;

/** Real handshakes of the product's own client. */
class TlsTest {
    @TempDir
    Path folder;

    @Test
    void talksToAServerOfAPrivateCa() throws Exception {
        SelfSigned ca = SelfSigned.forLoopback(folder);
        try (BosServer server = BosServer.startTls(ca.contextTrusting(ca), false)) {
            assertThat(post(server, Map.of("bos.tls.trust-store", pem(ca)))).isEqualTo(401);
            assertThat(post(server, Map.of("bos.tls.trust-store", ca.keyStore().toString(),
                    "bos.tls.trust-store-password", ca.password()))).isEqualTo(401);
        }
    }

    @Test
    void showsItsCertificateToAServerThatAsksForIt() throws Exception {
        SelfSigned ca = SelfSigned.forLoopback(folder);
        SelfSigned client = SelfSigned.forHost(folder, "client");
        try (BosServer server = BosServer.startTls(ca.contextTrusting(client), true)) {
            assertThat(post(server, Map.of("bos.tls.trust-store", pem(ca), "bos.tls.key-store",
                    client.keyStore().toString(), "bos.tls.key-store-password", client.password()))).isEqualTo(401);
        }
    }

    @Test
    void showsACertificateAndKeyInPem() throws Exception {
        SelfSigned ca = SelfSigned.forLoopback(folder);
        SelfSigned client = SelfSigned.forHost(folder, "client");
        Path pem = Files.writeString(folder.resolve("client-key.pem"), client.pemWithKey());
        try (BosServer server = BosServer.startTls(ca.contextTrusting(client), true)) {
            assertThat(post(server, Map.of("bos.tls.trust-store", pem(ca), "bos.tls.key-store", pem.toString())))
                    .isEqualTo(401);
        }
    }

    /** In TLS 1.3 the client learns of it after it took the handshake for done, and wrote the request. */
    @Test
    void aServerThatMissesTheClientsCertificateWasSentNothing() throws Exception {
        SelfSigned ca = SelfSigned.forLoopback(folder);
        SelfSigned client = SelfSigned.forHost(folder, "client");
        Map<String, String> settings = Map.of("bos.tls.trust-store", pem(ca));
        try (BosServer server = BosServer.startTls(ca.contextTrusting(client), true)) {
            for (int i = 0; i < 50; i++) {
                assertThatThrownBy(() -> post(server, settings)).isInstanceOf(NotSentException.class);
            }
            assertThat(server.postCount()).isZero();
        }
    }

    @Test
    void sendsNothingToACaThatItDoesNotKnow() {
        SelfSigned ca = SelfSigned.forLoopback(folder);
        try (BosServer server = BosServer.startTls(ca.contextTrusting(ca), false)) {
            assertThatThrownBy(() -> post(server, Map.of())).isInstanceOf(NotSentException.class)
                    .hasMessageContaining("SSLHandshakeException").hasMessageContaining("certification path");
            assertThat(server.postCount()).isZero();
        }
    }

    @Test
    void sendsNothingToACertificateOfAnotherHost() {
        SelfSigned ca = SelfSigned.forHost(folder, "bos.example");
        try (BosServer server = BosServer.startTls(ca.contextTrusting(ca), false)) {
            assertThatThrownBy(() -> post(server, Map.of("bos.tls.trust-store", pem(ca))))
                    .isInstanceOf(NotSentException.class).hasMessageContaining("127.0.0.1");
            assertThat(server.postCount()).isZero();
        }
    }

    @Test
    void sendsNothingToAServerThatSpeaksNoTls() {
        try (BosServer server = BosServer.start()) {
            String https = server.baseUrl().replace("http:", "https:");
            assertThatThrownBy(() -> post(https, Map.of())).isInstanceOf(NotSentException.class);
            assertThat(server.postCount()).isZero();
        }
    }

    @Test
    void sendsNothingToAServerThatNeverShakesHands() throws Exception {
        try (ServerSocket silent = new ServerSocket(0, 10, InetAddress.getLoopbackAddress())) {
            assertThatThrownBy(() -> post("https://127.0.0.1:" + silent.getLocalPort(), Map.of()))
                    .isInstanceOf(NotSentException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "ISO-8859-2", "UTF-16"})
    void readsCertificatesBelowACommentOfAnyCharset(String charset) throws Exception {
        SelfSigned ca = SelfSigned.forLoopback(folder);
        Path pem = Files.writeString(folder.resolve("commented.pem"), "# F\u0151tan\u00FA\n" + ca.pem(),
                Charset.forName(charset));
        try (BosServer server = BosServer.startTls(ca.contextTrusting(ca), false)) {
            assertThat(post(server, Map.of("bos.tls.trust-store", pem.toString()))).isEqualTo(401);
        }
    }

    @Test
    void saysWhichSettingIsWrong() throws Exception {
        Path empty = Files.writeString(folder.resolve("empty.pem"), "nothing");
        assertThatThrownBy(() -> post("https://127.0.0.1:1", Map.of("bos.tls.trust-store", empty.toString())))
                .hasMessage("bos.tls.trust-store: " + empty + " holds no certificate");
        Path missing = folder.resolve("missing.p12");
        assertThatThrownBy(() -> post("https://127.0.0.1:1", Map.of("bos.tls.key-store", missing.toString())))
                .hasMessage("bos.tls.key-store: " + missing + " cannot be used: " + missing + " does not exist");
    }

    @Test
    void refusesAKeyStoreThatGivesNoKey() throws Exception {
        SelfSigned client = SelfSigned.forHost(folder, "client");
        Path certificate = Path.of(pem(client));
        Path old = Files.writeString(folder.resolve("old.pem"),
                client.pemWithKey().replace("PRIVATE KEY-----", "RSA PRIVATE KEY-----"));

        assertThatThrownBy(() -> post("https://127.0.0.1:1", Map.of("bos.tls.key-store", certificate.toString())))
                .hasMessage("bos.tls.key-store: " + certificate + " holds no private key");
        assertThatThrownBy(() -> post("https://127.0.0.1:1", Map.of("bos.tls.key-store", old.toString())))
                .hasMessageContaining("bos.tls.key-store: " + old).hasMessageContaining("RSA PRIVATE KEY: convert it");
    }

    private static int post(BosServer server, Map<String, String> settings) throws IOException {
        return post(server.baseUrl(), settings);
    }

    private static int post(String baseUrl, Map<String, String> settings) throws IOException {
        Map<String, String> all = new HashMap<>(settings);
        all.put("bos.timeout.connect", "1s");
        all.put("bos.timeout.response", "3s");
        SmallRyeConfig config = new SmallRyeConfigBuilder().addDefaultInterceptors()
                .withMapping(BosConfig.class)
                .withConverter(Duration.class, 200, new io.quarkus.runtime.configuration.DurationConverter())
                .withSources(new PropertiesConfigSource(Path.of("application.properties").toUri().toURL()),
                        new PropertiesConfigSource(all, "test", 500))
                .build();
        BosConfig bos = config.getConfigMapping(BosConfig.class);
        HttpClientBuilder builder = HttpClientBuilder.create()
                .setConnectionManager(new Connections(bos, 1).pool());
        new SingleCallClient(bos).configureHttpClient(builder);
        HttpPost request = new HttpPost(baseUrl + BosServer.REFUND_OTP);
        request.setEntity(new StringEntity("{\"referenceid\":1,\"ackno\":2}"));
        try (CloseableHttpClient client = builder.build()) {
            return client.execute(request, response -> response.getCode());
        }
    }

    private String pem(SelfSigned ca) {
        try {
            return Files.writeString(Files.createTempFile(folder, "ca", ".pem"), ca.pem()).toString();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }
}
