package center.bos.refund.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.config.RefundConfig;
import io.smallrye.config.SmallRyeConfigBuilder;

@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LedgerTroubleTest {

    private static final Duration SOON = Duration.ofSeconds(30);

    @TempDir
    Path folder;

    private LedgerDatabase database;
    private GroupCommit writer;

    @BeforeEach
    void open() {
        RefundConfig config = new SmallRyeConfigBuilder().withMapping(RefundConfig.class)
                .withConverter(Duration.class, 200, new io.quarkus.runtime.configuration.DurationConverter())
                .withDefaultValue("refund.data", folder.toString()).withDefaultValue("refund.node", "here").build()
                .getConfigMapping(RefundConfig.class);
        database = LedgerDatabase.open(config);
        Epochs epochs = new Epochs(database, RefundConfig.InDoubt.HOLD);
        writer = new GroupCommit(database, epochs, Ledger.OPERATION, "here", Duration.ofHours(24), 32, () -> {
        });
    }

    @AfterEach
    void close() {
        writer.close();
        database.close();
    }

    @Test
    void failsAWriteThatCanNeverBeTakenAloneAndGoesOn() throws Exception {
        CompletableFuture<Claim> waiting;
        CompletableFuture<Object> poison;
        try (Connection other = locked()) {
            // while the ledger is locked they gather into one group
            CompletableFuture.supplyAsync(() -> writer.write(new Write.ClaimRow(row(1))));
            await().atMost(SOON).until(() -> writer.trouble() != null);
            poison = CompletableFuture.supplyAsync(() -> writer.write(new Write.Change<>((connection, counters) -> {
                try (Statement statement = connection.createStatement()) {
                    return statement.executeUpdate("INSERT INTO node (name, epoch, alive_at) VALUES (NULL, 1, 1)");
                }
            })));
            waiting = CompletableFuture.supplyAsync(() -> writer.write(new Write.ClaimRow(row(2))));
        }

        assertThat(waiting.get(SOON.toSeconds(), TimeUnit.SECONDS)).isInstanceOf(Claim.Granted.class);
        assertThatThrownBy(() -> poison.get(SOON.toSeconds(), TimeUnit.SECONDS))
                .isInstanceOf(ExecutionException.class).hasCauseInstanceOf(LedgerRefused.class);
        assertThat(writer.write(new Write.ClaimRow(row(3)))).isInstanceOf(Claim.Granted.class);
    }

    @Test
    void goesOnAfterAWriteThatThrows() {
        assertThatThrownBy(() -> writer.write(new Write.Change<>((connection, counters) -> {
            throw new IllegalStateException("a defect");
        }))).isInstanceOf(LedgerRefused.class).hasMessageContaining("a defect");

        assertThat(writer.write(new Write.ClaimRow(row(1)))).isInstanceOf(Claim.Granted.class);
    }

    @Test
    void grantsNothingWhileAnotherProcessLocksTheLedgerAndGoesOnAfterwards() throws Exception {
        CompletableFuture<Claim> claim;
        try (Connection other = locked()) {
            claim = CompletableFuture.supplyAsync(() -> writer.write(new Write.ClaimRow(row(1))));

            await().atMost(SOON).until(() -> writer.trouble() != null);
            assertThat(writer.trouble()).contains("BUSY");
            assertThat(claim).isNotDone();
        }
        assertThat(claim.get(SOON.toSeconds(), TimeUnit.SECONDS)).isInstanceOf(Claim.Granted.class);
        await().atMost(SOON).until(() -> writer.trouble() == null);
    }

    @Test
    void saysSoWhenACommitDoesNotComeToAnEnd() throws Exception {
        CompletableFuture<Void> release = new CompletableFuture<>();
        CompletableFuture<Object> stuck = CompletableFuture
                .supplyAsync(() -> writer.write(new Write.Change<>((connection, counters) -> release.join())));

        await().atMost(SOON).until(() -> writer.trouble() != null);
        assertThat(writer.trouble()).contains("no commit");

        release.complete(null);
        stuck.get(SOON.toSeconds(), TimeUnit.SECONDS);
        assertThat(writer.trouble()).isNull();
    }

    @Test
    void letsNobodyWaitForEverWhenItIsClosedInTrouble() throws Exception {
        try (Connection other = locked()) {
            CompletableFuture<Claim> first = CompletableFuture
                    .supplyAsync(() -> writer.write(new Write.ClaimRow(row(1))));
            await().atMost(SOON).until(() -> writer.trouble() != null);
            CompletableFuture<Claim> second = CompletableFuture
                    .supplyAsync(() -> writer.write(new Write.ClaimRow(row(2))));

            writer.close();

            for (CompletableFuture<Claim> claim : java.util.List.of(first, second)) {
                assertThatThrownBy(() -> claim.get(SOON.toSeconds(), TimeUnit.SECONDS))
                        .hasCauseInstanceOf(LedgerUnavailable.class);
            }
        }
    }

    private Connection locked() throws SQLException {
        Connection other = DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("ledger.db"));
        try (Statement statement = other.createStatement()) {
            statement.execute("PRAGMA busy_timeout = 20000");
            statement.execute("BEGIN EXCLUSIVE");
        }
        return other;
    }

    private static RefundRow row(long line) {
        return new RefundRow("batch", line, Long.toString(line), "1", false, null);
    }
}
