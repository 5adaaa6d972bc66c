package center.bos.refund.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;

import org.flywaydb.core.Flyway;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.testkit.PostgresServer;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;

/** What was in flight when a node ended is found again by the list that the node kept, and nothing else is. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClaimsLeftBehindTest {
    /** Ids that clients choose need not be fit for a line of a list. */
    private static final String ODD_ID = "jms-a\nb \\n c";

    @TempDir
    Path folder;
    private String url;

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void isPutInDoubtByTheNextStart(boolean server) throws Exception {
        try (PostgresServer postgres = open(server)) {
            Ledger before = ledger();
            for (long line = 2; line < 8; line++) {
                assertThat(before.claim(row("rows", line))).isInstanceOf(Claim.Granted.class);
            }
            assertThat(before.claim(row(ODD_ID, 1))).isInstanceOf(Claim.Granted.class);
            assertThat(before.claim(row("rows", 3))).isInstanceOf(Claim.Busy.class);
            before.settle(outcome("rows", 2), null);
            before.settle(outcome("rows", 4), null);
            before.release(row("rows", 7), 1, false);
            assertThat(before.claim(row("rows", 2))).isInstanceOf(Claim.Settled.class);
            before.close();

            Ledger after = ledger();
            assertThat(after.batches().inDoubt("rows")).containsExactlyInAnyOrder(3L, 5L, 6L);
            assertThat(after.batches().inDoubt(ODD_ID)).containsExactlyInAnyOrder(1L);
            assertThat(after.claim(row("rows", 7))).isInstanceOf(Claim.Granted.class);
            after.settle(outcome("rows", 7), null);
            after.close();

            assertThat(ask("SELECT claims FROM node")).isEmpty();
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void isFoundWhereAnOlderVersionLeftIt(boolean server) throws Exception {
        try (PostgresServer postgres = open(server)) {
            Flyway.configure().dataSource(url, server ? "postgres" : null, null)
                    .locations("filesystem:src/main/resources/db/migration")
                    .placeholders(Map.of("clustered", server ? "" : "WITHOUT ROWID")).target("4").load().migrate();
            change("INSERT INTO node (name, epoch, heartbeat) VALUES ('here', 3, 0), ('idle', 1, 0)");
            for (String row : new String[]{"'rows', 2, '007', 'ERROR', 2", "'rows', 3, '7', 'DUPLICATE', 2",
                    "'again', 2, '7', 'SENDING', 3", "'again', 5, '8', 'SENDING', 3", "'again', 6, '000', 'SUCCESS', 3",
                    "'jms-a\nb \\n c', 1, '9', 'SENDING', 3", "'rows', 4, '', 'REJECTED', 3"}) {
                change("INSERT INTO refund (batch, line, referenceid, state, epoch, ackno, node, sends, claimed_at, answered_at)"
                        + " VALUES (" + row + ", '1', 'here', 1, 1, 1)");
            }
            change("INSERT INTO pair VALUES ('RefundOTP', '7', '1', 'again', 2), ('RefundOTP', '8', '1', 'again', 5),"
                    + " ('RefundOTP', '0', '1', 'again', 6), ('RefundOTP', '9', '1', 'jms-a\nb \\n c', 1)");

            Ledger ledger = ledger();

            assertThat(ledger.batches().inDoubt("again")).containsExactlyInAnyOrder(2L, 5L);
            assertThat(ledger.batches().inDoubt(ODD_ID)).hasSize(1);
            assertThat(ledger.lookups().history("7", "1", 10, 0)).extracting(Lookups.Request::state)
                    .containsExactlyInAnyOrder("ERROR", "DUPLICATE", "IN_DOUBT");
            assertThat(ledger.lookups().history("0", "1", 10, 0)).hasSize(1);
            ledger.close();
        }
    }

    private PostgresServer open(boolean server) throws Exception {
        PostgresServer postgres = server ? PostgresServer.start(PostgresServer.Version.OLDEST, folder) : null;
        url = server ? postgres.newDatabaseUrl() : "jdbc:sqlite:" + folder.resolve("ledger.db");
        return postgres;
    }

    private void change(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        }
    }

    private String ask(String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                ResultSet found = connection.createStatement().executeQuery(sql)) {
            found.next();
            return found.getString(1);
        }
    }

    private static RefundRow row(String batch, long line) {
        return new RefundRow(batch, line, line + "0" + batch.length(), "1", false, null);
    }

    private static RowOutcome outcome(String batch, long line) {
        return new RowOutcome(batch, line, "7", "1", Outcome.SUCCESS, "1", 200, "said", 1, Instant.now());
    }

    private Ledger ledger() {
        SmallRyeConfigBuilder config = new SmallRyeConfigBuilder().withMapping(RefundConfig.class)
                .withConverter(Duration.class, 200, new DurationConverter())
                .withDefaultValue("refund.data", folder.toString()).withDefaultValue("refund.node", "here");
        if (!url.startsWith("jdbc:sqlite")) {
            config.withDefaultValue("refund.ledger.url", url);
        }
        Ledger ledger = new Ledger(config.build().getConfigMapping(RefundConfig.class), () -> {
        });
        ledger.open();
        return ledger;
    }
}
