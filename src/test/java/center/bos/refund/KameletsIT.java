// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CamelProcess;
import center.bos.refund.testkit.MarkdownBlock;
import center.bos.refund.testkit.Post;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.TokenDesk;

/** The Kamelets in a plain Camel main, by the examples of docs/camel.md, under a caller that redelivers five times. */
@Execution(ExecutionMode.CONCURRENT)
class KameletsIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final List<MarkdownBlock> BLOCKS = MarkdownBlock.of(Path.of("docs/camel.md"));
    private static final String REDELIVERS = """
            - routeConfiguration:
                id: "*"
                errorHandler:
                  deadLetterChannel:
                    deadLetterUri: file:dead
                    redeliveryPolicy: {maximumRedeliveries: 5, redeliveryDelay: "10"}
            """;
    private static final int ALL_DELIVERIES = 6;
    private static final String PASSWORD = "se cr+et&%41#";
    private static final String SETTINGS = String.join("\n", "client.id=" + TokenDesk.CLIENT_ID,
            "client.secret=" + TokenDesk.CLIENT_SECRET, "service.user=erp", "service.password=" + PASSWORD);

    @TempDir
    Path folder;
    private BosServer server;
    private int files;

    @BeforeEach
    void start() {
        server = BosServer.start();
    }

    @AfterEach
    void stop() {
        server.close();
    }

    /** Those routes of the document that name the Kamelet, told where the servers are. */
    private CamelProcess camel(String kamelet) throws IOException {
        String example = BLOCKS.stream().filter(block -> block.language().equals("yaml")).map(MarkdownBlock::text)
                .filter(text -> text.contains("kamelet:" + kamelet)).findFirst().orElseThrow();
        return run(REDELIVERS + example.replace("https://api.bos.center/api/authorize", server.tokenUrl())
                .replace("https://api.bos.center", server.baseUrl())
                .replace("http://127.0.0.1:8080", server.baseUrl()));
    }

    private CamelProcess run(String routes) throws IOException {
        Files.createDirectories(folder.resolve("routes"));
        Files.writeString(folder.resolve("routes/test.camel.yaml"), routes);
        CamelProcess camel = CamelProcess.main(folder, SETTINGS);
        await("started").atMost(SOON).until(() -> {
            assertThat(camel.isAlive()).as(camel::output).isTrue();
            return camel.output().contains("started in");
        });
        return camel;
    }

    private void put(String directory, String name, String text) throws IOException {
        Path there = Files.createDirectories(folder.resolve(directory));
        Files.move(Files.writeString(folder.resolve(name), text), there.resolve(name));
    }

    /** Gives the text to the route and waits for what it leaves under the same name. */
    private String through(CamelProcess camel, String in, String out, String text) throws IOException {
        String name = "file-" + ++files;
        put(in, name, text);
        Path answer = folder.resolve(out).resolve(name);
        await(out).atMost(SOON).until(() -> {
            assertThat(folder.resolve("dead").resolve(name)).as(camel::output).doesNotExist();
            return Files.exists(answer) && Files.size(answer) > 0;
        });
        return Files.readString(answer);
    }

    private JsonNode outcome(CamelProcess camel, int referenceid) throws IOException {
        return JSON
                .readTree(through(camel, "pairs", "answers", "{\"referenceid\":\"" + referenceid + "\",\"ackno\":1}"));
    }

    private void assertOneAnswerOnePost(Map<Reply, String> cases, String kamelet) throws IOException {
        try (CamelProcess camel = camel(kamelet)) {
            int referenceid = 100;
            for (Map.Entry<Reply, String> one : cases.entrySet()) {
                server.reply(one.getKey());
                JsonNode outcome = outcome(camel, ++referenceid);
                assertThat(outcome.path("outcome").asText()).as(one.getKey() + " " + outcome).isEqualTo(one.getValue());
                assertThat(server.postsFor(Integer.toString(referenceid), "1")).as(outcome.toString()).hasSize(1);
            }
            assertThat(camel.output()).doesNotContain(TokenDesk.CLIENT_SECRET, "Bearer ", "\"referenceid\"");
        }
        assertThat(folder.resolve("dead")).doesNotExist();
    }

    @Test
    void theCallIsOnePostWhateverComesBack() throws IOException {
        assertOneAnswerOnePost(Map.of(Reply.success(), "SUCCESS", Reply.code(200, 2), "ERROR", Reply.empty(429),
                "NOT_DONE", Reply.empty(503), "IN_DOUBT", Reply.empty(503).withHeader("Retry-After", "1"), "NOT_DONE",
                Reply.reset(), "IN_DOUBT", Reply.closeWithoutAnswer(), "IN_DOUBT", Reply.code(200, 5), "NOT_DONE",
                Reply.html(403), "NOT_DONE"), "bos-refund-otp-action");
        assertThat(server.tokensAsked()).isEqualTo(1);
    }

    @Test
    void theCallGoesOnOnAnotherConnectionWhereTheServerClosedTheOldOne() throws IOException {
        try (CamelProcess camel = camel("bos-refund-otp-action")) {
            assertThat(outcome(camel, 1).get("outcome").asText()).isEqualTo("SUCCESS");
            server.closeIdleConnections();
            assertThat(outcome(camel, 2).get("outcome").asText()).isEqualTo("SUCCESS");
        }
        assertThat(server.postCount()).isEqualTo(2);
    }

    @Test
    void theCallSaysThatNothingWasSentWhereNobodyListens() throws IOException {
        try (CamelProcess camel = camel("bos-refund-otp-action")) {
            assertThat(outcome(camel, 1).get("outcome").asText()).isEqualTo("SUCCESS");
            server.refuseConnections();
            assertThat(outcome(camel, 2).get("outcome").asText()).isEqualTo("NOT_DONE");
        }
        assertThat(server.postCount()).isEqualTo(1);
    }

    @Test
    void theCallTakesAFreshTokenAfterOneThatWasRefused() throws IOException {
        try (CamelProcess camel = camel("bos-refund-otp-action")) {
            assertThat(outcome(camel, 1).get("outcome").asText()).isEqualTo("SUCCESS");
            server.tokens().revokeAll();
            assertThat(outcome(camel, 2).get("outcome").asText()).isEqualTo("NOT_DONE");
            assertThat(outcome(camel, 2).get("outcome").asText()).isEqualTo("SUCCESS");
        }
        assertThat(server.tokensAsked()).isEqualTo(2);
    }

    @Test
    void aBodyWithoutAPairIsRejectedByBothAndNothingIsSent() throws IOException {
        for (String kamelet : List.of("bos-refund-otp-action", "bos-refund-sink")) {
            try (CamelProcess camel = camel(kamelet)) {
                for (String body : List.of("no json", "[]", "{\"referenceid\":1}",
                        "{\"referenceid\":\"1e5\",\"ackno\":1}")) {
                    assertThat(JSON.readTree(through(camel, "pairs", "answers", body)).get("outcome").asText())
                            .isEqualTo("REJECTED");
                }
            }
        }
        assertThat(server.postCount()).isZero();
    }

    @Test
    void aPlainHttpCallOfThatCallerIsRepeated() throws IOException {
        server.at("/refunds").reply(Reply.empty(500));
        try (CamelProcess camel = run(REDELIVERS + """
                - route:
                    id: plain
                    from:
                      uri: file:pairs
                      steps:
                        - to: {uri: "%s/refunds", parameters: {httpMethod: POST}}
                """.formatted(server.baseUrl()))) {
            put("pairs", "one", "{\"referenceid\":1,\"ackno\":1}");
            await(camel.output()).atMost(SOON).until(() -> Files.exists(folder.resolve("dead/one")));
        }
        assertThat(server.postCount()).isEqualTo(ALL_DELIVERIES);
    }

    @Test
    void theTokenIsAskedForOnceWhateverComesBack() throws IOException {
        try (CamelProcess camel = camel("bos-token-action")) {
            server.tokens().reply(Reply.empty(500));
            assertThat(through(camel, "ask", "asked", "x")).startsWith("the token endpoint");
            assertThat(server.tokensAsked()).isEqualTo(1);

            server.tokens().replyAsUsual();
            await().atMost(SOON).until(() -> through(camel, "ask", "asked", "x").equals("there is a token"));
            assertThat(server.tokensAsked()).isEqualTo(2);
            assertThat(through(camel, "ask", "asked", "x")).isEqualTo("there is a token");
            assertThat(server.tokensAsked()).isEqualTo(2);
            assertThat(camel.output()).doesNotContain(TokenDesk.CLIENT_SECRET);
        }
    }

    @Test
    void aPairIsHandedOverInOnePostWhateverTheServiceAnswers() throws IOException {
        server.at("/refunds");
        assertOneAnswerOnePost(Map.of(Reply.json(200, "{\"outcome\":\"IN_DOUBT\"}"), "IN_DOUBT",
                Reply.json(202, "{\"outcome\":null}"), "ACCEPTED", Reply.empty(429), "NOT_ACCEPTED", Reply.empty(503),
                "NOT_ACCEPTED", Reply.json(401, "{\"title\":\"no\"}"), "NOT_ACCEPTED", Reply.empty(500), "UNKNOWN",
                Reply.reset(), "UNKNOWN", Reply.closeWithoutAnswer(), "UNKNOWN", Reply.html(200), "UNKNOWN"),
                "bos-refund-sink");
        assertThat(server.posts()).allSatisfy(post -> {
            assertThat(post.header("Idempotency-Key")).isPresent();
            assertThat(post.header("Authorization")).contains(RestService.basic("erp", PASSWORD));
            assertThat(post.header("CamelFileName")).isEmpty();
        });
        assertThat(server.posts()).extracting((Post post) -> post.header("Idempotency-Key")).doesNotHaveDuplicates();
    }

    @Test
    void aPairIsHandedOverOnAnotherConnectionWhereTheServiceClosedTheOldOne() throws IOException {
        server.at("/refunds").reply(Reply.json(202, "{}"));
        try (CamelProcess camel = camel("bos-refund-sink")) {
            assertThat(outcome(camel, 1).get("outcome").asText()).isEqualTo("ACCEPTED");
            server.closeIdleConnections();
            assertThat(outcome(camel, 2).get("outcome").asText()).isEqualTo("ACCEPTED");
            server.refuseConnections();
            assertThat(outcome(camel, 3).get("outcome").asText()).isEqualTo("NOT_ACCEPTED");
        }
        assertThat(server.postCount()).isEqualTo(2);
    }

    @Test
    void anOutcomeStaysUntilTheRouteThatReceivesItIsDone() throws IOException {
        Files.createDirectories(folder.resolve("blocked"));
        Files.writeString(folder.resolve("received"), "a file where the folder is to be");
        try (CamelProcess camel = run(BLOCKS.stream().map(MarkdownBlock::text)
                .filter(text -> text.contains("uri: kamelet:bos-refund-outcome-source")).findFirst().orElseThrow())) {
            put("outcomes", "a.json", "{\"outcome\":\"SUCCESS\"}");
            await().atMost(SOON).until(() -> camel.output().contains("a.json"));
            assertThat(folder.resolve("outcomes/a.json")).exists();
            Files.delete(folder.resolve("received"));
            await().atMost(SOON).until(() -> !Files.exists(folder.resolve("outcomes/a.json")));
            assertThat(Files.readString(folder.resolve("received/a.json"))).isEqualTo("{\"outcome\":\"SUCCESS\"}");
        }
    }

    @Test
    void aCallIsReadByItsOwnAnswerWhateverFailedBeforeInTheSameExchange() throws IOException {
        server.at("/refunds").refuseConnections();
        try (CamelProcess camel = run("""
                - route:
                    id: call
                    from:
                      uri: file:pairs
                      steps:
                        - setVariable: {name: pair, expression: {simple: {expression: "${bodyAs(String)}"}}}
                        - setVariable: {name: outcome, expression: {constant: {expression: NOT_DONE}}}
                        - loop:
                            doWhile: true
                            expression: {simple: {expression: "${variable.outcome} == 'NOT_DONE'"}}
                            steps:
                              - setBody: {expression: {variable: {expression: pair}}}
                              - to:
                                  uri: kamelet:bos-refund-otp-action
                                  parameters: {baseUrl: "%s", path: /refunds, token: a-fixed-token}
                              - to: {uri: file:tried}
                              - delay: {expression: {constant: {expression: "500"}}}
                        - to: {uri: file:answers}
                """.formatted(server.baseUrl()))) {
            put("pairs", "one", "{\"referenceid\":1,\"ackno\":1}");
            await().atMost(SOON).until(() -> Files.exists(folder.resolve("tried/one")));
            server.acceptAgain();
            await().atMost(SOON).until(() -> server.postCount() > 1 || Files.exists(folder.resolve("answers/one")));
            assertThat(server.postsFor("1", "1")).as(camel::output).hasSize(1);
            assertThat(Files.readString(folder.resolve("answers/one"))).contains("\"outcome\":\"SUCCESS\"");
        }
    }

    @Test
    void aBodyWithMoreThanOnePairIsRejectedByBothAndNothingIsSent() throws IOException {
        for (String kamelet : List.of("bos-refund-otp-action", "bos-refund-sink")) {
            try (CamelProcess camel = camel(kamelet)) {
                for (String body : List.of(
                        "{\"referenceid\":1,\"ackno\":1}\n{\"referenceid\":2,\"ackno\":2}",
                        "{\"referenceid\":1,\"ackno\":1,\"referenceid\":2}")) {
                    assertThat(JSON.readTree(through(camel, "pairs", "answers", body)).get("outcome").asText())
                            .as(body).isEqualTo("REJECTED");
                }
            }
        }
        assertThat(server.postCount()).isZero();
    }
}
