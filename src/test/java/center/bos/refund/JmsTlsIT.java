// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.BrokerProcess;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.SelfSigned;

/** A broker that is spoken to over TLS alone. */
@Execution(ExecutionMode.CONCURRENT)
class JmsTlsIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String ARTEMIS = "tcp://127.0.0.1:PORT?sslEnabled=true&trustStoreType=PKCS12&trustStorePath=STORE"
            + "&trustStorePassword=PASSWORD";
    private static final String AMQP = "amqps://127.0.0.1:PORT?transport.trustStoreType=PKCS12"
            + "&transport.trustStoreLocation=STORE&transport.trustStorePassword=PASSWORD";

    @TempDir
    static Path folder;
    private static BosServer bos;
    private static SelfSigned certificate;
    private static BrokerProcess broker;

    @BeforeAll
    static void start() throws Exception {
        bos = BosServer.start();
        certificate = SelfSigned.forLoopback(folder);
        broker = BrokerProcess.startWithTls(folder.resolve("broker"), certificate);
    }

    @AfterAll
    static void stop() {
        broker.close();
        bos.close();
    }

    private static RestService service(String url, SelfSigned trusted) throws Exception {
        Path own = Files.createTempDirectory(folder, "service-");
        return RestService.start(RefundProcess.in(own).archived().against(bos)
                .env("REFUND_BROKER_URL", url.replace("PORT", Integer.toString(broker.port()))
                        .replace("STORE", trusted.keyStore().toString()).replace("PASSWORD", trusted.password()))
                .env("REFUND_BROKER_USER", BrokerProcess.USER).env("REFUND_BROKER_PASSWORD", BrokerProcess.PASSWORD),
                own);
    }

    @ParameterizedTest
    @ValueSource(strings = {ARTEMIS, AMQP})
    void whoTrustsTheBrokersCertificateIsServed(String url) throws Exception {
        try (RestService service = service(url, certificate)) {
            assertThat(service.json("/refunds", "{\"referenceid\":\"41\",\"ackno\":\"1\"}").status()).isEqualTo(200);
            await().atMost(SOON).until(() -> service.get("/q/health/ready").status() == 200);
            await().atMost(SOON).until(() -> service.owed("success") + service.owed("error") == 0);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {ARTEMIS, AMQP})
    void toABrokerWithAnotherCertificateNothingIsSent(String url) throws Exception {
        SelfSigned other = SelfSigned.otherForLoopback(Files.createTempDirectory(folder, "other-"));
        try (RestService service = service(url, other)) {
            assertThat(service.json("/refunds", "{\"referenceid\":\"42\",\"ackno\":\"1\"}").status()).isEqualTo(200);
            await().atMost(SOON).untilAsserted(() -> assertThat(service.get("/q/health/ready").http().body())
                    .contains("\"broker\"").contains("DOWN"));
            assertThat(service.owed("success") + service.owed("error")).isEqualTo(1);
            assertThat(service.process().output()).doesNotContain(BrokerProcess.PASSWORD, other.password());
        }
    }
}
