// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;

import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.extension.RegisterExtension;

import com.fasterxml.jackson.databind.JsonNode;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.Login;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.RestServiceExtension;

/** Who did what is kept, is shown to readers, and cannot be changed unseen. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class AuditIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String[] ALICE = Login.ALICE.header();
    private static final String[] READER = Login.READER.header();

    @RegisterExtension
    static final RestServiceExtension service = RestServiceExtension.with(launch -> launch, Login.ALICE, Login.READER);
    private BosServer bos;
    private RestService rest;

    private JsonNode deeds() {
        return rest.get("/audit", READER).json().get("deeds");
    }

    private JsonNode complete(String batch) {
        return service.complete(batch, ALICE);
    }

    private String upload(String csv, String query) {
        return rest.post("/batches" + query, "text/csv", csv, ALICE).header("Location");
    }

    @Test
    void everyDeedIsThereOnceAndAMereLookIsNone() {
        bos.reply(Reply.closeWithoutAnswer());
        String batch = upload("referenceid,ackno\n1,1\n", "");
        complete(batch);
        bos.reply(Reply.success());
        rest.json(batch + "/resend", "{\"all\":true,\"reason\":\"BOS says no\"}", ALICE);
        complete(batch);
        rest.json("/service/pause", "{\"reason\":\"lunch\"}", ALICE);
        rest.json("/service/pause", "{\"reason\":\"lunch\"}", ALICE);
        rest.json("/service/resume", "{}", ALICE);
        rest.json("/refunds?again=true", "{\"referenceid\":1,\"ackno\":1}", Login.ALICE.header("Idempotency-Key", "k"));
        rest.json("/refunds?again=true", "{\"referenceid\":1,\"ackno\":1}", Login.ALICE.header("Idempotency-Key", "k"));
        upload("referenceid,ackno\n2,1\n", "?again=true");
        rest.get(batch, READER);
        rest.get("/batches", "Authorization", RestService.basic("mallory", "guess"));
        rest.get("/batches", "Authorization", RestService.basic("mallory", "guess again"));

        JsonNode deeds = await().atMost(SOON).until(this::deeds, found -> found.size() == 6);

        assertThat(deeds.findValuesAsText("what")).containsExactly("login-refused", "again", "again", "resume", "pause",
                "resend");
        assertThat(deeds.findValuesAsText("by")).startsWith("mallory", "alice", "alice").endsWith("alice");
        assertThat(deeds.at("/5/reason").asText()).isEqualTo("BOS says no");
        assertThat(deeds.at("/5/of").asText()).isEqualTo(rest.get(batch, ALICE).json().get("batch").asText());
        assertThat(rest.get("/audit?limit=2", READER).json().get("next").asText())
                .isEqualTo("/audit?limit=2&before=5");
        assertThat(rest.get("/audit?before=3", READER).json().get("deeds")).hasSize(2);
        assertThat(rest.get("/audit").status()).isEqualTo(401);
        assertThat(rest.process().output()).doesNotContain("guess");
    }

    @Test
    @Order(1) // it leaves the log empty
    void theCommandFindsWhatWasChangedAndWhatWasCutOff() throws Exception {
        rest.json("/service/pause", "{\"reason\":\"lunch\"}", ALICE);
        rest.json("/service/resume", "{}", ALICE);
        String batch = upload("referenceid,ackno\n9,1\n", "");
        String id = complete(batch).get("batch").asText();
        Path summary = rest.data().resolve("outbox").resolve(id).resolve("summary.json");
        assertThat(Files.readString(summary)).contains("\"audit\"").contains(deeds().at("/0/hash").asText());
        Path kept = Files.copy(summary,
                Files.createDirectories(service.folder().resolve("erp")).resolve("summary.json"));

        assertThat(service.run(0, "audit")).contains("alice  pause  node").contains("lunch");
        assertThat(service.run(0, "audit", "--verify", kept.toString()))
                .contains("2 entries, checked against 2 summaries: nothing is wrong");

        change("UPDATE deed SET done_by = 'bob' WHERE number = 1");
        assertThat(service.run(1, "audit", "--verify")).contains("the name or reason of entry 1 was changed");
        change("DELETE FROM deed");
        change("UPDATE audit_head SET number = 0, hash = ''");
        assertThat(service.run(1, "audit", "--verify")).contains("entry 2").contains("was cut off");
        Files.delete(summary);
        assertThat(service.run(0, "audit", "--verify")).contains("0 entries, checked against 0 summaries");
        Path link = Files.createSymbolicLink(service.folder().resolve("link"), service.folder().resolve("erp"));
        assertThat(service.run(1, "audit", "--verify", link.toString())).contains("was cut off");
        assertThat(service.run(2, "audit", "--verify", "nowhere")).contains("nowhere does not exist");
        Path rows = Files.writeString(service.folder().resolve("rows.csv"), "referenceid,ackno\n1,2\n");
        assertThat(service.run(2, "audit", "--verify", rows.toString())).contains(rows + " is not JSON");
    }

    private void change(String sql) throws Exception {
        try (Connection ledger = DriverManager
                .getConnection("jdbc:sqlite:" + rest.data().resolve("ledger.db") + "?busy_timeout=5000");
                Statement statement = ledger.createStatement()) {
            statement.executeUpdate(sql);
        }
    }
}
