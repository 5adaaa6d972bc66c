// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

import com.fasterxml.jackson.databind.JsonNode;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.Login;
import center.bos.refund.testkit.OwnThread;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.RestService.Answer;
import center.bos.refund.testkit.RestServiceExtension;

/** A person stops the wrong file, counted at the server: no call begins after the answer. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class StopIT {
    private static final Duration SOON = Duration.ofSeconds(120);
    private static final String WRONG = "{\"reason\":\"wrong file\",\"by\":\"asha\"}";

    /** So slow that a batch is not through before somebody stops it, however busy the machine. */
    private static final Reply SLOW = Reply.success().after(Duration.ofMillis(200));

    /** More rows than a test has. */
    private static final int ROWS_OF_A_TEST = 10_000;
    private static final AtomicInteger NEXT = new AtomicInteger();

    @RegisterExtension
    static final RestServiceExtension service = RestServiceExtension
            .with(launch -> launch.env("REFUND_CONCURRENCY", "8"));
    private BosServer bos;
    private RestService rest;
    /** The first reference id of this test. */
    private final int base = NEXT.addAndGet(ROWS_OF_A_TEST);

    private String upload(long first, int rows) {
        return rest.post("/batches", "text/csv", csv(first, rows)).header("Location");
    }

    private String csv(long first, int rows) {
        return LongStream.range(base + first, base + first + rows).mapToObj(id -> id + ",1")
                .collect(Collectors.joining("\n", "referenceid,ackno\n", "\n"));
    }

    private JsonNode batch(String path) {
        return rest.get(path).json();
    }

    private void awaitPosts(int least) {
        await().atMost(SOON).pollInterval(Duration.ofMillis(5)).until(() -> service.posts().size() >= least);
    }

    /** The posts that there are once all that was in flight must have ended. */
    private int postsAtRest(String batch) {
        await().atMost(SOON).until(() -> batch(batch).get("in_flight").asInt() == 0);
        return service.posts().size();
    }

    @Test
    void noCallBeginsAfterTheAnswerToAPauseAndAllOfThemAfterTheResume() {
        bos.reply(SLOW);
        String batch = upload(1_000, 2_000);
        awaitPosts(50);

        Answer paused = rest.json(batch + "/pause", WRONG);
        int posts = service.posts().size();
        bos.reply(Reply.success());

        assertThat(paused.status()).as(paused.http().body()).isEqualTo(200);
        int inFlight = paused.json().get("in_flight").asInt();
        assertThat(inFlight).isBetween(0, 8);
        assertThat(paused.json().at("/stopped/kind").asText()).isEqualTo("paused");
        assertThat(paused.json().at("/stopped/by").asText()).isEqualTo("asha");
        assertThat(postsAtRest(batch)).isLessThanOrEqualTo(posts + inFlight);
        int atRest = service.posts().size();
        rest.json("/refunds", "{\"referenceid\":" + (base + 77) + ",\"ackno\":1}"); // others go on
        assertThat(service.posts()).hasSize(atRest + 1);

        assertThat(rest.json(batch + "/resume", "{}").status()).isEqualTo(200);
        service.complete(batch);
        assertThat(service.posts()).extracting(post -> post.pair()).doesNotHaveDuplicates().hasSize(2_001);
    }

    @Test
    void aCancelledBatchSaysWhoAndWhyInItsResultsAndItsPairsCanBeSentByTheRightFile() throws Exception {
        bos.reply(SLOW);
        String batch = upload(1_000, 3_000);
        awaitPosts(20);

        Answer cancelled = rest.json(batch + "/cancel", WRONG);
        int posts = service.posts().size();
        bos.reply(Reply.success());
        int inFlight = cancelled.json().get("in_flight").asInt();
        JsonNode over = service.complete(batch);

        assertThat(service.posts().size()).isLessThanOrEqualTo(posts + inFlight);
        assertThat(over.get("rejected").asInt() + over.get("success").asInt()).isEqualTo(3_000);
        assertThat(over.get("rejected").asInt()).isGreaterThan(2_000);
        String error = rest.get(batch + "/error.csv").http().body();
        assertThat(error.lines().skip(1)).hasSize(over.get("rejected").asInt())
                .allMatch(line -> line.contains(",REJECTED,,,cancelled by asha: wrong file,0,"));
        assertThat(Files.exists(rest.data().resolve("outbox").resolve(over.get("batch").asText())
                .resolve("summary.json"))).isTrue();
        assertThat(rest.json(batch + "/resume", "{}").status()).isEqualTo(422);
        assertThat(rest.json(batch + "/cancel", WRONG).status()).isEqualTo(200);

        JsonNode right = service.complete(upload(3_900, 200));
        assertThat(right.get("success").asInt()).isEqualTo(200);
    }

    @Test
    void twoWhoStopTheSameAtTheSameMomentGetTheSameAnswer() {
        bos.reply(SLOW);
        String batch = upload(1_000, 2_000);
        CompletableFuture<Answer> one = OwnThread
                .supply(() -> rest.json(batch + "/cancel", "{\"reason\":\"wrong\",\"by\":\"asha\"}"));
        CompletableFuture<Answer> two = OwnThread
                .supply(() -> rest.json(batch + "/cancel", "{\"reason\":\"wrong\",\"by\":\"ravi\"}"));

        assertThat(one.join().status()).isEqualTo(200);
        assertThat(two.join().status()).isEqualTo(200);
        assertThat(one.join().json().at("/stopped/by")).isEqualTo(two.join().json().at("/stopped/by"));
        service.complete(batch);
    }

    @Test
    void aPausedNodeAndAPausedBatchSayWhyNothingGoesOutAlsoAfterARestart() {
        Answer paused = rest.json("/service/pause", "{\"reason\":\"BOS asked us to\",\"by\":\"asha\"}",
                "Idempotency-Key",
                "k1");
        String batch = upload(1_000, 10);
        String stopped = upload(2_000, 10);
        assertThat(rest.json(stopped + "/pause", WRONG).status()).isEqualTo(200);
        assertThat(paused.json().get("calling").asBoolean()).isFalse();
        rest = service.restart();

        JsonNode status = await().atMost(SOON).until(() -> rest.get("/service").json(),
                found -> found.get("waiting").asInt() == 20);
        assertThat(status.get("verdict").asText()).contains("paused").contains("asha").contains("BOS asked us to")
                .contains("20 rows wait");
        assertThat(status.at("/nodes/0/paused/by").asText()).isEqualTo("asha");
        assertThat(rest.get("/q/health/ready").http().body()).contains("BOS asked us to");
        assertThat(service.posts()).isEmpty();

        assertThat(rest.json("/service/resume", "{}").json().get("calling").asBoolean()).isTrue();
        service.complete(batch);
        assertThat(batch(stopped).at("/stopped/reason").asText()).isEqualTo("wrong file");
        assertThat(rest.json("/refunds", "{\"referenceid\":" + (base + 78) + ",\"ackno\":1}").json().get("outcome")
                .asText()).isEqualTo("SUCCESS"); // others go on
        assertThat(service.posts()).hasSize(11);
        assertThat(rest.json(stopped + "/resume", "{}").status()).isEqualTo(200);
        service.complete(stopped);
        assertThat(service.posts()).extracting(post -> post.pair()).doesNotHaveDuplicates().hasSize(21);
        // the pause once more under its key: it was done, and is not done again
        assertThat(rest.json("/service/pause", "{\"reason\":\"BOS asked us to\",\"by\":\"asha\"}", "Idempotency-Key",
                "k1").json().get("calling").asBoolean()).isTrue();
        assertThat(rest.json("/service/pause", "{\"reason\":\"another\",\"by\":\"asha\"}", "Idempotency-Key", "k1")
                .status()).isEqualTo(422);
        assertThat(rest.json("/service/pause", "{}").json().at("/violations/0/where").asText()).isNotEmpty();
    }

    @Test
    @Order(Integer.MAX_VALUE) // it ends the service
    void theCommandsSpeakToTheServiceThatRunsAndWithoutOneWorkOnTheDataFolder() {
        bos.reply(SLOW);
        rest = service.restart(Login.ALICE::allow);
        String id = rest.post("/batches", "text/csv", csv(1_000, 2_000), Login.ALICE.header()).json()
                .get("batch").asText();
        awaitPosts(20);

        assertThat(service.run(0, "pause", id, "--reason", "wrong file?")).contains("paused since")
                .contains("at the command line: wrong file?");
        assertThat(service.run(0, "status", id)).contains("Batch " + id + ": open").contains("paused since");
        assertThat(service.run(0, "status")).contains("rows").contains("Batch " + id + ": open");
        assertThat(service.run(2, "status", "nothing")).contains("there is no batch");
        assertThat(rest.get("/batches/" + id).status()).isEqualTo(401);
        rest.close();
        int posts = service.posts().size();

        assertThat(service.run(0, "status", id, "--json")).contains("\"kind\" : \"paused\"");
        assertThat(service.run(0, "status")).contains("No service runs on the data folder /")
                .contains(service.folder().getFileName().toString());
        assertThat(service.run(0, "cancel", id, "--reason", "wrong file")).contains("cancelled since");

        assertThat(service.posts()).hasSize(posts);
        assertThat(service.run(0, "status", id)).contains("complete, 2,000 of 2,000 rows done");
    }
}
