// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

import center.bos.refund.model.NewRow;
import center.bos.refund.model.RowOutcome;
import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.ImpatientBosInTests;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RowSender;
import center.bos.refund.testkit.TokenDesk;
import center.bos.refund.testkit.TroubleAtBos;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;

@QuarkusTest
@QuarkusTestResource(value = ImpatientBosInTests.class, restrictToAnnotatedClass = true)
class HealthTest extends TroubleAtBos {
    @TestHTTPResource("/q/health")
    URI health;

    @Test
    void isUpWhileBosAnswers() throws Exception {
        assertThat(get("").statusCode()).isEqualTo(200);
        assertThat(get("").body()).contains("\"BOS\"", "\"ledger\"", "\"broker\"").containsOnlyOnce("\"flow\"");
    }

    static Stream<Arguments> troubles() {
        Consumer<BosServer> unreachable = BosServer::refuseConnections;
        Consumer<BosServer> failing = server -> server.reply(Reply.html(502));
        Consumer<BosServer> blocking = server -> server.reply(Reply.html(403));
        Consumer<BosServer> refusingTokens = server -> server.reply(Reply.code(401, 18));
        Consumer<BosServer> noTokens = server -> {
            server.tokens().reply(Reply.html(500)).revokeAll();
        };
        return Stream.of(arguments("cannot connect: ", unreachable),
                arguments("HTTP 502, not the expected JSON", failing),
                arguments("HTTP 403, not the expected JSON", blocking),
                arguments("BOS does not accept the token: HTTP 401, response code 18", refusingTokens),
                arguments("the token endpoint's answer is not JSON: HTTP 500", noTokens));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("troubles")
    void saysWhyNothingIsSentAndNoSecret(String reason, Consumer<BosServer> trouble) throws Exception {
        trouble.accept(server);
        List<NewRow> waiting = rows.rows(50);
        List<Future<RowOutcome>> sent = waiting.stream().map(rows::begin).toList();
        awaitPause();

        HttpResponse<String> ready = get("/ready");
        HttpResponse<String> live = get("/live");
        rows.settle(server);
        sent.forEach(row -> RowSender.get(row, SOON));

        assertThat(ready.statusCode()).as("what arrives is accepted, and waits").isEqualTo(200);
        assertThat(ready.body()).contains("paused since", reason).doesNotContain(TokenDesk.CLIENT_SECRET, "tok-")
                .doesNotContain(waiting.stream().map(NewRow::referenceid).toList());
        assertThat(live.statusCode()).isEqualTo(200);
        assertThat(live.body()).contains("\"flow\"").doesNotContain("paused");
        assertThat(get("/ready").statusCode()).isEqualTo(200);
    }

    private HttpResponse<String> get(String path) throws IOException, InterruptedException {
        return HttpClient.newHttpClient().send(HttpRequest.newBuilder(URI.create(health + path)).build(),
                HttpResponse.BodyHandlers.ofString());
    }
}
