// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.Page;
import com.microsoft.playwright.assertions.PlaywrightAssertions;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.BrowserProcess;
import center.bos.refund.testkit.BrowserWindow;
import center.bos.refund.testkit.Login;
import center.bos.refund.testkit.OwnThread;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.RestService.Answer;
import center.bos.refund.testkit.RestServiceExtension;

/** With refund.release-above no customer of a large file, or of a large resend, is texted at one person's request. */
class ReleaseIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String[] ALICE = Login.ALICE.header();
    private static final String[] READER = Login.READER.header();
    private static final int ROWS_OF_A_TEST = 10;
    private static final AtomicInteger NEXT = new AtomicInteger();
    private static final String WHY = "{\"reason\":\"counted\"}";

    @RegisterExtension
    static final RestServiceExtension service = RestServiceExtension.with(ReleaseIT::aboveTwo, Login.ALICE, Login.BOB,
            Login.READER);
    private BosServer bos;
    private RestService rest;
    /** The first reference id of this test. */
    private final int first = NEXT.addAndGet(ROWS_OF_A_TEST);
    private final String three = rows(first, first + 1, first + 2);
    private int deedsBefore;

    @BeforeEach
    void look() {
        deedsBefore = json("/audit").get("deeds").size();
    }

    private static String rows(int... ids) {
        return IntStream.of(ids).mapToObj(id -> id + ",1\n").collect(Collectors.joining("", "referenceid,ackno\n", ""));
    }

    private static RefundProcess.Launch aboveTwo(RefundProcess.Launch launch) {
        return launch.env("REFUND_RELEASE_ABOVE", "2");
    }

    private RefundProcess.Launch elsewhere(Path folder) {
        return RefundProcess.in(folder).archived().against(bos);
    }

    private JsonNode json(String path) {
        Answer answer = rest.get(path, READER);
        assertThat(answer.status()).as(answer.http().body()).isEqualTo(200);
        return answer.json();
    }

    private JsonNode complete(String batch) {
        return service.complete(batch, READER);
    }

    private JsonNode waits() {
        return await().atMost(SOON).until(() -> json("/releases").get("waiting"), found -> found.size() == 1).get(0);
    }

    private Answer decide(String id, String how, Login who, String... headers) {
        return rest.json("/releases/" + id + "/" + how, WHY, who.header(headers));
    }

    /** The deeds of this test, the newest first. */
    private List<String> deeds() {
        JsonNode deeds = json("/audit").get("deeds");
        return Stream.iterate(0, i -> i < deeds.size() - deedsBefore, i -> i + 1).map(deeds::get)
                .map(deed -> deed.get("what").asText() + " " + deed.get("rows").asText() + " "
                        + deed.get("by").asText())
                .toList();
    }

    @Test
    void anUploadWaitsForAnotherPersonAlsoAfterARestart() {
        String batch = rest.post("/batches", "text/csv", three, ALICE).header("Location");
        complete(rest.post("/batches", "text/csv", rows(first + 8, first + 9), ALICE).header("Location"));
        JsonNode waiting = waits();
        String id = waiting.get("id").asText();

        assertThat(batch).endsWith(id);
        assertThat(waiting.get("asked_by").asText()).isEqualTo("alice");
        assertThat(json(batch).at("/stopped/kind").asText()).isEqualTo("unreleased");
        assertThat(json("/service").get("waiting_for_release").asInt()).isEqualTo(1);
        assertThat(json("/service").get("verdict").asText()).contains("1 waits for another person's release");
        assertThat(decide(id, "release", Login.READER).status()).isEqualTo(403);
        Answer same = decide(id, "release", Login.ALICE);
        assertThat(same.status()).isEqualTo(422);
        assertThat(same.json().get("detail").asText()).contains("comes from alice: another person");
        assertThat(rest.json(batch + "/resume", "{}", Login.BOB.header()).status()).isEqualTo(422);
        assertThat(rest.json(batch + "/pause", WHY, Login.BOB.header()).json().get("detail").asText())
                .contains("unreleased");
        rest = service.restart();
        assertThat(waits().get("id").asText()).isEqualTo(id);
        assertThat(service.posts()).hasSize(2);

        assertThat(decide(id, "release", Login.BOB, "Idempotency-Key", "k").status()).isEqualTo(200);
        assertThat(decide(id, "release", Login.BOB, "Idempotency-Key", "k").status()).isEqualTo(200);
        assertThat(complete(batch).get("success").asInt()).isEqualTo(3);
        assertThat(decide(id, "release", Login.BOB).json().get("detail").asText()).contains("somebody decided");
        assertThat(decide("none", "release", Login.BOB).status()).isEqualTo(404);
        assertThat(deeds()).containsExactly("release 3 bob", "ask 3 alice");
        assertThat(service.posts()).hasSize(5);
    }

    @Test
    void aDroppedFileWaitsAndIsRefusedWithItsReason() throws Exception {
        Files.writeString(rest.data().resolve("inbox/rows.csv"), three);
        JsonNode waiting = waits();
        assertThat(waiting.get("asked_by").asText()).isEqualTo("inbox");
        String id = waiting.get("id").asText();

        assertThat(rest.json("/releases/" + id + "/refuse", "{}", Login.BOB.header()).json().get("violations"))
                .isNotEmpty();
        assertThat(decide(id, "refuse", Login.BOB).status()).isEqualTo(200);

        assertThat(complete("/batches/" + id).get("rejected").asInt()).isEqualTo(3);
        assertThat(rest.get("/batches/" + id + "/error.csv", READER).http().body())
                .contains("cancelled by bob: not released: counted");
        assertThat(service.posts()).isEmpty();
        assertThat(deeds()).containsExactly("refuse 3 bob", "ask 3 inbox");
    }

    @Test
    void ofTwoWhoDecideAtOnceOneDoes() {
        String batch = rest.post("/batches", "text/csv", three, ALICE).header("Location");
        String id = waits().get("id").asText();
        CompletableFuture<Answer> released = OwnThread.supply(() -> decide(id, "release", Login.BOB));
        CompletableFuture<Answer> refused = OwnThread.supply(() -> decide(id, "refuse", Login.ALICE));

        assertThat(List.of(released.join().status(), refused.join().status())).containsExactlyInAnyOrder(200, 422);
        JsonNode end = complete(batch);
        assertThat(end.get(released.join().status() == 200 ? "success" : "rejected").asInt()).isEqualTo(3);
        assertThat(service.posts()).hasSize(released.join().status() == 200 ? 3 : 0);
    }

    @Test
    void aResendOfMoreRowsWaitsAndItsRowsStayInDoubt() {
        bos.reply(Reply.closeWithoutAnswer());
        String batch = rest.post("/batches", "text/csv", three, ALICE).header("Location");
        decide(waits().get("id").asText(), "release", Login.BOB);
        complete(batch);
        assertThat(json(batch).get("in_doubt").asInt()).isEqualTo(3);
        long before = service.posts().size();
        bos.reply(Reply.success());

        JsonNode asked = rest.json("/in-doubt/resend", "{\"all\":true,\"reason\":\"BOS says no\"}", ALICE).json();
        assertThat(asked.get("rows").asInt()).isZero();
        String id = asked.get("release").asText();
        assertThat(waits().get("id").asText()).isEqualTo(id);
        assertThat(waits().at("/parts/0").toString()).isEqualTo("{\"batch\":\"" + batch.replaceFirst(".*/", "")
                + "\",\"source\":\"FILE\",\"rows\":3,\"first_line\":2}");
        JsonNode twice = rest.json("/in-doubt/resend", "{\"all\":true,\"reason\":\"so do I\"}", Login.BOB.header())
                .json();
        assertThat(twice.get("release").isNull()).isTrue();
        assertThat(twice.get("skipped").asInt()).isEqualTo(3);
        assertThat(twice.at("/why/0/reason").asText()).contains("somebody asked for this already");
        assertThat(rest.json(batch + "/resend", "{\"all\":true,\"reason\":\"so do I\"}", Login.BOB.header()).json()
                .get("detail").asText()).contains("somebody asked for this already");
        assertThat(waits().get("id").asText()).isEqualTo(id);
        assertThat(decide(id, "release", Login.ALICE).status()).isEqualTo(422);
        assertThat(json("/in-doubt").get("total").asInt()).isEqualTo(3);
        rest = service.restart();
        assertThat(service.posts()).hasSize((int) before);

        assertThat(decide(id, "release", Login.BOB).status()).isEqualTo(200);
        await().atMost(SOON).until(() -> json(batch).get("success").asInt() == 3);
        complete(batch);
        assertThat(service.posts()).hasSize((int) before + 3);
        assertThat(json("/refunds/" + first + "/1").at("/history/0/resent/0/asked_by").asText()).contains("alice")
                .contains("bob");
        assertThat(json("/in-doubt").get("total").asInt()).isZero();
        assertThat(rest.json(batch + "/resend", "{\"all\":true,\"reason\":\"once more\"}", ALICE).status())
                .isEqualTo(422);
    }

    @Test
    void whoReleasesAResendSeesItsRowsAndWhoComesSecondIsTold() {
        BrowserProcess browser = BrowserProcess.start();
        bos.reply(Reply.closeWithoutAnswer());
        String batch = rest.post("/batches", "text/csv", three, ALICE).header("Location");
        decide(waits().get("id").asText(), "release", Login.BOB);
        complete(batch);
        bos.reply(Reply.success());
        rest.json("/in-doubt/resend", "{\"all\":true,\"reason\":\"BOS says no\"}", ALICE);
        try (BrowserWindow one = Login.BOB.open(browser, rest);
                BrowserWindow two = Login.BOB.open(browser, rest).expects("422")) {
            for (BrowserWindow window : List.of(one, two)) {
                window.go("/?view=releases");
                window.press("Release: text 3 customers");
                window.find("dialog input[name=reason]").fill("counted");
            }
            assertThat(one.find("dialog").textContent()).contains("Asked by alice (BOS says no), who cannot release it",
                    "3 rows of " + batch.replaceFirst(".*/", "") + ", from line 2");
            assertThat(one.barriers()).isEmpty();
            one.screenshot("release-resend");
            Page rows = one.page().waitForPopup(() -> one.find("dialog a").click());
            rows.waitForCondition(() -> rows.locator(".rows tbody .in_doubt").count() == 3);
            rows.close();
            one.find("dialog button[type=submit]").dblclick();
            says(one, "released by bob");
            two.find("dialog button[type=submit]").click();
            says(two, "somebody decided before you");
            two.screenshot("release-too-late");
        }
        await().atMost(SOON).until(() -> json(batch).get("success").asInt() == 3);
        complete(batch);
        assertThat(rest.process().output()).doesNotContain("was answered with 500");
    }

    private static void says(BrowserWindow window, String text) {
        PlaywrightAssertions.assertThat(window.find("dialog")).containsText(text);
    }

    @Test
    void aResendOfABatchIsReleasedFromTheCommandLine() {
        bos.reply(Reply.closeWithoutAnswer());
        String batch = rest.post("/batches", "text/csv", three, ALICE).header("Location");
        try (RefundProcess release = aboveTwo(service.command()).start("release", waits().get("id").asText())) {
            assertThat(release.waitFor(SOON)).as(release.output()).isZero();
        }
        complete(batch);
        bos.reply(Reply.success());
        JsonNode asked = rest.json(batch + "/resend", "{\"all\":true,\"reason\":\"BOS says no\"}",
                Login.ALICE.header("Idempotency-Key", "key")).json();
        assertThat(rest.json(batch + "/resend", "{\"all\":true,\"reason\":\"BOS says no\"}",
                Login.ALICE.header("Idempotency-Key", "key")).json()).isEqualTo(asked);
        assertThat(waits().get("id").asText()).isEqualTo(asked.get("release").asText());
        try (RefundProcess release = aboveTwo(service.command()).start("release", asked.get("release").asText())) {
            assertThat(release.waitFor(SOON)).as(release.output()).isZero();
        }
        await().atMost(SOON).until(() -> json(batch).get("success").asInt() == 3);
        assertThat(deeds().get(0)).startsWith("resend 3 alice, released by ");
    }

    @Test
    void aReleasedResendWaitsForItsBatchWhereThatIsOpenBySomebodyElsesResend() {
        bos.reply(Reply.closeWithoutAnswer());
        String four = rows(first, first + 1, first + 2, first + 3);
        String batch = rest.post("/batches", "text/csv", four, ALICE).header("Location");
        decide(waits().get("id").asText(), "release", Login.BOB);
        complete(batch);
        rest.json(batch + "/resend", "{\"lines\":[2,3,4],\"reason\":\"BOS says no\"}", ALICE);
        String id = waits().get("id").asText();
        bos.reply(Reply.success().after(Duration.ofSeconds(5)));

        assertThat(rest.json(batch + "/resend", "{\"lines\":[5],\"reason\":\"BOS says no\"}", ALICE).status())
                .isEqualTo(202);
        assertThat(decide(id, "release", Login.BOB).status()).isEqualTo(200);

        await().atMost(SOON).until(() -> json(batch).get("success").asInt() == 4);
        complete(batch);
    }

    @Test
    void aResendFromTheCommandLineIsNotReleasedFromThere() {
        bos.reply(Reply.closeWithoutAnswer());
        String batch = rest.post("/batches", "text/csv", three, ALICE).header("Location");
        decide(waits().get("id").asText(), "release", Login.BOB);
        complete(batch);
        bos.reply(Reply.success());
        try (RefundProcess resend = aboveTwo(service.command()).start("resend", batch.replaceFirst(".*/", ""),
                "--yes")) {
            assertThat(resend.waitFor(SOON)).as(resend.output()).isEqualTo(3);
        }
        String id = waits().get("id").asText();

        try (RefundProcess release = aboveTwo(service.command()).start("release", id)) {
            assertThat(release.waitFor(SOON)).as(release.output()).isEqualTo(2);
            assertThat(release.stderr()).contains("another person must release it");
        }
        assertThat(decide(id, "release", Login.BOB).status()).isEqualTo(200);
        await().atMost(SOON).until(() -> json(batch).get("success").asInt() == 3);
    }

    @Test
    void aServiceThatCannotTellPersonsApartIsRefused() throws Exception {
        Path other = Files.createTempDirectory(service.folder(), "other-");
        try (RefundProcess process = aboveTwo(elsewhere(other))
                .env("REFUND_HTTP_PORT", Integer.toString(RestService.freePort())).start("serve")) {
            assertThat(process.waitFor(SOON)).isEqualTo(2);
            assertThat(process.output()).contains("refund.release-above is set and no caller is configured");
        }
    }

    @Test
    void sendWaitsForAnotherPersonAndNotForMore() throws Exception {
        Path other = Files.createTempDirectory(service.folder(), "other-");
        Files.writeString(other.resolve("rows.csv"), three);
        String id;
        try (RefundProcess send = aboveTwo(elsewhere(other))
                .start("send", "rows.csv")) {
            assertThat(send.waitFor(SOON)).as(send.output()).isEqualTo(3);
            id = send.output().replaceAll("(?s).*refund release (\\S+?);.*", "$1");
        }
        try (RefundProcess release = aboveTwo(elsewhere(other))
                .start("release", id)) {
            assertThat(release.waitFor(SOON)).as(release.output()).isEqualTo(2);
            assertThat(release.output()).contains("it comes from you");
        }
        try (RefundProcess refuse = aboveTwo(elsewhere(other))
                .start("release", id, "--refuse", "--reason", "wrong file")) {
            assertThat(refuse.waitFor(SOON)).as(refuse.output()).isZero();
        }
        assertThat(service.posts()).isEmpty();
        assertThat(Files.readString(other.resolve("data/outbox/" + id + "/error.csv")))
                .contains("not released: wrong file");
    }
}
