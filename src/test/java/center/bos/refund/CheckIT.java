// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import com.fasterxml.jackson.databind.JsonNode;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.Login;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.RestService.Answer;
import center.bos.refund.testkit.RestServiceExtension;

/** What would become of rows is said before anybody is texted, and it is those very rows that are sent then, once. */
class CheckIT {
    private static final String[] ALICE = Login.ALICE.header();
    private static final String[] READER = Login.READER.header();

    @RegisterExtension
    final RestServiceExtension service = RestServiceExtension.with(
            launch -> launch.env("REFUND_REST_LARGEST_BATCH", "100K"), Login.ALICE, Login.READER);
    private BosServer bos;
    private RestService rest;

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

    private JsonNode complete(String batch) {
        return service.complete(batch, ALICE);
    }

    private long kept() throws IOException {
        try (Stream<Path> files = Files.list(rest.data().resolve(".uploads"))) {
            return files.count();
        }
    }

    @Test
    void itSaysWhatSendingDoesAndSendsNothing() throws Exception {
        complete(rest.post("/batches", "text/csv", "referenceid,ackno\n7,1\n", ALICE).header("Location"));
        String csv = "referenceid,ackno\n5,1\n007,1\nabc,1\n5,1\n6,1\n";

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
        assertThat(bos.posts()).hasSize(1);
        assertThat(rest.get("/batches", READER).json().get("batches")).hasSize(1);

        Answer sent = send(check);
        assertThat(sent.status()).as(sent.http().body()).isEqualTo(202);
        JsonNode batch = complete(sent.header("Location"));
        assertThat(batch.get("success").asInt()).isEqualTo(check.get("to_send").asInt());
        assertThat(batch.get("duplicate").asInt()).isEqualTo(check.get("duplicate").asInt());
        assertThat(batch.get("rejected").asInt()).isEqualTo(check.get("rejected").asInt());
        assertThat(batch.get("sha256").asText()).isEqualTo(check.get("sha256").asText());
        assertThat(bos.posts()).hasSize(3);
        assertThat(kept()).isZero();
    }

    @Test
    void twoWhoSendItAtOnceGetOneBatchAndSoDoThoseWhoComeLater() {
        JsonNode check = check("referenceid,ackno\n5,1\n6,1\n");

        List<CompletableFuture<Answer>> all = IntStream.range(0, 8)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> send(check, "Idempotency-Key", "key-" + i % 2)))
                .toList();
        List<String> places = all.stream().map(CompletableFuture::join).map(answer -> answer.header("Location"))
                .distinct()
                .toList();

        assertThat(places).hasSize(1);
        complete(places.get(0));
        rest = service.restart();
        assertThat(send(check).header("Location")).isEqualTo(places.get(0));
        JsonNode other = check("referenceid,ackno\n8,1\n");
        assertThat(send(other, "Idempotency-Key", "key-0").status()).isEqualTo(422);
        assertThat(rest.get("/batches", READER).json().get("batches")).hasSize(1);
        assertThat(bos.posts()).hasSize(2);
    }

    @Test
    void pairsThatWereDoneAreSentByACheckThatAskedForThem() {
        complete(rest.post("/batches", "text/csv", "referenceid,ackno\n7,1\n", ALICE).header("Location"));

        JsonNode check = rest.json("/checks?again=true", "[{\"referenceid\":7,\"ackno\":1}]", ALICE).json();

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
        JsonNode check = check("referenceid,ackno\n1,1\n");
        assertThat(rest.send(rest.to("/checks/" + check.get("check").asText() + "/send").headers(READER)
                .POST(BodyPublishers.noBody())).status()).isEqualTo(403);
        assertThat(rest.send(rest.to("/checks/0123456789abcdef-01234567/send").headers(ALICE)
                .POST(BodyPublishers.noBody())).status()).isEqualTo(404);
        assertThat(rest.send(rest.to("/checks/x/send").headers(ALICE).POST(BodyPublishers.noBody())).status())
                .isEqualTo(400);
        assertThat(bos.posts()).isEmpty();
    }

    @Test
    void noMoreIsKeptThanFourOfTheLargestAndNothingAfterAStart() throws Exception {
        JsonNode first = null;
        for (int i = 0; i < 6; i++) {
            int from = 1_000_000 * (i + 1);
            JsonNode check = check("referenceid,ackno\n" + LongStream.range(from, from + 9_000)
                    .mapToObj(id -> id + ",1\n").collect(Collectors.joining()));
            first = first == null ? check : first;
        }
        assertThat(kept()).isEqualTo(4);
        assertThat(send(first).status()).as("made room for the others").isEqualTo(404);

        rest = service.restart();

        assertThat(kept()).isZero();
        assertThat(bos.posts()).isEmpty();
    }
}
