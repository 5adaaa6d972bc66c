// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

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
    private static final int LATER = 10;
    private static final String NODE = "refund-0";
    /** As if only these had been read by the time of the backup. */
    private static final int READ = 1_000;
    private static final Pattern SQL = Pattern.compile("```sql\\n(.*?)```", Pattern.DOTALL);

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
            run(backup, "DELETE FROM refund WHERE line > " + READ, "DELETE FROM pair WHERE line > " + READ,
                    "UPDATE batch SET accepted = " + (READ - 1));
            bos.reply(Reply.success());
            assertThat(Results.await(data.resolve("outbox"), "batch", LONG).summary().success()).isEqualTo(ROWS);
            drop("later", CsvFiles.rows(LATER).from(800_000));
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
        List<String> sql = steps();
        List<String> unread = ask(data.resolve("ledger.db"), sql.get(0));
        assertThat(unread).hasSize(1);
        for (String batch : unread) {
            Files.move(data.resolve("archive/" + batch + ".csv"), aside.resolve(batch + ".csv"));
            Files.move(data.resolve("inbox/." + NODE + "/.taken/" + batch + ".csv"),
                    aside.resolve(batch + ".original"));
        }
        run(data.resolve("ledger.db"), sql.get(1).split(";\\s*"));

        try (RefundProcess serve = serve()) {
            await().during(Duration.ofSeconds(4)).atMost(LONG).until(() -> bos.postCount() == ROWS + LATER);
            await().atMost(LONG).until(() -> serve.output().contains("the ledger has no batch of"));
            // and what comes now is sent
            drop("next", CsvFiles.rows(10).from(900_000));
        }
        assertThat(bos.posts()).extracting(post -> post.pair()).doesNotHaveDuplicates();
        assertThat(ask(data.resolve("ledger.db"), "SELECT count(*) FROM refund WHERE outcome IS NULL"))
                .containsExactly("0");
        assertThat(ask(data.resolve("ledger.db"), "SELECT id FROM batch WHERE sending <> 0")).isEmpty();
    }

    private void drop(String name, CsvFiles rows) throws IOException {
        Path part = rows.writeTo(data.resolve("inbox/" + name + ".csv.part"));
        Files.move(part, data.resolve("inbox/" + name + ".csv"));
        assertThat(Results.await(data.resolve("outbox"), name, LONG).summary().success()).isEqualTo(10);
    }

    /** The SQL of the steps, in their order. */
    private static List<String> steps() throws IOException {
        String restore = Files.readString(Path.of("docs/operations.md")).split("\n## Restore it\n")[1]
                .split("\n## ")[0];
        return SQL.matcher(restore).results().map(step -> step.group(1)).toList();
    }

    private static void run(Path ledger, String... statements) throws SQLException {
        try (Connection connection = open(ledger); Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private RefundProcess serve() {
        RefundProcess serve = RefundProcess.in(folder).archived().against(bos).env("REFUND_HTTP_PORT", "0")
                .env("REFUND_NODE", NODE)
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
