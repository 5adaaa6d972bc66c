// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DebianTool;
import center.bos.refund.testkit.PostgresServer;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;

/** A ledger in a place that is not fit for it: the start says what to do, and shows no password. */
class LedgerPlaceIT {
    private static final Duration LONG = Duration.ofSeconds(120);
    private static final int ROWS = 3;

    @TempDir
    private static Path server;
    private static PostgresServer postgres;

    @TempDir
    Path folder;
    private BosServer bos;
    private Path input;
    private Process pooler;

    @BeforeAll
    static void startPostgres() {
        postgres = PostgresServer.start(PostgresServer.Version.NEWEST, server.resolve("postgres"));
    }

    @AfterAll
    static void stopPostgres() {
        postgres.close();
    }

    @BeforeEach
    void start() {
        bos = BosServer.start();
        input = CsvFiles.rows(ROWS).writeTo(folder.resolve("rows.csv"));
    }

    @AfterEach
    void stop() {
        stopPooler();
        bos.close();
    }

    private void stopPooler() {
        if (pooler != null) {
            pooler.destroy();
        }
    }

    @Test
    void anAddressThatIsNotOneOfJdbcIsRefusedWithoutItsPassword() throws IOException {
        // SettingsTest has more of them
        assertThat(refused(at("jdbc:postgresql://refund:s3cret@db/refunds")))
                .startsWith("refund: refund.ledger.url cannot be read: it needs jdbc:postgresql://host:5432/database");
        assertThat(refused(at(postgres.databaseUrlFor("guarded", "right") + "?user=guarded&password=s3cret")))
                .contains("password authentication failed");
        assertThat(Files.readString(folder.resolve("data/refund.log"))).doesNotContain("s3cret");
    }

    @Test
    void aServerThatIsAwayIsToBeTriedAgainAndNoLevelOfTheLogShowsThePasswordOfItsAddress() throws IOException {
        RefundProcess.Launch away = at("jdbc:postgresql://127.0.0.1:" + RestService.freePort()
                + "/refunds?user=me&password=s3cret").jvmArg("-Dquarkus.log.level=DEBUG");
        assertThat(ends(3, away, "send", input.toString())).contains("the ledger cannot be opened", "refused");
        assertThat(Files.readString(folder.resolve("data/refund.log"))).contains("DEBUG").doesNotContain("s3cret");
    }

    @Test
    void aDatabaseOfAnotherProgramIsLeftAloneForASchemaOfItsOwn() throws SQLException {
        String url = postgres.newDatabaseUrl();
        run(url, "CREATE TABLE invoice (number BIGINT)");
        assertThat(refused(at(url))).contains("is not empty and holds no ledger", "schema of its own", "currentSchema")
                .doesNotContainIgnoringCase("baseline");

        String own = url + "&currentSchema=refund";
        sends(at(own));
        assertThat(refused(at(url + "&currentSchema=public"))).contains("schema of its own");
    }

    @Test
    void aDatabaseThatAnotherProgramKeepsWithFlywayIsLeftAlone() throws SQLException {
        String url = postgres.newDatabaseUrl();
        String history = """
                CREATE TABLE flyway_schema_history (installed_rank INT PRIMARY KEY, version VARCHAR(50),
                    description VARCHAR(200) NOT NULL, type VARCHAR(20) NOT NULL, script VARCHAR(1000) NOT NULL,
                    checksum INT, installed_by VARCHAR(100) NOT NULL, installed_on TIMESTAMP NOT NULL DEFAULT now(),
                    execution_time INT NOT NULL, success BOOLEAN NOT NULL)""";
        run(url, history);
        run(url, "CREATE TABLE invoice (number BIGINT)");
        run(url, "INSERT INTO flyway_schema_history VALUES (1, '1', 'invoices', 'SQL', 'V1__invoices.sql', 42, 'erp', now(), 1,"
                + " true)");

        assertThat(refused(at(url))).contains("the tables of another program", "schema of its own")
                .doesNotContainIgnoringCase("repair");
        sends(at(url + "&currentSchema=refund"));
    }

    @Test
    void aRoleThatMayMakeNoTablesIsToldSo() throws SQLException {
        String url = postgres.databaseUrlFor("reader", "pw");
        run(postgres.url(), "ALTER DATABASE " + url.replaceFirst(".*/", "") + " OWNER TO postgres");
        run(url + "?user=postgres", "REVOKE CREATE ON SCHEMA public FROM PUBLIC");
        assertThat(refused(at(url).env("REFUND_LEDGER_USER", "reader").env("REFUND_LEDGER_PASSWORD", "pw")))
                .contains("refund.ledger.user may not make tables there", "schema of its own");
    }

    @Test
    void aPoolThatSharesConnectionsIsRefusedAndOneThatDoesNotIsTaken() throws Exception {
        assertThat(refused(through("transaction"))).contains("pool_mode=transaction", "PostgreSQL's own address");
        assertThat(bos.postCount()).isZero();
        sends(through("session"));
    }

    private RefundProcess.Launch through(String mode) throws IOException {
        int port = RestService.freePort();
        Path settings = Files.writeString(folder.resolve(mode + ".ini"), """
                [databases]
                * = host=127.0.0.1 port=%d user=postgres
                [pgbouncer]
                listen_addr = 127.0.0.1
                listen_port = %d
                unix_socket_dir =
                auth_type = any
                pool_mode = %s
                ignore_startup_parameters = extra_float_digits
                """.formatted(postgres.port(), port, mode));
        List<String> command = new ArrayList<>(List.of(DebianTool.find("pgbouncer").toString(), settings.toString()));
        if (System.getProperty("user.name").equals("root")) { // which it does not run as
            command.addAll(1, List.of("-u", "nobody"));
        }
        stopPooler();
        pooler = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(new File(folder.toFile(), mode + ".log")).start();
        RefundProcess.Launch launch = at(postgres.newDatabaseUrl().replace(":" + postgres.port(), ":" + port));
        Awaitility.await().atMost(LONG)
                .until(() -> Files.readString(folder.resolve(mode + ".log")).contains("process up"));
        return launch;
    }

    private RefundProcess.Launch at(String url) {
        return RefundProcess.in(folder).archived().against(bos).env("REFUND_LEDGER_URL", url);
    }

    private String refused(RefundProcess.Launch launch) {
        return ends(2, launch, "send", input.toString());
    }

    private static String ends(int exitCode, RefundProcess.Launch launch, String... command) {
        try (RefundProcess process = launch.start(command)) {
            assertThat(process.waitFor(LONG)).as(process.output()).isEqualTo(exitCode);
            assertThat(process.output()).doesNotContain("s3cret");
            return process.stderr();
        }
    }

    private void sends(RefundProcess.Launch launch) {
        long before = bos.postCount();
        try (RefundProcess send = launch.start("send", input.toString())) {
            assertThat(send.waitFor(LONG)).as(send.output()).isZero();
        }
        assertThat(bos.postCount() - before).isEqualTo(ROWS);
    }

    private static void run(String url, String... statements) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url);
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }
}
