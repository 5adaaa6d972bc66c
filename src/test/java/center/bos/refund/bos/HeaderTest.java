package center.bos.refund.bos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;

import jakarta.inject.Inject;
import jakarta.inject.Named;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.TextMessage;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import center.bos.refund.ledger.RefundRow;
import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.Header;
import center.bos.refund.testkit.ImpatientBosInTests;
import center.bos.refund.testkit.Post;
import center.bos.refund.testkit.RowSender;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;

/** What leaves for BOS, whatever a sender put into a message. */
@QuarkusTest
@QuarkusTestResource(value = ImpatientBosInTests.class, restrictToAnnotatedClass = true)
class HeaderTest {
    BosServer server;

    @Inject
    RowSender rows;
    @Inject
    @Named("connectionFactory")
    ConnectionFactory broker;

    @BeforeEach
    void settle() {
        rows.settle(server);
    }

    @Test
    void aSendersHeadersNeitherSteerTheCallNorLeaveWithIt() throws Exception {
        RefundRow row = rows.row();
        try (JMSContext jms = broker.createContext()) {
            TextMessage message = jms.createTextMessage(
                    "{\"referenceid\":\"" + row.referenceid() + "\",\"ackno\":\"" + row.ackno() + "\"}");
            for (String name : List.of("CamelHttpUri", "CAMELHTTPURI", "camelhttpuri", "CamelHttpPath",
                    "CamelHttpQuery", "CamelHttpRawQuery", "CamelHttpBaseUri")) {
                message.setStringProperty(name, "http://127.0.0.1:1/elsewhere");
            }
            message.setStringProperty("camelhttpmethod", "DELETE");
            message.setStringProperty("CamelHttpMethod", "GET");
            message.setStringProperty("Authorization", "Bearer stolen");
            message.setStringProperty("Cookie", "a=b");
            message.setStringProperty("Host", "elsewhere");
            message.setStringProperty("X_Customer", "42");
            jms.createProducer().send(jms.createQueue("bos.refund.requests"), message);
        }

        await().atMost(Duration.ofSeconds(20))
                .until(() -> !server.postsFor(row.pair().referenceid(), row.pair().ackno()).isEmpty());

        Post post = server.postsFor(row.pair().referenceid(), row.pair().ackno()).get(0);
        assertThat(post.headers()).extracting(Header::name).extracting(String::toLowerCase).containsOnlyOnce(
                "authorization", "content-type", "accept", "host").isSubsetOf("authorization", "content-type", "accept",
                        "host", "content-length", "connection", "user-agent");
        assertThat(post.header("Authorization")).get().asString().startsWith("Bearer tok-");
        assertThat(post.header("Host")).contains("127.0.0.1:" + server.port());
        assertThat(server.otherRequests()).isEmpty();
    }

    @Test
    void theTokenRequestCarriesTheCredentialsAndNothingElse() {
        assertThat(server.tokens().requests()).isNotEmpty().allSatisfy(request -> assertThat(request.headers())
                .extracting(Header::name).extracting(String::toLowerCase).isSubsetOf("x-client-id", "x-client-secret",
                        "x-cf-signature", "accept", "host", "content-length", "connection", "user-agent",
                        "content-type"));
    }
}
