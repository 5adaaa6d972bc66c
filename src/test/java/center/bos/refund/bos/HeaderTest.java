// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Map;

import jakarta.inject.Inject;
import jakarta.inject.Named;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.TextMessage;

import org.junit.jupiter.api.Test;

import center.bos.refund.model.NewRow;
import center.bos.refund.testkit.BrokerInTests;
import center.bos.refund.testkit.Header;
import center.bos.refund.testkit.ImpatientBosInTests;
import center.bos.refund.testkit.TroubleAtBos;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;

/** What leaves for BOS, whatever a sender put into a message. */
@QuarkusTest
@QuarkusTestResource(value = ImpatientBosInTests.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = BrokerInTests.class, restrictToAnnotatedClass = true)
class HeaderTest extends TroubleAtBos {
    private static final String ELSEWHERE = "http://127.0.0.1:1/elsewhere";

    @Inject
    @Named("connectionFactory")
    ConnectionFactory broker;
    @TestHTTPResource("/refunds")
    URI refunds;

    private static final Map<String, String> HOSTILE = Map.ofEntries(entry("CamelHttpUri", ELSEWHERE),
            entry("CAMELHTTPURI", ELSEWHERE), entry("camelhttpuri", ELSEWHERE), entry("CamelHttpPath", ELSEWHERE),
            entry("CamelHttpQuery", ELSEWHERE), entry("CamelHttpRawQuery", ELSEWHERE),
            entry("CamelHttpBaseUri", ELSEWHERE), entry("CamelRestHttpUri", ELSEWHERE),
            entry("camelhttpmethod", "DELETE"), entry("CamelHttpMethod", "GET"), entry("CamelHttpResponseCode", "200"),
            entry("CamelJmsDestinationName", "elsewhere"), entry("CamelAuthentication", "stolen"),
            entry("Cookie", "a=b"), entry("X_Customer", "42"), entry("Accept", "text/evil"),
            entry("Transfer_Encoding", "chunked"));

    @Test
    void whatASenderOfAMessagePutsInHeadersNeitherSteersTheCallNorLeavesWithIt() throws Exception {
        NewRow row = rows.row();
        try (JMSContext jms = broker.createContext()) {
            TextMessage message = jms.createTextMessage(json(row));
            for (Map.Entry<String, String> header : HOSTILE.entrySet()) {
                message.setStringProperty(header.getKey(), header.getValue());
            }
            message.setStringProperty("Authorization", "Bearer stolen");
            message.setStringProperty("Host", "elsewhere");
            jms.createProducer().send(jms.createQueue("bos.refund.requests"), message);
        }

        await().atMost(SOON).until(() -> !postsFor(row).isEmpty());

        onlyTheAllowedHeadersReachedBos(row);
    }

    @Test
    void whatACallerOfRestPutsInHeadersNeitherSteersTheCallNorLeavesWithIt() throws Exception {
        NewRow row = rows.row();
        HttpRequest.Builder request = HttpRequest.newBuilder(refunds).header("Content-Type", "application/json")
                .header("Forwarded", "host=elsewhere").header("X-Forwarded-Host", "elsewhere")
                .POST(BodyPublishers.ofString(json(row)));
        HOSTILE.forEach(request::header);

        HttpResponse<String> answer = HttpClient.newHttpClient().send(request.build(), BodyHandlers.ofString());

        assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        onlyTheAllowedHeadersReachedBos(row);
    }

    private void onlyTheAllowedHeadersReachedBos(NewRow row) {
        assertThat(postsFor(row)).singleElement().satisfies(post -> {
            assertThat(post.headers()).extracting(Header::name).extracting(String::toLowerCase)
                    .containsOnlyOnce("authorization", "content-type", "accept", "host")
                    .isSubsetOf("authorization", "content-type", "accept", "host", "content-length",
                            "connection");
            assertThat(post.header("Authorization")).get().asString().startsWith("Bearer tok-");
            assertThat(post.header("Accept")).contains("application/json");
            assertThat(post.header("Host")).contains("127.0.0.1:" + server.port());
        });
        assertThat(server.otherRequests()).isEmpty();
    }

    private static String json(NewRow row) {
        return "{\"referenceid\":\"" + row.referenceid() + "\",\"ackno\":\"" + row.ackno() + "\"}";
    }

    @Test
    void theTokenRequestCarriesTheCredentialsAndNothingElse() {
        assertThat(server.tokens().requests()).isNotEmpty().allSatisfy(request -> assertThat(request.headers())
                .extracting(Header::name).extracting(String::toLowerCase).isSubsetOf("x-client-id", "x-client-secret",
                        "x-cf-signature", "accept", "host", "content-length", "connection",
                        "content-type"));
    }
}
