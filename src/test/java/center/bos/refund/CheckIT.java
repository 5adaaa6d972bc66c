// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

import com.fasterxml.jackson.databind.JsonNode;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.Login;
import center.bos.refund.testkit.OwnThread;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.RestService.Answer;
import center.bos.refund.testkit.RestServiceExtension;

/** What would become of rows is said before anybody is texted, and it is those very rows that are sent then, once. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class CheckIT {
    private static final String[] ALICE = Login.ALICE.header();
    private static final String[] READER = Login.READER.header();

    private static final int ROWS_OF_A_TEST = 10;
    private static final AtomicInteger NEXT = new AtomicInteger(1_000);

    @RegisterExtension
    static final RestServiceExtension service = RestServiceExtension.with(
            launch -> launch.env("REFUND_REST_LARGEST_BATCH", "100K"), Login.ALICE, Login.READER);
    private BosServer bos;
    private RestService rest;
    /** Reference ids of this test end with a digit after these. */
    private final int tens = NEXT.addAndGet(ROWS_OF_A_TEST) / 10;
    private int batchesBefore;
    private long keptBefore;

    @BeforeEach
    void look() throws IOException {
        batchesBefore = allBatches();
        keptBefore = allKept();
    }

    private int allBatches() {
        return rest.get("/batches", READER).json().get("batches").size();
    }

    /** The batches of this test. */
    private int batches() {
        return allBatches() - batchesBefore;
    }

    private JsonNode check(String csv) {
        Answer answer = rest.post("/checks", "text/csv", csv, ALICE);
        assertThat(answer.status()).as(answer.http().body()).isEqualTo(200);
        return answer.json();
    }

    private Answer send(JsonNode check, String... headers) {
        return rest.send(rest.to("/checks/" + check.get("check").asText() + "/send")
                .headers(Login.ALICE.header(headers))
                .POST(BodyPublishers.noBody()));
    }

    /** A file of the row with that last digit. */
    private String row(int digit) {
        return "referenceid,ackno\n" + tens + digit + ",1\n";
    }

    private JsonNode complete(String batch) {
        return service.complete(batch, ALICE);
    }

    /** The files that this test left to be sent. */
    private long kept() throws IOException {
        return allKept() - keptBefore;
    }

    private long allKept() throws IOException {
        try (Stream<Path> files = Files.list(rest.data().resolve(".uploads"))) {
            return files.count();
        }
    }

    @Test
    void itSaysWhatSendingDoesAndSendsNothing() throws Exception {
        complete(rest.post("/batches", "text/csv", row(7), ALICE).header("Location"));
        String csv = row(5) + "00" + tens + "7,1\nabc,1\n" + tens + "5,1\n" + tens + "6,1\n";

        JsonNode check = check(csv);

        assertThat(check.get("rows").asInt()).isEqualTo(5);
        assertThat(check.get("to_send").asInt()).isEqualTo(2);
        assertThat(check.get("duplicate").asInt()).isEqualTo(2);
        assertThat(check.get("rejected").asInt()).isEqualTo(1);
        assertThat(check.at("/first_duplicates/0/line").asInt()).isEqualTo(3);
        assertThat(check.at("/first_duplicates/0/batch").asText()).startsWith("rest-");
        assertThat(check.at("/first_duplicates/0/batch_line").asInt()).isEqualTo(2);
        assertThat(check.at("/first_duplicates/0/message").asText()).endsWith("which ended SUCCESS");
        assertThat(check.at("/first_duplicates/1/message").asText()).isEqualTo("repeats line 2");
        assertThat(check.at("/first_rejected/0/line").asInt()).isEqualTo(4);
        assertThat(check.at("/first_rejected/0/message").asText()).contains("digits");
        assertThat(service.posts()).hasSize(1);
        assertThat(batches()).isEqualTo(1);

        Answer sent = send(check);
        assertThat(sent.status()).as(sent.http().body()).isEqualTo(202);
        JsonNode batch = complete(sent.header("Location"));
        assertThat(batch.get("success").asInt()).isEqualTo(check.get("to_send").asInt());
        assertThat(batch.get("duplicate").asInt()).isEqualTo(check.get("duplicate").asInt());
        assertThat(batch.get("rejected").asInt()).isEqualTo(check.get("rejected").asInt());
        assertThat(batch.get("sha256").asText()).isEqualTo(check.get("sha256").asText());
        assertThat(service.posts()).hasSize(3);
        assertThat(kept()).isZero();
    }

    @Test
    void twoWhoSendItAtOnceGetOneBatchAndSoDoThoseWhoComeLater() {
        JsonNode check = check(row(5) + tens + "6,1\n");

        List<CompletableFuture<Answer>> all = IntStream.range(0, 8)
                .mapToObj(i -> OwnThread.supply(() -> send(check, "Idempotency-Key", "key-" + i % 2)))
                .toList();
        List<String> places = all.stream().map(CompletableFuture::join).map(answer -> answer.header("Location"))
                .distinct()
                .toList();

        assertThat(places).hasSize(1);
        complete(places.get(0));
        rest = service.restart();
        assertThat(send(check).header("Location")).isEqualTo(places.get(0));
        JsonNode other = check(row(8));
        assertThat(send(other, "Idempotency-Key", "key-0").status()).isEqualTo(422);
        assertThat(batches()).isEqualTo(1);
        assertThat(service.posts()).hasSize(2);
    }

    @Test
    void pairsThatWereDoneAreSentByACheckThatAskedForThem() {
        complete(rest.post("/batches", "text/csv", row(7), ALICE).header("Location"));

        JsonNode check = rest.json("/checks?again=true", "[{\"referenceid\":" + tens + "7,\"ackno\":1}]", ALICE).json();

        assertThat(check.get("to_send").asInt()).isEqualTo(1);
        assertThat(complete(send(check).header("Location")).get("success").asInt()).isEqualTo(1);
        assertThat(rest.get("/audit", READER).json().at("/deeds/0/what").asText()).isEqualTo("again");
    }

    @Test
    void whatCannotBeUsedIsRefusedWithEveryViolation() throws Exception {
        Answer bad = rest.json("/checks", "[{\"referenceid\":\"x\",\"ackno\":1},{\"ackno\":\"y\"}]", ALICE);
        assertThat(bad.status()).isEqualTo(400);
        assertThat(bad.type()).isEqualTo("application/problem+json");
        assertThat(bad.json().get("violations").size()).isGreaterThanOrEqualTo(3);
        assertThat(rest.post("/checks", "text/csv", "a,b\n1,2\n", ALICE).status()).isEqualTo(400);
        assertThat(rest.post("/checks", "application/xml", "<x/>", ALICE).status()).isEqualTo(415);
        assertThat(rest.post("/checks", "text/csv", "x".repeat(200_000), ALICE).status()).isEqualTo(413);
        assertThat(rest.post("/checks", "text/csv", "referenceid,ackno\n1,1\n").status()).isEqualTo(401);
        assertThat(rest.post("/checks", "text/csv", "referenceid,ackno\n1,1\n", READER).status()).isEqualTo(403);
        assertThat(kept()).isZero();
        JsonNode check = check(row(1));
        assertThat(rest.send(rest.to("/checks/" + check.get("check").asText() + "/send").headers(READER)
                .POST(BodyPublishers.noBody())).status()).isEqualTo(403);
        assertThat(rest.send(rest.to("/checks/0123456789abcdef-01234567/send").headers(ALICE)
                .POST(BodyPublishers.noBody())).status()).isEqualTo(404);
        assertThat(rest.send(rest.to("/checks/x/send").headers(ALICE).POST(BodyPublishers.noBody())).status())
                .isEqualTo(400);
        assertThat(service.posts()).isEmpty();
    }

    @Test
    @Order(1) // before others keep some
    void noMoreIsKeptThanFourOfTheLargestAndNothingAfterAStart() throws Exception {
        JsonNode first = null;
        for (int i = 0; i < 6; i++) {
            int from = 1_000_000 * (i + 1);
            JsonNode check = check("referenceid,ackno\n" + LongStream.range(from, from + 9_000)
                    .mapToObj(id -> id + ",1\n").collect(Collectors.joining()));
            first = first == null ? check : first;
        }
        assertThat(allKept()).isEqualTo(4);
        assertThat(send(first).status()).as("made room for the others").isEqualTo(404);

        rest = service.restart();

        assertThat(allKept()).isZero();
        assertThat(service.posts()).isEmpty();
    }
}
