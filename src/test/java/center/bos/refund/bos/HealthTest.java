package center.bos.refund.bos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.concurrent.Future;

import jakarta.inject.Inject;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import center.bos.refund.ledger.RefundRow;
import center.bos.refund.ledger.RowOutcome;
import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.ImpatientBosInTests;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RowSender;
import center.bos.refund.testkit.TokenDesk;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;

@QuarkusTest
@QuarkusTestResource(value = ImpatientBosInTests.class, restrictToAnnotatedClass = true)
class HealthTest {
    BosServer server;

    @Inject
    RowSender rows;
    @Inject
    CallGate gate;
    @TestHTTPResource("/q/health")
    URI health;

    @BeforeEach
    void settle() {
        rows.settle(server);
    }

    @Test
    void isUpWhileBosAnswers() throws Exception {
        assertThat(get("").statusCode()).isEqualTo(200);
        assertThat(get("").body()).contains("\"BOS\"", "\"ledger\"");
    }

    @Test
    void saysWhyNothingIsSentAndNoSecret() throws Exception {
        server.reply(Reply.html(403));
        RefundRow row = rows.row();
        Future<RowOutcome> sent = rows.begin(row);
        await().atMost(Duration.ofSeconds(20)).until(() -> gate.outage().isPresent());

        HttpResponse<String> ready = get("/ready");
        HttpResponse<String> live = get("/live");
        server.reply(Reply.success());
        RowSender.get(sent, Duration.ofSeconds(20));

        assertThat(ready.statusCode()).isEqualTo(503);
        assertThat(ready.body()).contains("paused since", "HTTP 403, not the expected JSON")
                .doesNotContain(TokenDesk.CLIENT_SECRET, row.referenceid(), "tok-");
        assertThat(live.statusCode()).isEqualTo(200);
        assertThat(live.body()).contains("\"flow\"").doesNotContain("paused");
        assertThat(get("/ready").statusCode()).isEqualTo(200);
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(health + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
