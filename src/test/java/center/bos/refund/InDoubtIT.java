// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import com.fasterxml.jackson.databind.JsonNode;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.OwnThread;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.RestService.Answer;
import center.bos.refund.testkit.RestServiceExtension;

/** A person sees all that is in doubt in one list, sends it again from there, and tells a customer what happened. */
class InDoubtIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final AtomicInteger NEXT = new AtomicInteger(1_000);

    @RegisterExtension
    static final RestServiceExtension service = RestServiceExtension
            .with(launch -> launch.env("REFUND_CONCURRENCY", "1")
                    .env("REFUND_HOURS", "00:00-24:00 Asia/Kolkata"));
    private BosServer bos;
    private RestService rest;

    private Answer resend(String body, String... headers) {
        return rest.json("/in-doubt/resend", body, headers);
    }

    private JsonNode inDoubt(String query) {
        return rest.get("/in-doubt" + query).json();
    }

    /** A batch of two rows and a single refund, in doubt for two reasons. */
    private record Doubted(String batch, String first, String second, String single) {
        String key() {
            return "key-" + first;
        }
    }

    private Doubted threeInDoubt() {
        String first = Integer.toString(NEXT.getAndIncrement());
        String second = Integer.toString(NEXT.getAndIncrement());
        String single = Integer.toString(NEXT.getAndIncrement());
        bos.reply(Reply.html(500));
        String batch = rest.post("/batches", "text/csv", "referenceid,ackno\n" + first + ",1\n" + second + ",1\n")
                .header("Location");
        service.complete(batch);
        bos.reply(Reply.closeWithoutAnswer());
        assertThat(rest.json("/refunds", "{\"referenceid\":" + single + ",\"ackno\":1}").json().get("outcome").asText())
                .isEqualTo("IN_DOUBT");
        bos.reply(Reply.success());
        return new Doubted(batch, first, second, single);
    }

    @AfterEach
    void leaveNoneInDoubt() {
        bos.reply(Reply.success());
        resend("{\"all\":true,\"reason\":\"the next test\",\"by\":\"asha\"}");
        await().atMost(SOON).until(() -> inDoubt("").get("total").asInt() == 0);
    }

    @Test
    void theListIsPagedAndSaysWhyAndHowOld() {
        Doubted three = threeInDoubt();

        JsonNode all = inDoubt("");
        assertThat(all.get("total").asInt()).isEqualTo(3);
        assertThat(all.get("rows").findValuesAsText("referenceid")).containsExactly(three.first(), three.second(),
                three.single());
        assertThat(all.get("rows").findValuesAsText("source")).containsExactly("FILE", "FILE", "REST");
        assertThat(all.at("/rows/0/age_seconds").asLong()).isBetween(0L, 120L);
        assertThat(all.get("next").isNull()).isTrue();
        String reason = all.at("/rows/0/message").asText();
        assertThat(reason).isEqualTo("HTTP 500, not the expected JSON");
        assertThat(all.at("/rows/0/http_status").asInt()).isEqualTo(500);
        assertThat(all.get("reasons").findValuesAsText("message")).hasSize(2).startsWith(reason);

        JsonNode first = inDoubt("?limit=2");
        assertThat(first.get("rows")).hasSize(2);
        JsonNode second = rest.get(first.get("next").asText()).json();
        assertThat(second.get("rows").findValuesAsText("referenceid")).containsExactly(three.single());
        assertThat(second.get("next").isNull()).isTrue();
        assertThat(rest.send(rest.to("/in-doubt?message=" + java.net.URLEncoder.encode(reason,
                java.nio.charset.StandardCharsets.UTF_8)).GET()).json().get("rows")).hasSize(2);
        assertThat(rest.get("/in-doubt?after=x").status()).isEqualTo(400);
    }

    @Test
    void rowsOfABatchAreSentAgainOnceHoweverOftenThatIsAskedForUnderItsKey() {
        Doubted three = threeInDoubt();
        String batch = three.batch();
        bos.reply(Reply.html(500)); // in doubt once more
        String body = "{\"all\":true,\"reason\":\"BOS says no\",\"by\":\"asha\"}";
        int before = bos.posts().size();

        Answer first = rest.json(batch + "/resend", body, "Idempotency-Key", three.key());
        service.complete(batch);
        Answer again = rest.json(batch + "/resend", body, "Idempotency-Key", three.key());

        assertThat(first.status()).isEqualTo(202);
        assertThat(again.status()).isEqualTo(202);
        assertThat(again.json()).isEqualTo(first.json());
        assertThat(first.json().get("rows").asInt()).isEqualTo(2);
        service.complete(batch);
        assertThat(bos.posts().size() - before).isEqualTo(2);
        assertThat(rest.json(batch + "/resend", body.replace("no", "nothing"), "Idempotency-Key", three.key()).status())
                .isEqualTo(422);
    }

    @Test
    void whatIsSentAgainCountsOnceHoweverOftenItIsAskedForUnderItsKey() throws Exception {
        Doubted three = threeInDoubt();
        String batch = three.batch();
        String reason = inDoubt("").at("/rows/0/message").asText();
        String body = "{\"message\":\"" + reason + "\",\"reason\":\"BOS says no\",\"by\":\"asha\"}";

        List<Answer> answers = IntStream.range(0, 4)
                .mapToObj(i -> OwnThread.supply(() -> resend(body, "Idempotency-Key", three.key())))
                .toList()
                .stream().map(CompletableFuture::join).toList();

        assertThat(answers).extracting(Answer::status).containsOnly(202);
        assertThat(service.complete(batch).get("success").asInt()).isEqualTo(2);
        assertThat(resend(body, "Idempotency-Key", three.key()).json().get("rows").asInt()).isEqualTo(2);
        assertThat(resend("{\"all\":true,\"reason\":\"x\"}", "Idempotency-Key", three.key()).status()).isEqualTo(422);
        assertThat(bos.postsFor(three.first(), "1")).hasSize(2);
        assertThat(bos.postsFor(three.second(), "1")).hasSize(2);
        assertThat(bos.postsFor(three.single(), "1")).hasSize(1);
        assertThat(Files.readString(rest.data().resolve("outbox")
                .resolve(rest.get(batch).json().get("batch").asText()).resolve("success.csv")))
                .contains(three.first(), three.second());

        JsonNode left = resend("{\"all\":true,\"reason\":\"BOS says no\",\"by\":\"ravi\"}").json();
        assertThat(left.get("rows").asInt()).isEqualTo(1);
        await().atMost(SOON).until(() -> bos.postsFor(three.single(), "1").size() == 2);
        await().atMost(SOON).until(() -> inDoubt("").get("total").asInt() == 0);
        JsonNode history = rest.get("/refunds/" + three.single() + "/1").json().get("history");
        assertThat(history).hasSize(1);
        assertThat(history.at("/0/resent/0/asked_by").asText()).isEqualTo("ravi");
        assertThat(history.at("/0/resent/0/reason").asText()).isEqualTo("BOS says no");
    }

    @Test
    void noMoreRowsAreSentAgainThanWereAgreedTo() {
        Doubted three = threeInDoubt();
        String batch = three.batch();
        String id = rest.get(batch).json().get("batch").asText();
        String one = "{\"all\":true,\"batch\":\"" + id + "\",\"at_most\":1,\"reason\":\"BOS says no\"}";

        for (int i = 0; i < 3; i++) {
            JsonNode said = resend(one, "Idempotency-Key", three.key()).json();
            assertThat(said.get("rows").asInt()).isEqualTo(1);
            service.complete(batch);
        }
        assertThat(inDoubt("").get("rows").findValuesAsText("referenceid")).containsExactly(three.second(),
                three.single());

        JsonNode others = resend("{\"all\":true,\"batch\":\"" + id + "\",\"at_most\":9,\"reason\":\"BOS says no\"}")
                .json();
        assertThat(others.get("rows").asInt()).isEqualTo(1);
        assertThat(others.get("more").asBoolean()).isFalse();
        service.complete(batch);
        assertThat(inDoubt("").get("rows").findValuesAsText("referenceid")).containsExactly(three.single());
    }

    @Test
    void namedRowsThatAreNotInDoubtArePassedOverAndAWrongRequestSendsNothing() {
        Doubted three = threeInDoubt();
        int before = bos.posts().size();
        String single = inDoubt("").at("/rows/2/batch").asText();

        for (String wrong : List.of("{}", "{\"all\":true}", "{\"reason\":\"x\"}", "{\"rows\":[],\"reason\":\"x\"}",
                "{\"all\":true,\"message\":\"x\",\"reason\":\"x\"}",
                "{\"rows\":[{\"batch\":\"x\"}],\"reason\":\"x\"}",
                "{\"rows\":[{\"batch\":\"x\",\"line\":1}],\"at_most\":1,\"reason\":\"x\"}")) {
            Answer answer = resend(wrong);
            assertThat(answer.status()).as(wrong).isEqualTo(400);
            assertThat(answer.json().get("violations")).as(wrong).isNotEmpty();
        }
        JsonNode said = resend("{\"rows\":[{\"batch\":\"" + single + "\",\"line\":1},{\"batch\":\"none\",\"line\":9}],"
                + "\"reason\":\"BOS says no\",\"by\":\"asha\"}").json();

        assertThat(said.get("rows").asInt()).isEqualTo(1);
        assertThat(said.get("skipped").asInt()).isEqualTo(1);
        assertThat(said.at("/why/0/batch").asText()).isEqualTo("none");
        await().atMost(SOON).until(() -> bos.postsFor(three.single(), "1").size() == 2);
        assertThat(bos.posts()).hasSize(before + 1);
    }

    @Test
    void whoDoesNotSayWhichRowsOrSaysItTwiceIsToldToSayItOnce() {
        for (String choice : List.of("{\"reason\":\"x\"}", "{\"all\":true,\"message\":\"x\",\"reason\":\"x\"}")) {
            assertThat(resend(choice).json().get("violations").findValuesAsText("detail")).as(choice)
                    .containsExactly("must hold exactly one of rows, message, all, and only what goes with it");
        }
        assertThat(resend("{\"rows\":[{\"batch\":\"x\",\"line\":1}],\"at_most\":1,\"reason\":\"x\"}").json()
                .get("violations").findValuesAsText("detail")).contains("does not go with the other fields");
        assertThat(rest.json("/batches/x/resend", "{\"all\":true,\"lines\":[1]}").json().get("violations")
                .findValuesAsText("detail"))
                .containsExactly("must hold exactly one of lines, all, and only what goes with it");
    }

    @Test
    void aCustomerWhoComplainsIsToldInOneSentence() {
        Doubted three = threeInDoubt();
        String batch = three.batch();
        rest.json(batch + "/resend", "{\"lines\":[2],\"reason\":\"BOS says no\",\"by\":\"asha\"}");
        service.complete(batch);

        JsonNode told = rest.get("/refunds?referenceid=000" + three.first()).json();
        assertThat(told.get("sentence").asText()).matches("Ackno 1: asked \\d+ \\w+ \\d+ \\d\\d:\\d\\d, nobody knows"
                + " whether BOS sent it; again by asha [\\w ]*\\d\\d:\\d\\d, BOS said sent\\."
                + " \\(Times of Asia/Kolkata\\)");
        assertThat(
                rest.get("/refunds?zone=Pacific/Chatham&referenceid=" + three.first()).json().get("sentence").asText())
                .endsWith("(Times of Pacific/Chatham)");
        assertThat(rest.get("/refunds?zone=Atlantis&referenceid=" + three.first()).json().at("/violations/0/where")
                .asText())
                .isEqualTo("query.zone");
        assertThat(told.at("/history/0/ackno").asText()).isEqualTo("1");
        assertThat(rest.get("/refunds?referenceid=9").status()).isEqualTo(404);
        assertThat(rest.get("/refunds").json().at("/violations/0/where").asText()).isEqualTo("query.referenceid");
        assertThat(rest.get("/refunds?referenceid=x").status()).isEqualTo(400);
    }

    @Test
    void theCommandAsksTheServiceThatRuns() {
        Doubted three = threeInDoubt();
        String batch = three.batch();
        String id = rest.get(batch).json().get("batch").asText();

        assertThat(service.run(2, "resend", id)).contains("nothing was sent");
        assertThat(service.run(2, "resend", "none", "--yes")).contains("there is no batch");
        assertThat(service.run(1, "resend", id, "--line", "2", "--yes", "--reason", "BOS says no"))
                .contains("1 success");
        assertThat(service.run(0, "resend", id, "--yes")).contains("Text 1 customer again").contains("2 success");
        assertThat(service.run(2, "resend", id, "--yes")).contains("no row of batch");
        assertThat(bos.postsFor(three.first(), "1")).hasSize(2);
        assertThat(bos.postsFor(three.second(), "1")).hasSize(2);
    }

    @Test
    void theCommandDoesNotCallADuplicateOfARowThatDidNotSucceedDone() {
        String held = Integer.toString(NEXT.getAndIncrement());
        String first = Integer.toString(NEXT.getAndIncrement());
        bos.reply(Reply.html(500));
        service.complete(rest.post("/batches", "text/csv", "referenceid,ackno\n" + held + ",1\n").header("Location"));
        String batch = rest
                .post("/batches", "text/csv", "referenceid,ackno\n" + held + ",1\n" + first + ",1\n")
                .header("Location");
        service.complete(batch);
        bos.reply(Reply.success());

        assertThat(service.run(1, "resend", rest.get(batch).json().get("batch").asText(), "--yes"))
                .contains("1 success, 0 error, 0 in doubt, 1 duplicate");
    }
}
