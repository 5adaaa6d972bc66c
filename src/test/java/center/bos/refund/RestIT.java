// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import com.fasterxml.jackson.databind.JsonNode;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.OwnThread;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.RestService.Answer;

/** What a program gets that calls the REST interface. */
class RestIT {
    private static final AtomicLong IDS = new AtomicLong(5_000_000_000L);
    private static final Duration SOON = Duration.ofSeconds(180);

    @TempDir
    static Path folder;
    private static BosServer bos;
    private static RestService rest;

    @BeforeAll
    static void serve() {
        bos = BosServer.start();
        rest = RestService.start(RefundProcess.in(folder).archived().against(bos).env("REFUND_REST_TIMEOUT", "10s")
                .env("REFUND_REST_LARGEST_BATCH", "1M"), folder);
    }

    @AfterAll
    static void stop() {
        rest.close();
        bos.close();
    }

    @BeforeEach
    void answerSuccess() {
        bos.reply(Reply.success());
    }

    private static String pair(long id) {
        return "{\"referenceid\":\"" + id + "\",\"ackno\":7}";
    }

    private static JsonNode complete(String location) {
        return await().atMost(SOON).pollInterval(Duration.ofMillis(100))
                .until(() -> rest.get(location).json(), batch -> batch.get("state").asText().equals("complete"));
    }

    @Test
    void answersASingleRefundWithItsOutcomeAndARepetitionWithoutACall() {
        long id = IDS.incrementAndGet();

        Answer first = rest.json("/refunds", pair(id));
        Answer second = rest.json("/refunds", pair(id));
        Answer again = rest.json("/refunds?again=true", pair(id));

        assertThat(first.status()).isEqualTo(200);
        assertThat(first.json().get("outcome").asText()).isEqualTo("SUCCESS");
        assertThat(first.json().get("response_code").asText()).isEqualTo("1");
        assertThat(second.json().get("outcome").asText()).isEqualTo("DUPLICATE");
        assertThat(again.json().get("outcome").asText()).isEqualTo("SUCCESS");
        assertThat(bos.postsFor(Long.toString(id), "7")).hasSize(2);
        JsonNode history = rest.get("/refunds/000" + id + "/07").json().get("history");
        assertThat(history.findValuesAsText("state")).containsExactly("SUCCESS", "DUPLICATE", "SUCCESS");
    }

    @Test
    void takesBodiesOverHttp2() throws Exception {
        HttpClient http2 = HttpClient.newBuilder().version(HttpClient.Version.HTTP_2).build();
        for (int rows : List.of(1, 1, 20_000)) {
            String csv = IntStream.range(0, rows).mapToObj(i -> IDS.incrementAndGet() + ",1")
                    .collect(java.util.stream.Collectors.joining("\n", "referenceid,ackno\n", "\n"));
            HttpResponse<String> answer = http2.send(rest.to("/batches").header("Content-Type", "text/csv")
                    .POST(BodyPublishers.ofString(csv)).build(), BodyHandlers.ofString());
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
            assertThat(complete(answer.headers().firstValue("Location").orElseThrow()).get("success").asInt())
                    .isEqualTo(rows);
        }
        assertThat(http2.send(rest.to("/refunds").header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(pair(IDS.incrementAndGet()))).build(), BodyHandlers.ofString())
                .statusCode()).isEqualTo(200);
    }

    @Test
    void answers202AndAPlaceToAskWhenBosIsSlow() {
        long id = IDS.incrementAndGet();
        bos.reply(Reply.success().after(Duration.ofSeconds(14)));

        Answer answer = rest.json("/refunds", pair(id));

        assertThat(answer.status()).isEqualTo(202);
        assertThat(answer.json().get("outcome").isNull()).isTrue();
        await().atMost(SOON).untilAsserted(() -> assertThat(rest.get(answer.header("Location")).json()
                .at("/history/0/state").asText()).isEqualTo("SUCCESS"));
        assertThat(bos.postsFor(Long.toString(id), "7")).hasSize(1);
    }

    @Test
    void aSingleRefundDoesNotWaitBehindABatch() {
        String rows = IntStream.range(0, 4_000).mapToObj(i -> IDS.incrementAndGet() + ",1")
                .collect(java.util.stream.Collectors.joining("\n"));
        bos.reply(Reply.success().after(Duration.ofMillis(200)));

        String batch = rest.post("/batches", "text/csv", "referenceid,ackno\n" + rows).header("Location");
        await().atMost(SOON).until(() -> rest.get(batch).json().get("done").asLong() > 50);
        Answer single = rest.json("/refunds", pair(IDS.incrementAndGet()));

        assertThat(single.status()).isEqualTo(200);
        assertThat(rest.get(batch).json().get("state").asText()).isEqualTo("open");
        bos.reply(Reply.success());
        assertThat(complete(batch).get("success").asLong()).isEqualTo(4_000);
    }

    @Test
    void worksAnUploadedFileLikeOneOfTheInboxAndStreamsTheResults() throws Exception {
        long id = IDS.addAndGet(10);
        bos.reply(post -> post.referenceid().endsWith("0") ? Reply.success() : Reply.code(200, 2));
        long sent = id / 10 * 10;

        Answer accepted = rest.post("/batches", "text/csv; charset=utf-8",
                "referenceid,ackno,note\n" + sent + ",1,ä\n" + (sent + 1) + ",1,b\n" + sent + ",1,c\nx,1,d\n");

        assertThat(accepted.status()).isEqualTo(202);
        JsonNode batch = complete(accepted.header("Location"));
        assertThat(List.of(batch.get("rows"), batch.get("success"), batch.get("error"), batch.get("duplicate"),
                batch.get("rejected")).stream().map(JsonNode::asLong)).containsExactly(4L, 1L, 1L, 1L, 1L);
        Answer success = rest.get(accepted.header("Location") + "/success.csv");
        assertThat(success.type()).isEqualTo("text/csv");
        assertThat(success.http().body()).startsWith("referenceid,ackno,note,line,").contains(sent + ",1,ä,2,SUCCESS");
        assertThat(rest.get(accepted.header("Location") + "/error.csv").http().body().lines()).hasSize(4);
        assertThat(rest.get("/batches?limit=1").json().get("batches")).hasSize(1);
        try (Stream<Path> left = Files.list(rest.data().resolve(".uploads"))) {
            assertThat(left).isEmpty();
        }
    }

    @Test
    void takesAJsonArrayAndSaysEverythingThatIsWrongWithOne() {
        long id = IDS.addAndGet(2);
        Answer good = rest.json("/batches", "[" + pair(id) + "," + pair(id - 1) + "]");
        Answer bad = rest.json("/batches", "[{\"referenceid\":\"1x\"},5,{\"referenceid\":1,\"ackno\":2.5}]");

        String fields = java.util.stream.LongStream.range(0, 50_000).mapToObj(i -> "\"f" + i + "\":1")
                .collect(java.util.stream.Collectors.joining(","));
        Answer wide = rest.json("/batches", "[{" + fields + "}]");

        assertThat(complete(good.header("Location")).get("success").asLong()).isEqualTo(2);
        assertThat(wide.status()).isEqualTo(400);
        assertThat(wide.json().get("violations")).hasSize(100);
        assertThat(bad.status()).isEqualTo(400);
        assertThat(bad.json().get("violations").findValuesAsText("where"))
                .contains("body[0].referenceid", "body[1]", "body[2].ackno");
    }

    @Test
    void anIdempotencyKeySendsOnceHoweverManyComeAtTheSameMoment() throws Exception {
        long id = IDS.incrementAndGet();
        bos.reply(Reply.success().after(Duration.ofMillis(300)));
        CountDownLatch go = new CountDownLatch(1);
        List<CompletableFuture<Answer>> calls = IntStream.range(0, 12)
                .mapToObj(i -> OwnThread.supply(() -> {
                    try {
                        go.await();
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                    return rest.json("/refunds", pair(id), "Idempotency-Key", "order-" + id);
                })).toList();
        go.countDown();

        List<String> bodies = calls.stream().map(CompletableFuture::join).map(answer -> answer.http().body()).distinct()
                .toList();

        assertThat(bodies).singleElement().asString().contains("SUCCESS");
        assertThat(bos.postsFor(Long.toString(id), "7")).hasSize(1);
        assertThat(rest.json("/refunds", pair(id + 1_000_000), "Idempotency-Key", "order-" + id).status())
                .isEqualTo(422);
        assertThat(rest.json("/refunds?again=true", pair(id), "Idempotency-Key", "order-" + id).status())
                .isEqualTo(422);
    }

    @Test
    void anIdempotencyKeyGivesTheSameBatch() {
        String csv = "referenceid,ackno\n" + IDS.incrementAndGet() + ",1\n";
        List<String> ids = Stream.of(csv, csv, csv).parallel()
                .map(body -> rest.post("/batches", "text/csv", body, "Idempotency-Key", "file-" + csv.hashCode()))
                .map(answer -> answer.json().get("batch").asText()).distinct().toList();

        assertThat(ids).hasSize(1);
        assertThat(complete("/batches/" + ids.get(0)).get("success").asLong()).isEqualTo(1);
        assertThat(rest.post("/batches", "text/csv", csv + "9,9\n", "Idempotency-Key", "file-" + csv.hashCode())
                .status()).isEqualTo(422);
        // the same rows, as another request
        assertThat(rest.json("/batches", "[{\"referenceid\":" + IDS.get() + ",\"ackno\":1}]", "Idempotency-Key",
                "file-" + csv.hashCode()).status()).isEqualTo(422);
    }

    @Test
    void whomAnAnonymousCallerNamesIsKeptWithTheBatchAndWithTheDeed() {
        String csv = "referenceid,ackno\n" + IDS.incrementAndGet() + ",1\n";
        Answer named = rest.post("/batches?again=true&by=asha%20k", "text/csv", csv, "Idempotency-Key",
                "by-" + csv.hashCode());
        assertThat(named.json().get("submitted_by").asText()).isEqualTo("asha k");
        assertThat(complete(named.header("Location")).get("submitted_by").asText()).isEqualTo("asha k");
        assertThat(rest.get("/audit").json().at("/deeds/0/what").asText()).isEqualTo("again");
        assertThat(rest.get("/audit").json().at("/deeds/0/by").asText()).isEqualTo("asha k");
        assertThat(rest.post("/batches?again=true&by=ravi", "text/csv", csv, "Idempotency-Key", "by-" + csv.hashCode())
                .status())
                .isEqualTo(422);

        String check = rest.post("/checks", "text/csv", "referenceid,ackno\n" + IDS.incrementAndGet() + ",1\n").json()
                .get("check").asText();
        assertThat(rest.post("/checks/" + check + "/send?by=", "text/csv", "").status()).isEqualTo(400);
        assertThat(rest.post("/checks/" + check + "/send?by=asha", "text/csv", "").json().get("submitted_by").asText())
                .isEqualTo("asha");
        assertThat(rest.json("/refunds?again=true&by=ravi", pair(IDS.incrementAndGet())).status()).isEqualTo(200);
        assertThat(rest.get("/audit").json().at("/deeds/0/by").asText()).isEqualTo("ravi");
        assertThat(rest.json("/refunds?by=%0A", pair(IDS.incrementAndGet())).status()).isEqualTo(400);
    }

    @Test
    void rowsInDoubtAreSentAgainOnAPersonsWordWhichIsRecorded() {
        long id = IDS.addAndGet(2);
        bos.reply(Reply.closeWithoutAnswer());
        String batch = rest.post("/batches", "text/csv", "referenceid,ackno\n" + id + ",1\n" + (id - 1) + ",1\n")
                .header("Location");
        assertThat(complete(batch).get("in_doubt").asLong()).isEqualTo(2);
        bos.reply(Reply.success());

        assertThat(rest.json(batch + "/resend", "{\"lines\":[2,9]}").status()).isEqualTo(422);
        Answer one = rest.json(batch + "/resend", "{\"lines\":[2]}");
        assertThat(one.status()).isEqualTo(202);
        assertThat(complete(batch).get("success").asLong()).isEqualTo(1);
        rest.json(batch + "/resend", "{\"all\":true}");

        JsonNode after = complete(batch);
        assertThat(after.get("success").asLong()).isEqualTo(2);
        assertThat(after.get("resent").findValuesAsText("asked_by")).containsOnly("anonymous");
        assertThat(rest.json(batch + "/resend", "{\"all\":true}").status()).isEqualTo(422);
        assertThat(bos.postsFor(Long.toString(id), "1")).hasSize(2);
    }

    @Test
    void ofManyWhoAskAtTheSameMomentOneOpensTheRows() {
        long id = IDS.addAndGet(2);
        bos.reply(Reply.closeWithoutAnswer());
        String batch = rest.post("/batches", "text/csv", "referenceid,ackno\n" + id + ",1\n" + (id - 1) + ",1\n")
                .header("Location");
        assertThat(complete(batch).get("in_doubt").asLong()).isEqualTo(2);
        bos.reply(Reply.success().after(Duration.ofSeconds(2)));

        List<Integer> statuses = IntStream.range(0, 8)
                .mapToObj(i -> OwnThread.supply(() -> rest.json(batch + "/resend", "{\"lines\":[2,3]}")))
                .toList().stream().map(CompletableFuture::join).map(Answer::status).sorted().toList();
        JsonNode open = rest.get(batch).json();

        assertThat(statuses).startsWith(202, 422).endsWith(422);
        assertThat(open.get("rate").isNull() && open.get("estimated_end").isNull()).isTrue();
        assertThat(complete(batch).get("success").asLong()).isEqualTo(2);
        assertThat(bos.postsFor(Long.toString(id), "1")).hasSize(2);
        assertThat(bos.postsFor(Long.toString(id - 1), "1")).hasSize(2);
    }

    @Test
    void aLineThatIsTooLargeForANumberOpensNoOther() {
        long id = IDS.incrementAndGet();
        bos.reply(Reply.closeWithoutAnswer());
        String batch = rest.post("/batches", "text/csv", "referenceid,ackno\n" + id + ",1\n").header("Location");
        assertThat(complete(batch).get("in_doubt").asLong()).isEqualTo(1);

        assertThat(rest.json(batch + "/resend", "{\"lines\":[18446744073709551618]}").status()).isEqualTo(400);
        assertThat(rest.json(batch + "/resend", "{\"lines\":[2,18446744073709551618]}").status()).isEqualTo(400);
        assertThat(rest.get(batch).json().get("state").asText()).isEqualTo("complete");
    }

    @Test
    void aBatchThatWasRefusedIsNotWaitedFor() throws Exception {
        Files.writeString(rest.data().resolve("inbox").resolve("refused.csv"), "name\nx\n");
        JsonNode refused = await().atMost(SOON)
                .until(() -> rest.get("/batches?state=refused").json().get("batches"), found -> found.size() > 0)
                .get(0);

        Answer answer = rest.json("/batches/" + refused.get("batch").asText() + "/resend", "{\"all\":true}");

        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.json().get("detail").asText()).contains("was refused");
    }

    @Test
    void idsThatAreNoDigitsToTheirEndAreRefusedBeforeTheyAreQueued() {
        for (String id : List.of("127.0", "1e3", "-1", "\"42\\n\"", "\"4 2\"", "1234567890123456789")) {
            Answer ackno = rest.json("/refunds", "{\"referenceid\":991,\"ackno\":" + id + "}");
            Answer referenceid = rest.json("/refunds", "{\"referenceid\":" + id + ",\"ackno\":992}");

            assertThat(List.of(ackno.status(), referenceid.status())).as(id).containsOnly(400);
            assertThat(ackno.json().get("violations").findValuesAsText("where")).containsOnly("body.ackno");
            assertThat(referenceid.json().get("violations").findValuesAsText("where"))
                    .containsOnly("body.referenceid");
        }
        assertThat(rest.get("/refunds/1/1%0A").json().get("violations").findValuesAsText("where"))
                .containsOnly("path.ackno");
        assertThat(bos.posts()).noneMatch(
                post -> post.referenceid().equals("991") || post.ackno().equals("992"));
    }

    @Test
    void saysWhatIsWrongWithJson() {
        assertThat(details("/refunds", "{\"referenceid\":1,\"ackno\":1} x")).contains("has text after the end");
        assertThat(details("/refunds", "{\"referenceid\":1,\"ackno\":1} {}")).contains("has text after the end");
        assertThat(details("/refunds", "{\"referenceid\":1,\"ackno\":1,\"ackno\":2}")).contains("has a field twice");
        assertThat(details("/refunds", "{\"referenceid\":1;}")).contains("is not JSON at line 1, column ");
        assertThat(details("/refunds", "{\"referenceid\":1,\"ackno\":1,\"note\":2}")).contains("not known: note");
        assertThat(details("/refunds?aagain=true", pair(1))).contains("does not take: aagain");
        assertThat(details("/batches", "[" + pair(1) + "] x")).contains("has text after the end");
        assertThat(details("/batches", "[{\"ackno\":1,\"ackno\":2}]")).contains("has a field twice");
        assertThat(details("/batches", "[{\"note\":1}]")).contains("not known: note");
    }

    private static String details(String path, String body) {
        Answer answer = rest.json(path, body);
        assertThat(answer.status()).isEqualTo(400);
        return String.join("\n", answer.json().get("violations").findValuesAsText("detail"));
    }

    @Test
    void aRefusedRequestLeavesNoTraceInTheLog() {
        rest.json("/refunds", "{");
        rest.get("/nothing");
        rest.get("/batches/none");
        rest.post("/batches", "application/xml", "<x/>");

        assertThat(rest.process().output()).doesNotContain("Message History").doesNotContain("Failed delivery");
    }

    @Test
    void aConnectionIsGivenUpOnlyWhereABodyIsLeftOnIt() {
        assertThat(rest.get("/batches").header("Connection")).isEmpty();
        assertThat(rest.get("/batches/none").header("Connection")).isEmpty();
        assertThat(rest.get("/nothing").header("Connection")).isEmpty();
        assertThat(rest.json("/refunds", pair(IDS.incrementAndGet())).header("Connection")).isEmpty();
        assertThat(rest.post("/batches", "application/xml", "<x/>").header("Connection")).isEqualTo("close");
    }

    @Test
    void refusesABodyThatIsTooLargeWithOrWithoutALength() {
        byte[] large = new byte[2 << 20];
        Arrays.fill(large, (byte) '1');

        Answer announced = rest.post("/batches", "text/csv", BodyPublishers.ofByteArray(large));
        // without a length
        Answer streamed = rest.post("/batches", "text/csv",
                BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(large)));

        assertThat(List.of(announced.status(), streamed.status())).containsOnly(413);
        assertThat(announced.type()).isEqualTo("application/problem+json");
    }

    @Test
    void aBodyIsReadAsItSaysOrRefused() {
        String rows = "referenceid,ackno\n" + IDS.incrementAndGet() + ",1\n";
        assertThat(rest.post("/batches", "text/csv", rows, "Content-Encoding", "identity").status()).isEqualTo(202);
        assertThat(rest.post("/batches", "text/csv; charset=\"UTF-8\"", rows).status()).isEqualTo(202);
        for (String charset : List.of("utf-16", "\"iso-8859-1\"", "x")) {
            Answer other = rest.post("/batches", "text/csv;charset=" + charset, rows);
            assertThat(other.status()).isEqualTo(415);
            assertThat(other.json().get("detail").asText()).isEqualTo("send the body as UTF-8");
        }
        assertThat(rest.post("/batches", "text/csv", rows, "Content-Encoding", "gzip").status()).isEqualTo(415);
    }

    @Test
    void aHeadThatCannotBeReadIsAnsweredWithAProblem() throws IOException {
        String end = " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
        String far = "x".repeat(70_000);
        assertRefused("GET /batches?state=" + far + end + "\r\n", "414", "the path with its query is too long");
        assertRefused("GET /batches" + end + "X-Note: " + far + "\r\n\r\n", "431", "the headers are too long");
        assertRefused("GET /batches" + end + "no header\r\n\r\n", "400", "the request cannot be read");
        assertRefused("GET /batches?state=%zz" + end + "\r\n", "400", "the request cannot be read");
        assertRefused("GET /batches/x%" + end + "\r\n", "400", "the request cannot be read");
        // also as the second request of a connection
        assertRefused("GET /batches" + end + "\r\nGET /batches?state=" + far + end + "\r\n", "414",
                "the path with its query is too long");
        assertThat(rest.get("/batches").status()).isEqualTo(200);
    }

    private static void assertRefused(String request, String status, String detail) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), rest.port())) {
            socket.setSoTimeout((int) SOON.toMillis());
            socket.getOutputStream().write(request.getBytes(US_ASCII));
            assertThat(new String(socket.getInputStream().readAllBytes(), US_ASCII)).contains(
                    "HTTP/1.1 " + status + " ", "application/problem+json", "\"status\":" + status, detail);
        }
    }

    @Test
    void saysEveryViolationAtOnce() {
        Answer answer = rest.json("/refunds?again=perhaps&x=1", "{\"referenceid\":\"12a\",\"acno\":1}",
                "Idempotency-Key", "has space");

        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.type()).isEqualTo("application/problem+json");
        assertThat(answer.json().get("violations").findValuesAsText("where")).contains("query.again", "query",
                "header.Idempotency-Key", "body.referenceid", "body");
        assertThat(answer.http().body()).doesNotContain("12a");
    }

    @Test
    void headersAndParametersNamedLikeCamelsOwnChangeNothing() {
        long id = IDS.incrementAndGet();
        Answer answer = rest.json("/refunds", pair(id), "CamelHttpUri", "http://127.0.0.1:1/", "camelhttpresponsecode",
                "500", "CAMELHTTPMETHOD", "DELETE", "CamelJmsDestinationName", "elsewhere", "again", "true", "urgent",
                "false", "Location", "http://evil.example");
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.header("Location")).isEmpty();
        assertThat(bos.postsFor(Long.toString(id), "7")).singleElement()
                .satisfies(post -> assertThat(post.header("CamelHttpUri")).isEmpty());
        assertThat(rest.get("/batches?CamelHttpResponseCode=500").status()).isEqualTo(400);
        assertThat(rest.json("/refunds", pair(id), "again", "true").json().get("outcome").asText())
                .isEqualTo("DUPLICATE");
    }

    @Test
    void pagesOfOtherSitesAreRefusedAndAnswersAreGuarded() {
        String body = pair(IDS.incrementAndGet());
        assertThat(rest.json("/refunds", body, "Origin", "http://evil.example").status()).isEqualTo(403);
        assertThat(rest.json("/refunds", body, "Sec-Fetch-Site", "cross-site").status()).isEqualTo(403);
        Answer answer = rest.get("/batches");
        assertThat(answer.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(answer.header("X-Frame-Options")).isEqualTo("DENY");
        assertThat(answer.header("Cache-Control")).isEqualTo("no-store");
        assertThat(answer.header("Content-Security-Policy")).contains("frame-ancestors 'none'");
        assertThat(answer.header("Access-Control-Allow-Origin")).isEmpty();
    }

    @Test
    void whoHasAnAnswerAlreadyIsToldSo() {
        Answer first = rest.get("/batches?limit=1");
        assertThat(first.header("ETag")).startsWith("W/\"");
        Answer again = rest.get("/batches?limit=1", "If-None-Match", first.header("ETag"));
        assertThat(again.status()).isEqualTo(304);
        assertThat(again.http().body()).isEmpty();
        assertThat(again.header("ETag")).isEqualTo(first.header("ETag"));

        rest.json("/refunds", pair(IDS.incrementAndGet()));
        rest.post("/batches", "text/csv", "referenceid,ackno\n" + IDS.incrementAndGet() + ",1\n");
        assertThat(rest.get("/batches?limit=1", "If-None-Match", first.header("ETag")).status()).isEqualTo(200);
        assertThat(rest.get("/nothing", "If-None-Match", "*").status()).isEqualTo(404);
    }

    @Test
    void whoTakesAnAnswerOfSomeAgeGetsThatOfAnotherUntilSomethingIsDone() {
        String[] young = {"Cache-Control", "max-age=2"};
        String before = rest.get("/service").json().get("as_of").asText();
        assertThat(rest.get("/service", young).json().get("as_of").asText()).isEqualTo(before);
        assertThat(rest.get("/service").json().get("as_of").asText()).isNotEqualTo(before);
        before = rest.get("/service", young).json().get("as_of").asText();
        rest.json("/refunds", pair(IDS.incrementAndGet()));
        assertThat(rest.get("/service", young).json().get("as_of").asText()).isNotEqualTo(before);
    }

    @Test
    void theConsolesFilesAreKeptByBrowsersUntilTheyChange() {
        for (String path : List.of("/", "/console.css", "/console/main.js", "/lib/preact.js", "/icon.svg")) {
            Answer file = rest.get(path);
            assertThat(file.status()).as(path).isEqualTo(200);
            assertThat(file.header("Cache-Control")).isEqualTo("no-cache");
            assertThat(rest.get(path, "If-None-Match", file.header("ETag")).status()).isEqualTo(304);
            assertThat(rest.get(path, "If-None-Match", "\"another\"").status()).isEqualTo(200);
            Answer compressed = rest.get(path, "Accept-Encoding", "br, gzip;q=0.8");
            assertThat(compressed.header("Content-Encoding")).isEqualTo("gzip");
            assertThat(compressed.header("ETag")).isNotEqualTo(file.header("ETag"));
            assertThat(rest.get(path, "Accept-Encoding", "gzip;q=0").header("Content-Encoding")).isEmpty();
        }
        assertThat(rest.get("/console/").status()).isEqualTo(404);
        assertThat(rest.get("/refund-api.js").status()).isEqualTo(404);
    }

    @Test
    void anybodyOfThisMachineMayDoAllWhereNoCallerIsConfigured() {
        assertThat(rest.get("/caller").json()).hasToString("{\"name\":null,\"roles\":[\"submit\",\"view\"]}");
    }

    @Test
    void unknownPathsAndMethodsAreProblems() {
        assertThat(rest.get("/nothing").status()).isEqualTo(404);
        assertThat(rest.get("/batches/none").json().get("detail").asText()).contains("no batch");
        Answer wrong = rest.send(rest.to("/in-doubt/resend").DELETE());
        assertThat(wrong.status()).isEqualTo(405);
        assertThat(wrong.header("Allow")).isEqualTo("POST");
        assertThat(wrong.type()).isEqualTo("application/problem+json");
        assertThat(rest.post("/batches", "application/xml", "<x/>").status()).isEqualTo(415);
        for (String method : List.of("OPTIONS", "PUT", "GE", "P")) {
            Answer other = rest.send(rest.to("/batches").method(method, BodyPublishers.noBody()));
            assertThat(other.status()).as(method).isEqualTo(405);
            assertThat(other.header("Allow").split(", ")).containsExactlyInAnyOrder("GET", "HEAD", "POST");
            assertThat(other.header("Access-Control-Allow-Origin")).isEmpty();
        }
    }

    @Test
    void headAnswersAsGetDoesWithoutTheBody() {
        for (String path : List.of("/batches", "/batches/none")) {
            Answer head = rest.send(rest.to(path).method("HEAD", BodyPublishers.noBody()));
            assertThat(head.status()).isEqualTo(rest.get(path).status());
            assertThat(head.type()).isEqualTo(rest.get(path).type());
            assertThat(head.http().body()).isEmpty();
        }
        assertThat(rest.send(rest.to("/in-doubt/resend").method("HEAD", BodyPublishers.noBody())).status())
                .isEqualTo(405);
    }

    @Test
    void aLineBreakAtTheEndIsBadInput() {
        assertThat(rest.get("/in-doubt?after=1-2-3%0A").status()).isEqualTo(400);
        assertThat(rest.json("/service/pause", "{\"reason\":\"x\\n\",\"by\":\"asha\"}").status()).isEqualTo(400);
    }
}
