// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.OwnThread;
import center.bos.refund.testkit.PostgresServer;
import center.bos.refund.testkit.PromiseCheck;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;

/** The ledger's PostgreSQL goes away and comes back while a person or a caller waits. */
@Execution(ExecutionMode.CONCURRENT)
class DatabaseAwayIT {
    private static final Duration LONG = Duration.ofSeconds(120);
    private static final int ROWS = 2_000;
    private static final String PAIR = "{\"referenceid\":31000000001,\"ackno\":7}";

    @TempDir
    Path folder;

    private BosServer bos;
    private PostgresServer postgres;

    @BeforeEach
    void start() {
        bos = BosServer.start().reply(Reply.success().after(Duration.ofMillis(50)));
        postgres = PostgresServer.start(PostgresServer.Version.NEWEST, folder.resolve("postgres"));
    }

    @AfterEach
    void stop() {
        postgres.close();
        bos.close();
    }

    @Test
    void aCommandWaitsForItAndGoesOn() {
        Path file = CsvFiles.rows(ROWS).writeTo(folder.resolve("rows.csv"));
        try (RefundProcess check = process().start("check", file.toString())) {
            assertThat(check.waitFor(LONG)).as(check.output()).isZero(); // there are no tables yet
        }
        try (RefundProcess command = process().start("send", file.toString())) {
            await().atMost(LONG).until(() -> bos.postCount() > 200);
            postgres.stop();
            await().atMost(LONG).until(() -> command.output().contains("waiting for the ledger"));
            postgres.start();

            assertThat(command.waitFor(LONG)).as(command.output()).isZero();
        }
        PromiseCheck.of(bos).file(file, Results.await(folder.resolve("data/outbox"), "rows", LONG).folder()).verify();
        assertThat(bos.postCount()).isEqualTo(ROWS);
    }

    @Test
    void systemdStartsAServiceAgainThatWasStartedBeforeItsDatabase() throws IOException {
        postgres.stop();
        int code;
        try (RefundProcess service = process().start("serve")) {
            code = service.waitFor(LONG);
            assertThat(service.output()).contains("the ledger cannot be opened");
        }
        String unit = Files.readString(Path.of("deploy/systemd/bos-refund.service"));
        assertThat(unit).contains("Restart=on-failure").doesNotContain("RestartPreventExitStatus=" + code);
    }

    @Test
    void aRequestThatWasAcceptedIsNotAnsweredAsIfItWasNot() {
        bos.reply(Reply.success().after(Duration.ofSeconds(3)));
        try (RestService rest = RestService.start(process().env("REFUND_REST_TIMEOUT", "6s"), folder)) {
            CompletableFuture<RestService.Answer> first = OwnThread.supply(() -> rest.json("/refunds", PAIR));
            await().atMost(LONG).until(() -> bos.postCount() == 1);
            postgres.stop();

            assertThat(first.join().status()).isEqualTo(202);

            RestService.Answer second = rest.json("/refunds", "{\"referenceid\":31000000002,\"ackno\":7}");
            RestService.Answer batch = rest.post("/batches", "text/csv", "referenceid,ackno\n31000000003,7\n");
            RestService.Answer history = rest.get("/refunds/31000000001/7");
            for (RestService.Answer answer : new RestService.Answer[]{second, batch, history}) {
                assertThat(answer.status()).isEqualTo(503);
                assertThat(answer.type()).isEqualTo("application/problem+json");
            }
            assertThat(rest.process().output()).doesNotContain("31000000001");

            postgres.start();
            await().atMost(LONG).until(() -> rest.get("/refunds/31000000001/7").http().body().contains("SUCCESS"));
        }
        assertThat(bos.postCount()).isEqualTo(1);
    }

    private RefundProcess.Launch process() {
        return RefundProcess.in(folder).archived().against(bos).env("REFUND_LEDGER_URL", postgres.url())
                .env("REFUND_HTTP_PORT", "0");
    }
}
