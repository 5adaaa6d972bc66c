// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import com.fasterxml.jackson.databind.JsonNode;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.RestServiceExtension;

/** A person sees why rows failed, finds them, and is told the last minute's rate and an end that a pause does not spoil. */
class RowsIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @RegisterExtension
    static final RestServiceExtension service = RestServiceExtension
            .with(launch -> launch.env("REFUND_CONCURRENCY", "4"));
    private BosServer bos;
    private RestService rest;

    private String upload(String rows) {
        return rest.post("/batches", "text/csv", "referenceid,ackno\n" + rows).header("Location");
    }

    private JsonNode json(String path) {
        RestService.Answer answer = rest.get(path);
        assertThat(answer.status()).as(answer.http().body()).isEqualTo(200);
        return answer.json();
    }

    @Test
    void reasonsAreCountedAndLeadToTheirRows() {
        bos.reply(post -> switch (Integer.parseInt(post.pair().referenceid()) % 10) {
            case 1, 2, 3 -> Reply.code(200, 2);
            case 4 -> Reply.code(200, 9);
            default -> Reply.success();
        });
        String batch = upload(LongStream.range(1_000, 1_100).mapToObj(id -> id + ",1\n").collect(Collectors.joining())
                + "1000,1\nabc,1\n");
        service.complete(batch);

        JsonNode why = json(batch + "/reasons");
        assertThat(why.get("complete").asBoolean()).isTrue();
        assertThat(why.get("reasons").findValuesAsText("rows")).containsExactly("30", "10", "1", "1");
        assertThat(why.get("reasons").findValuesAsText("outcome")).startsWith("ERROR", "ERROR").contains("DUPLICATE",
                "REJECTED");
        assertThat(why.at("/reasons/0/response_code").asText()).isEqualTo("2");
        assertThat(why.at("/reasons/0/first_line").asLong()).isEqualTo(3);

        String message = why.at("/reasons/0/message").asText();
        List<String> found = new ArrayList<>();
        String next = batch + "/rows?limit=20&outcome=ERROR&code=2&message="
                + URLEncoder.encode(message, StandardCharsets.UTF_8);
        while (next != null) {
            JsonNode page = json(next);
            assertThat(page.get("rows").size()).isLessThanOrEqualTo(20);
            found.addAll(page.get("rows").findValuesAsText("referenceid"));
            next = page.get("next").asText(null);
        }
        assertThat(found).hasSize(30).doesNotHaveDuplicates().isSorted().allMatch(id -> id.matches("10.[123]"));

        JsonNode twice = json(batch + "/rows?referenceid=0001000").get("rows");
        assertThat(twice.findValuesAsText("state")).containsExactly("SUCCESS", "DUPLICATE");
        assertThat(twice.findValuesAsText("line")).containsExactly("2", "102");
        // both were accepted in one turn, and the first of them was sent
        assertThat(json("/refunds?referenceid=1000").get("sentence").asText()).matches(
                "Ackno 1: asked [^;]*, BOS said sent; asked again [^;]*, not sent: repeats .*");
        assertThat(json(batch + "/rows?after=101").get("rows").findValuesAsText("line")).containsExactly("102", "103");
        assertThat(rest.get(batch + "/rows?outcome=none").status()).isEqualTo(400);
        assertThat(rest.get("/batches/none/rows").status()).isEqualTo(404);
        assertThat(rest.get("/batches/none/reasons").status()).isEqualTo(404);
        assertThat(rest.get("/batches/none/minutes").status()).isEqualTo(404);
    }

    @Test
    void theRowsOfOneReasonAreAFileOfTheirOwn() {
        bos.reply(post -> switch (Integer.parseInt(post.pair().referenceid()) % 10) {
            case 1, 2, 3 -> Reply.code(200, 2);
            case 4 -> Reply.json(200, "{\"status\":false,\"message\":\"=1+1, \\\"so\\\"\",\"response_code\":9}");
            default -> Reply.success();
        });
        String batch = rest.post("/batches", "text/csv",
                "\uFEFFreferenceid;\"a;b\";ackno\n" + LongStream.range(2_000, 2_100)
                        .mapToObj(id -> id + ";\"x;\ny\";1\n").collect(Collectors.joining()) + "2000;;1\nabc;;1\n")
                .header("Location");
        service.complete(batch);
        List<String> all = List.of(rest.get(batch + "/error.csv").http().body().split("\n(?=\\d|abc)"));

        JsonNode reasons = json(batch + "/reasons").get("reasons");
        assertThat(reasons.findValuesAsText("rows")).containsExactly("30", "10", "1", "1");
        List<String> found = new ArrayList<>();
        for (JsonNode reason : reasons) {
            RestService.Answer answer = rest.get(reason.get("error_csv").asText());
            assertThat(answer.status()).as(answer.http().body()).isEqualTo(200);
            assertThat(answer.type()).isEqualTo("text/csv");
            List<String> records = List.of(answer.http().body().split("\n(?=\\d|abc)"));
            assertThat(records).hasSize(1 + reason.get("rows").asInt());
            assertThat(records.get(0)).isEqualTo(all.get(0)).startsWith("\uFEFFreferenceid;\"a;b\";ackno;line;");
            assertThat(records.stream().skip(1)).allSatisfy(row -> assertThat(row)
                    .contains(";" + reason.get("outcome").asText() + ";"));
            found.addAll(records.subList(1, records.size()));
        }
        assertThat(found.stream().map(String::strip)).containsExactlyInAnyOrderElementsOf(
                all.stream().skip(1).map(String::strip).toList());
        assertThat(rest.get(batch + "/error.csv?reason=none").http().body().strip()).isEqualTo(all.get(0));
        assertThat(rest.get(batch + "/error.csv?outcome=SUCCESS&code=%01").json().get("violations")).hasSize(2);
        // what comes back mended is sent, and nothing else
        bos.reply(Reply.success());
        long before = bos.posts().size();
        String mended = rest
                .post("/batches", "text/csv", rest.get(reasons.get(0).get("error_csv").asText()).http().body())
                .header("Location");
        service.complete(mended);
        assertThat(bos.posts().size() - before).isEqualTo(30);
    }

    @Test
    void reasonsFollowAResend() {
        bos.reply(Reply.closeWithoutAnswer());
        String batch = upload("1,1\n2,1\n");
        service.complete(batch);
        assertThat(json(batch + "/reasons").at("/reasons/0/rows").asInt()).isEqualTo(2);
        bos.reply(Reply.success());

        rest.json(batch + "/resend", "{\"lines\":[2]}");
        await().atMost(SOON).until(() -> json(batch).get("success").asInt() == 1);
        service.complete(batch);

        assertThat(json(batch + "/reasons").get("reasons").findValuesAsText("rows")).containsExactly("1");
    }

    @Test
    void theRateIsThatOfTheLastMinuteInWhichCallsBegin() {
        bos.reply(Reply.success().after(Duration.ofMillis(200))); // 4 at a time: 20 a second
        String batch = upload(
                LongStream.range(10_000, 12_000).mapToObj(id -> id + ",1\n").collect(Collectors.joining()));
        assertThat(json(batch).get("rate").isNull()).isTrue();
        JsonNode running = await().atMost(SOON).until(() -> json(batch), found -> !found.get("rate").isNull());
        assertThat(running.get("rate").asDouble()).isBetween(2.0, 20.5);
        assertThat(running.get("estimated_end").isNull()).isFalse();

        int before = json(batch).get("success").asInt();
        int ofMinutes = json(batch + "/minutes").get("minutes").findValues("success").stream().mapToInt(JsonNode::asInt)
                .sum();
        assertThat(ofMinutes).isBetween(before, json(batch).get("success").asInt());

        rest.json(batch + "/pause", "{\"reason\":\"why\",\"by\":\"asha\"}");
        JsonNode paused = json(batch);
        assertThat(paused.get("rate").isNull()).isTrue();
        assertThat(paused.get("estimated_end").isNull()).isTrue();

        rest.json(batch + "/resume", "{}");
        await().atMost(SOON).until(() -> json(batch).get("rate").asDouble(0) > 2);
        rest.json(batch + "/cancel", "{\"reason\":\"the others have the service\",\"by\":\"asha\"}");
        service.complete(batch);
    }
}
