// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import com.fasterxml.jackson.databind.JsonNode;

import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.PostgresServer;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.RestService.Answer;

/** Two nodes on one PostgreSQL ledger: each does for a caller what only the other can, and says so where that is away. */
class AnyNodeIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String[] ASHA = {"Authorization", RestService.basic("asha", "correct horse")};
    private static final String[] RAVI = {"Authorization", RestService.basic("ravi", "battery staple")};
    private static final String[] READER = {"Authorization", RestService.basic("reader", "only-reads")};
    private static final String ALL = "{\"all\":true,\"reason\":\"BOS says no\"}";
    private static final String WHY = "{\"reason\":\"wrong file\"}";

    /** More rows than a test has. */
    private static final long ROWS_OF_A_TEST = 100_000;

    @TempDir
    static Path folder;
    private static Cluster cluster;
    private static RestService one;
    private static RestService two;
    private static volatile boolean doubtful;
    /** Where the rows of this test begin. */
    private static long base;
    private static long postsBefore;
    private static int deedsBefore;

    @BeforeAll
    static void serve() {
        cluster = new Cluster(PostgresServer.Version.NEWEST, folder);
        cluster.bos().reply(post -> {
            long ackno = Long.parseLong(post.ackno());
            return ackno % 10 == 3
                    ? Reply.code(200, 2)
                    : doubtful && ackno % 10 == 4 ? Reply.html(500) : Reply.success();
        });
        one = start("one");
        two = start("two");
    }

    private static RestService start(String node) {
        return RestService.start(cluster.node(node).launch().env("REFUND_RELEASE_ABOVE", "40")
                .jvmArg("-Dquarkus.security.users.embedded.users.asha=correct horse")
                .jvmArg("-Dquarkus.security.users.embedded.roles.asha=submit,view")
                .jvmArg("-Dquarkus.security.users.embedded.users.ravi=battery staple")
                .jvmArg("-Dquarkus.security.users.embedded.roles.ravi=submit,view")
                .jvmArg("-Dquarkus.security.users.embedded.users.reader=only-reads")
                .jvmArg("-Dquarkus.security.users.embedded.roles.reader=view"), folder.resolve(node));
    }

    @AfterAll
    static void stop() {
        Stream.of(one, two).filter(node -> node != null).forEach(RestService::close);
        cluster.close();
    }

    @BeforeEach
    void look() {
        base += ROWS_OF_A_TEST;
        postsBefore = cluster.bos().postCount();
        deedsBefore = deedsOfAll(two).size();
    }

    @AfterEach
    void leaveNoneInDoubt() {
        doubtful = false;
        if (inDoubt(two) > 0) {
            two.json("/in-doubt/resend", ALL, ASHA);
            await().atMost(SOON).until(() -> inDoubt(two) == 0);
        }
    }

    private static int inDoubt(RestService node) {
        return node.get("/in-doubt", READER).json().get("total").asInt();
    }

    /** The calls of this test. */
    private static long posts() {
        return cluster.bos().postCount() - postsBefore;
    }

    private static String[] with(String[] who, String... more) {
        return Stream.concat(Stream.of(who), Stream.of(more)).toArray(String[]::new);
    }

    private static String csv(int rows, long from) {
        StringBuilder csv = new StringBuilder("referenceid,ackno\n");
        for (long i = base + from; i < base + from + rows; i++) {
            csv.append(7_000_000 + i).append(',').append(i).append('\n');
        }
        return csv.toString();
    }

    private static String upload(RestService node, int rows, long from) {
        return node.post("/batches", "text/csv", csv(rows, from), ASHA).header("Location");
    }

    private static String id(String batch) {
        return batch.substring("/batches/".length());
    }

    private static JsonNode complete(RestService node, String batch) {
        return await().atMost(SOON).until(() -> node.get(batch, READER).json(),
                found -> found.get("state").asText().equals("complete"));
    }

    /** The deeds of this test, the newest first. */
    private static List<String> deeds(RestService node) {
        List<String> deeds = deedsOfAll(node);
        return deeds.subList(0, deeds.size() - deedsBefore);
    }

    private static List<String> deedsOfAll(RestService node) {
        List<String> deeds = new ArrayList<>();
        node.get("/audit?limit=200", READER).json().get("deeds")
                .forEach(deed -> deeds.add(deed.get("what").asText() + " "
                        + deed.get("rows").asText() + " " + deed.get("by").asText()));
        return deeds;
    }

    @Test
    void resultsOfABatchAreHadFromTheNodeThatDidNotTakeIt() {
        String batch = upload(one, 30, 0);
        complete(two, batch);
        String reason = two.get(batch + "/reasons", READER).json().at("/reasons/0/error_csv").asText();

        for (String path : List.of(batch + "/success.csv", batch + "/error.csv", reason)) {
            Answer there = one.get(path, READER);
            Answer here = two.get(path, READER);
            assertThat(here.status()).as(path).isEqualTo(200);
            assertThat(here.http().body()).isEqualTo(there.http().body());
            for (String header : List.of("Content-Type", "Content-Disposition", "Cache-Control")) {
                assertThat(here.header(header)).isEqualTo(there.header(header)).isNotEmpty();
            }
        }
        assertThat(one.get(reason, READER).http().body().lines()).hasSize(1 + 3);
        assertThat(two.send(two.to(batch + "/success.csv").headers(READER).method("HEAD", BodyPublishers.noBody()))
                .status()).isEqualTo(200);
        assertThat(two.get(batch + "/success.csv").status()).isEqualTo(401);
        // what the contract refuses is refused where it is asked
        assertThat(two.get(batch + "/error.csv?outcome=NONE", READER).status()).isEqualTo(400);
        assertThat(two.get("/batches/none/success.csv", READER).status()).isEqualTo(404);
        assertThat(new DataTree(two.data()).names(two.data().resolve("outbox"))).doesNotContain(id(batch));
        assertThat(deeds(two)).isEmpty();
    }

    @Test
    void rowsInDoubtOfBothNodesAreSentAgainOnceOnAWordAtEither() {
        doubtful = true;
        String ofOne = upload(one, 20, 0);
        String ofTwo = upload(two, 30, 1_000);
        complete(two, ofOne);
        complete(one, ofTwo);
        doubtful = false;
        long before = posts();

        Answer named = two.json(ofOne + "/resend", "{\"lines\":[6],\"reason\":\"BOS says no\"}",
                with(ASHA, "Idempotency-Key", "named"));
        assertThat(named.status()).as(named.http().body()).isEqualTo(202);
        assertThat(named.json().get("rows").asInt()).isEqualTo(1);
        assertThat(named.header("Location")).isEqualTo(ofOne);
        complete(two, ofOne);
        for (RestService node : List.of(one, two)) {
            assertThat(node.json(ofOne + "/resend", "{\"lines\":[6],\"reason\":\"BOS says no\"}",
                    with(ASHA, "Idempotency-Key", "named")).json()).isEqualTo(named.json());
        }
        assertThat(two.json(ofOne + "/resend", "{\"lines\":[6]}", ASHA).status()).isEqualTo(422);
        assertThat(two.json(ofOne + "/resend", "{\"all\":true}", READER).status()).isEqualTo(403);

        JsonNode all = two.json("/in-doubt/resend", ALL, with(ASHA, "Idempotency-Key", "all")).json();
        assertThat(all.get("rows").asInt()).as(all.toString()).isEqualTo(4);
        assertThat(all.get("skipped").asInt()).isZero();
        await().atMost(SOON).until(() -> one.get("/in-doubt", READER).json().get("total").asInt() == 0);
        assertThat(one.json("/in-doubt/resend", ALL, with(ASHA, "Idempotency-Key", "all")).json().get("rows").asInt())
                .isEqualTo(4);
        complete(two, ofOne);
        complete(one, ofTwo);
        assertThat(two.get(ofOne + "/error.csv", READER).http().body()).doesNotContain("IN_DOUBT");
        assertThat(posts()).isEqualTo(before + 5);
        assertThat(deeds(one)).containsExactlyInAnyOrder("resend 1 asha", "resend 1 asha", "resend 3 asha");
    }

    @Test
    void aWordWithoutAKeyIsAboutBothNodesAndAboutNoMoreThanWasAgreed() {
        doubtful = true;
        List<String> batches = List.of(upload(one, 20, 0), upload(two, 30, 1_000));
        batches.forEach(batch -> complete(one, batch));
        doubtful = false;

        JsonNode some = one.json("/in-doubt/resend",
                "{\"all\":true,\"at_most\":4,\"reason\":\"BOS says no\"}", ASHA).json();

        assertThat(some.get("rows").asInt()).as(some.toString()).isEqualTo(4);
        assertThat(some.get("more").asBoolean()).isTrue();
        await().atMost(SOON).until(() -> two.get("/in-doubt", READER).json().get("total").asInt() == 1);
        batches.forEach(batch -> complete(one, batch));
        assertThat(one.json("/in-doubt/resend", ALL, ASHA).json().get("rows").asInt()).isEqualTo(1);
    }

    @Test
    void aResendOfRowsOfBothNodesIsReleasedAtEither() {
        doubtful = true;
        List<String> batches = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            batches.add(upload(i % 2 == 0 ? one : two, 40, i * 1_000L));
        }
        batches.forEach(batch -> complete(one, batch));
        assertThat(one.get("/in-doubt", READER).json().get("total").asInt()).isEqualTo(24);
        for (int i = 6; i < 11; i++) {
            batches.add(upload(two, 40, i * 1_000L));
        }
        batches.forEach(batch -> complete(one, batch));
        doubtful = false;
        long before = posts();

        JsonNode asked = one.json("/in-doubt/resend", ALL, ASHA).json();
        String id = asked.get("release").asText();
        assertThat(two.get("/releases", READER).json().at("/waiting/0/id").asText()).isEqualTo(id);
        assertThat(two.json("/releases/" + id + "/release", WHY, ASHA).status()).isEqualTo(422);
        assertThat(two.json("/releases/" + id + "/release", WHY, RAVI).status()).isEqualTo(200);

        await().atMost(SOON).until(() -> two.get("/in-doubt", READER).json().get("total").asInt() == 0);
        batches.forEach(batch -> complete(one, batch));
        assertThat(posts()).isEqualTo(before + 44);
        await().atMost(SOON)
                .until(() -> cluster.query("SELECT count(*) FROM release WHERE done_at IS NULL").equals("0"));
        assertThat(cluster.query("SELECT count(*) FROM release_row")).isEqualTo("0");
    }

    @Test
    void aCheckIsSentFromTheOtherNodeOnce() {
        JsonNode check = one.post("/checks", "text/csv", csv(12, 0), ASHA).json();
        String send = "/checks/" + check.get("check").asText() + "/send";

        Answer sent = two.post(send, "application/json", "", with(ASHA, "Idempotency-Key", "check"));

        assertThat(sent.status()).as(sent.http().body()).isEqualTo(202);
        complete(two, sent.header("Location"));
        assertThat(two.get(sent.header("Location"), READER).json().get("node").asText()).isEqualTo("one");
        for (RestService node : List.of(one, two)) {
            Answer again = node.post(send, "application/json", "", with(ASHA, "Idempotency-Key", "check"));
            assertThat(again.status()).isEqualTo(202);
            assertThat(again.header("Location")).isEqualTo(sent.header("Location"));
        }
        assertThat(two.post("/checks/0000000000000000-00000000/send", "application/json", "", ASHA).status())
                .isEqualTo(404);
        assertThat(posts()).isEqualTo(12);
    }

    @Test
    void anUploadThatIsRepeatedAtTheOtherNodeIsTheSameBatchAndLeavesNoFileThere() {
        DataTree files = new DataTree(two.data());
        List<String> filesBefore = files.names(files.archive());
        Answer first = one.post("/batches", "text/csv", csv(15, 0), with(ASHA, "Idempotency-Key", "upload"));
        Answer second = two.post("/batches", "text/csv", csv(15, 0), with(ASHA, "Idempotency-Key", "upload"));

        assertThat(second.status()).isEqualTo(202);
        assertThat(second.header("Location")).isEqualTo(first.header("Location"));
        complete(two, first.header("Location"));
        assertThat(posts()).isEqualTo(15);
        assertThat(files.names(files.archive())).isEqualTo(filesBefore);
        assertThat(two.get(first.header("Location") + "/success.csv", READER).http().body().lines()).hasSize(14);
    }

    @Test
    void aBatchAndANodeArePausedFromTheOtherNode() {
        Answer paused = two.json("/service/pause?node=one", WHY, ASHA);
        assertThat(paused.status()).as(paused.http().body()).isEqualTo(200);
        assertThat(paused.json().get("node").asText()).isEqualTo("one");
        assertThat(paused.json().get("calling").asBoolean()).isFalse();
        JsonNode asSeen = two.get("/service?node=one", READER).json();
        assertThat(asSeen.get("verdict").asText()).contains("by asha: wrong file");
        assertThat(two.get("/service", READER).json().get("calling").asBoolean()).isTrue();
        assertThat(two.get("/service?node=three", READER).status()).isEqualTo(404);
        assertThat(two.json("/service/pause?node=one", WHY, READER).status()).isEqualTo(403);
        // the other one calls what the paused one took
        complete(one, upload(one, 10, 0));
        assertThat(two.json("/service/resume?node=one", WHY, ASHA).json().get("calling").asBoolean()).isTrue();

        assertThat(one.json("/service/pause?node=two", WHY, ASHA).status()).isEqualTo(200);
        assertThat(one.json("/service/pause", WHY, ASHA).status()).isEqualTo(200);
        String batch = upload(one, 20, 1_000);
        assertThat(two.json(batch + "/pause", WHY, RAVI).json().at("/stopped/kind").asText()).isEqualTo("paused");
        assertThat(two.json("/service/resume?node=one", WHY, ASHA).status()).isEqualTo(200);
        assertThat(two.json("/service/resume", WHY, ASHA).status()).isEqualTo(200);
        for (RestService node : List.of(one, two)) {
            JsonNode seen = node.get("/service", READER).json();
            assertThat(seen.get("waiting_in_stopped").asInt()).isEqualTo(20);
            assertThat(node.get(batch, READER).json().at("/stopped/by").asText()).isEqualTo("ravi");
        }
        assertThat(two.json(batch + "/cancel", WHY, RAVI).status()).isEqualTo(200);
        assertThat(complete(one, batch).get("rejected").asInt()).isEqualTo(20);
        assertThat(two.get(batch + "/error.csv", READER).http().body()).contains("cancelled by ravi: wrong file");
        assertThat(posts()).isEqualTo(10);
        assertThat(deeds(one)).containsExactly("cancel 20 ravi", "resume 0 asha", "resume 0 asha", "pause 20 ravi",
                "pause 0 asha", "pause 0 asha", "resume 0 asha", "pause 0 asha");
    }

    @Test
    void bothNodesCountTheSame() {
        doubtful = true;
        complete(one, upload(one, 30, 0));
        String waits = upload(two, 50, 1_000);
        assertThat(one.get(waits, READER).json().at("/stopped/kind").asText()).isEqualTo("unreleased");
        // asked one after the other, they may be of two different seconds
        for (String path : List.of("/batches", "/in-doubt", "/releases", "/audit", waits, waits + "/reasons",
                "/refunds?referenceid=" + (7_000_004 + base))) {
            await().atMost(SOON).untilAsserted(() -> assertThat(without(two.get(path, READER).json().toString()))
                    .as(path).isEqualTo(without(one.get(path, READER).json().toString())));
        }
        for (String counter : List.of("open_batches", "waiting", "stopped_batches", "waiting_in_stopped",
                "waiting_for_release", "oldest_open", "in_doubt", "oldest_in_doubt", "owed", "verdict")) {
            await().atMost(SOON).untilAsserted(() -> assertThat(two.get("/service", READER).json().get(counter))
                    .as(counter).isEqualTo(one.get("/service", READER).json().get(counter)));
        }
        assertThat(one.json("/releases" + waits.substring("/batches".length()) + "/release", WHY, RAVI).status())
                .isEqualTo(200);
        complete(one, waits);
    }

    /** Without what passes by itself. */
    private static String without(String json) {
        return json.replaceAll("\"(age_seconds|rate|estimated_end)\":[^,}]*", "");
    }

    @Test
    void whoHasWhatIsSaidWhereThatNodeIsAwayAndTheRestIsDone() {
        doubtful = true;
        String ofOne = upload(one, 20, 0);
        String ofTwo = upload(two, 30, 1_000);
        complete(two, ofOne);
        complete(two, ofTwo);
        doubtful = false;
        String waits = upload(two, 50, 9_000);
        for (RestService node : List.of(one, two)) { // each has seen it open
            await().atMost(SOON).until(() -> !node.get(waits + "/minutes", READER).json().get("minutes").isEmpty());
        }
        String check = one.post("/checks", "text/csv", csv(1, 5_000), ASHA).json().get("check").asText();
        one.process().kill9();

        for (Answer answer : List.of(two.get(ofOne + "/error.csv", READER), two.json(ofOne + "/resend", ALL, ASHA),
                two.post("/checks/" + check + "/send", "application/json", "", ASHA),
                two.json("/service/pause?node=one", WHY, ASHA))) {
            assertThat(answer.status()).isEqualTo(503);
            assertThat(answer.type()).isEqualTo("application/problem+json");
            assertThat(answer.header("Retry-After")).isNotEmpty();
            assertThat(answer.json().get("detail").asText()).contains("node one", "cannot be reached", "start it");
        }
        await().atMost(SOON).until(() -> two.get(ofOne + "/error.csv", READER).json().get("detail").asText()
                .contains("node one, which does not run: start it under its name"));
        JsonNode all = two.json("/in-doubt/resend", ALL, ASHA).json();
        assertThat(all.get("rows").asInt()).as(all.toString()).isEqualTo(3);
        assertThat(all.get("skipped").asInt()).isEqualTo(2);
        assertThat(all.at("/why/0/reason").asText()).contains("node one, which does not run");
        assertThat(two.get("/batches?limit=3", READER).json().get("batches").findValuesAsText("batch"))
                .containsExactlyInAnyOrder(id(ofOne), id(ofTwo), id(waits));
        assertThat(two.get(ofOne + "/minutes", READER).status()).isEqualTo(200);
        assertThat(two.json(waits + "/cancel", WHY, ASHA).status()).isEqualTo(200);
        complete(two, waits);

        one = start("one");
        // it was away meanwhile, and tells what the other one saw
        assertThat(one.get(waits + "/minutes", READER).http().body()).contains("\"rejected\":50");
        assertThat(
                two.get(ofOne + "/error.csv", READER).http().body().lines().filter(line -> line.contains("IN_DOUBT")))
                .hasSize(2);
        assertThat(two.json("/in-doubt/resend", ALL, ASHA).json().get("rows").asInt()).isEqualTo(2);
        complete(two, ofOne);
        assertThat(two.process().output()).doesNotContain("Refund-Node");
    }
}
