// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.Results;

/** The steps of docs/operations.md for a ledger that was backed up in the middle of a batch and is older than what was sent. */
class RestoredLedgerIT {
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final int ROWS = 1_500;
    private static final String UNREAD = "SELECT id, node FROM batch WHERE state = 'open' AND accepted < row_count";
    private static final List<String> DOUBT = List.of("UPDATE epoch SET ended_at = 0 WHERE ended_at IS NULL", """
            UPDATE refund SET epoch = (SELECT max(number) FROM epoch) WHERE outcome IS NULL AND epoch IS NULL""");

    @TempDir
    Path folder;
    private Path data;
    private Path backup;
    private BosServer bos;

    @BeforeEach
    void backUpInTheMiddleOfABatchAndFinishIt() throws Exception {
        data = folder.resolve("data");
        backup = folder.resolve("backup.db");
        // so slow after a while that the backup is of the middle, however busy the machine
        bos = BosServer.start()
                .reply(post -> Reply.success().after(Duration.ofMillis(post.number() < 300 ? 100 : 2_000)));
        try (RefundProcess serve = serve()) {
            Path part = CsvFiles.rows(ROWS).writeTo(data.resolve("inbox/batch.csv.part"));
            Files.move(part, data.resolve("inbox/batch.csv"));
            await().atMost(LONG).until(() -> bos.postCount() > 200);
            try (Connection ledger = open(data.resolve("ledger.db"))) {
                ledger.createStatement().execute("VACUUM INTO '" + backup + "'");
            }
            bos.reply(Reply.success());
            assertThat(Results.await(data.resolve("outbox"), "batch", LONG).summary().success()).isEqualTo(ROWS);
            serve.terminate();
            assertThat(serve.waitFor(LONG)).isZero();
        }
    }

    @AfterEach
    void stop() {
        bos.close();
    }

    @Test
    void aRestoredLedgerSendsNothingOnceWhatWaitsInItIsPutInDoubt() throws Exception {
        assertThat(ask(backup, "PRAGMA integrity_check")).containsExactly("ok");
        assertThat(Integer.parseInt(ask(backup, "SELECT count(*) FROM refund WHERE outcome = 'SUCCESS'").get(0)))
                .isBetween(100, ROWS - 1);
        for (String name : List.of("ledger.db", "ledger.db-wal", "ledger.db-shm")) {
            Files.deleteIfExists(data.resolve(name));
        }
        Files.copy(backup, data.resolve("ledger.db"));
        Path aside = Files.createDirectories(folder.resolve("aside"));
        for (String batch : ask(data.resolve("ledger.db"), UNREAD)) {
            Files.move(data.resolve("archive/" + batch + ".csv"), aside.resolve(batch + ".csv"));
        }
        try (Connection ledger = open(data.resolve("ledger.db"))) {
            for (String statement : DOUBT) {
                ledger.createStatement().execute(statement);
            }
        }

        try (RefundProcess serve = serve()) {
            await().during(Duration.ofSeconds(4)).atMost(LONG).until(() -> bos.postCount() == ROWS);
            // and what comes now is sent
            Path part = CsvFiles.rows(10).from(900_000).writeTo(data.resolve("inbox/next.csv.part"));
            Files.move(part, data.resolve("inbox/next.csv"));
            assertThat(Results.await(data.resolve("outbox"), "next", LONG).summary().success()).isEqualTo(10);
        }
        assertThat(bos.posts()).extracting(post -> post.pair()).doesNotHaveDuplicates();
        assertThat(ask(data.resolve("ledger.db"), "SELECT count(*) FROM refund WHERE outcome IS NULL"))
                .containsExactly("0");
    }

    private RefundProcess serve() {
        RefundProcess serve = RefundProcess.in(folder).archived().against(bos).env("REFUND_HTTP_PORT", "0")
                .start("serve");
        await().atMost(LONG).until(() -> serve.output().contains("Watching"));
        return serve;
    }

    private static Connection open(Path ledger) throws SQLException {
        return DriverManager.getConnection("jdbc:sqlite:" + ledger);
    }

    private static List<String> ask(Path ledger, String question) throws SQLException {
        try (Connection connection = open(ledger);
                ResultSet rows = connection.createStatement().executeQuery(question)) {
            List<String> answers = new ArrayList<>();
            while (rows.next()) {
                answers.add(rows.getString(1));
            }
            return answers;
        }
    }
}
