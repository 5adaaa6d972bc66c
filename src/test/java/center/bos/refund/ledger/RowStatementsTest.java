package center.bos.refund.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.testkit.PostgresServer;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;

/** What one transaction makes of a group of writes is the same in a file, row by row, and at a server, in arrays. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RowStatementsTest {
    private static final Duration WINDOW = Duration.ofHours(24);

    private enum Database {
        FILE(null), OLDEST(PostgresServer.Version.OLDEST), NEWEST(PostgresServer.Version.NEWEST);

        private final PostgresServer.Version version;

        Database(PostgresServer.Version version) {
            this.version = version;
        }
    }

    @TempDir
    static Path servers;
    private static final Map<PostgresServer.Version, PostgresServer> SERVERS = new HashMap<>();

    @TempDir
    Path folder;
    private LedgerDatabase database;
    private Connection connection;
    private Heartbeat heartbeat;
    private RowStatements statements;
    private Counters counters = new Counters();

    @AfterAll
    static void stop() {
        SERVERS.values().forEach(PostgresServer::close);
    }

    @AfterEach
    void close() throws SQLException {
        connection.close();
        database.close();
    }

    @ParameterizedTest
    @EnumSource
    void tellsTheRowsOfAGroupApart(Database kind) throws SQLException {
        open(kind);
        Write.ClaimRow first = claim("a", 2, "7", "1");
        Write.ClaimRow samePair = claim("a", 3, "007", "01");
        Write.ClaimRow sameRow = claim("a", 2, "7", "1");
        Write.ClaimRow zeros = claim("a", 4, "000", "1");
        Write.ClaimRow sameZeros = claim("b", 2, "0", "1");
        Write.ClaimRow otherBatch = claim("b", 3, "7", "2");
        Write.ClaimRow rejected = new Write.ClaimRow(new RefundRow("a", 5, "", "", false, "no id"));
        Write.ClaimRow rejectedToo = new Write.ClaimRow(new RefundRow("a", 6, "", "", false, "it's \"no\", {id}, \\"));

        commit(List.of(), List.of(first, samePair, sameRow, zeros, sameZeros, otherBatch, rejected, rejectedToo));

        assertThat(result(first)).isEqualTo(new Claim.Granted(1, 0, heartbeat.epoch().number()));
        assertThat(result(samePair)).isInstanceOfSatisfying(Claim.Settled.class, settled -> {
            assertThat(settled.outcome().outcome()).isEqualTo(Outcome.DUPLICATE);
            assertThat(settled.outcome().message()).isEqualTo("repeats batch a line 2");
            assertThat(settled.before()).isFalse();
        });
        assertThat(result(sameRow)).isInstanceOf(Claim.Busy.class);
        assertThat(result(zeros)).isInstanceOf(Claim.Granted.class);
        assertThat(result(sameZeros)).isInstanceOfSatisfying(Claim.Settled.class,
                settled -> assertThat(settled.outcome().message()).isEqualTo("repeats batch a line 4"));
        assertThat(result(otherBatch)).isInstanceOf(Claim.Granted.class);
        assertThat(result(rejected)).isInstanceOfSatisfying(Claim.Settled.class,
                settled -> assertThat(settled.outcome().outcome()).isEqualTo(Outcome.REJECTED));
        assertThat(result(rejectedToo)).isInstanceOfSatisfying(Claim.Settled.class,
                settled -> assertThat(settled.outcome().message()).isEqualTo("it's \"no\", {id}, \\"));
        assertThat(counted("a")).containsExactly(0, 0, 0, 1, 2);
        assertThat(counted("b")).containsExactly(0, 0, 0, 1, 0);
    }

    @ParameterizedTest
    @EnumSource
    void settlesBeforeItClaims(Database kind) throws SQLException {
        open(kind);
        commit(List.of(), List.of(claim("a", 2, "7", "1"), claim("a", 3, "8", "1")));
        Write.SettleRow failed = settle("a", 2, Outcome.ERROR, "said \"no\", \\ and {that}");
        Write.SettleRow done = settle("a", 3, Outcome.SUCCESS, null);
        Write.SettleRow unknown = settle("a", 4, Outcome.SUCCESS, null);
        Write.ClaimRow freed = claim("b", 2, "7", "1");
        Write.ClaimRow held = claim("b", 3, "8", "1");

        commit(List.of(failed, done, unknown), List.of(freed, held));

        assertThat(List.of(result(failed), result(done), result(unknown))).containsExactly(true, true, false);
        assertThat(result(freed)).isInstanceOf(Claim.Granted.class);
        assertThat(result(held)).isInstanceOf(Claim.Settled.class);
        assertThat(counted("a")).containsExactly(1, 1, 0, 0, 0);
        assertThat(StoredRow.find(connection, "a", 2).orElseThrow().outcome()).isEqualTo(failed.outcome);
        assertThat(StoredRow.find(connection, "a", 3).orElseThrow().outcome()).isEqualTo(done.outcome);
        Write.SettleRow again = settle("a", 2, Outcome.SUCCESS, null);
        commit(List.of(again), List.of());
        assertThat(result(again)).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void givesAPairToAnotherRowWhenTheWindowHasPassed(Database kind) throws SQLException {
        open(kind);
        commit(List.of(), List.of(claim("a", 2, "7", "1"), claim("a", 3, "8", "1")));
        commit(List.of(settle("a", 2, Outcome.SUCCESS, null), settle("a", 3, Outcome.SUCCESS, null)), List.of());
        try (PreparedStatement age = connection.prepareStatement("UPDATE refund SET answered_at = ? WHERE line = 2")) {
            age.setLong(1, Instant.now().minus(WINDOW).toEpochMilli());
            age.executeUpdate();
        }
        connection.commit();
        Write.ClaimRow late = claim("b", 2, "7", "1");
        Write.ClaimRow soon = claim("b", 3, "8", "1");
        Write.ClaimRow again = new Write.ClaimRow(new RefundRow("b", 4, "8", "1", true, null));

        commit(List.of(), List.of(late, soon, again));

        assertThat(result(late)).isInstanceOf(Claim.Granted.class);
        assertThat(result(soon)).isInstanceOf(Claim.Settled.class);
        assertThat(result(again)).isInstanceOf(Claim.Granted.class);
    }

    @ParameterizedTest
    @EnumSource
    void findsEveryRowOfAPair(Database kind) throws SQLException {
        open(kind);
        commit(List.of(), List.of(claim("a", 2, "7", "1"), claim("a", 3, "007", "1"), claim("a", 9, "9", "1")));
        // an ERROR leaves the pair to another batch
        commit(List.of(settle("a", 2, Outcome.ERROR, "no")), List.of(claim("b", 2, "7", "01")));
        commit(List.of(settle("b", 2, Outcome.ERROR, "no")), List.of(claim("a", 4, "07", "1")));
        commit(List.of(settle("a", 4, Outcome.ERROR, "no")), List.of(claim("b", 3, "7", "1")));
        commit(List.of(), List.of(claim("a", 5, "7", "1")));

        assertThat(new Lookups(database).history("0007", "1", 10, 0))
                .extracting(request -> request.batch() + request.line(), Lookups.Request::state)
                .containsExactlyInAnyOrder(tuple("a2", "ERROR"), tuple("a3", "DUPLICATE"), tuple("b2", "ERROR"),
                        tuple("a4", "ERROR"), tuple("b3", "SENDING"), tuple("a5", "DUPLICATE"));
        assertThat(new Lookups(database).history("7", "1", 2, 1)).hasSize(2);
        assertThat(new Lookups(database).history("9", "1", 10, 0)).hasSize(1);
        assertThat(new Lookups(database).history("1", "9", 10, 0)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void takesTheLargestGroupAndAnEmptyOne(Database kind) throws SQLException {
        open(kind);
        List<Write.ClaimRow> claims = LongStream.range(2, 102).mapToObj(line -> claim("a", line, "9" + line, "1"))
                .toList();
        commit(List.of(), claims);
        claims.forEach(write -> assertThat(result(write)).isInstanceOf(Claim.Granted.class));
        List<Write.SettleRow> settles = LongStream.range(2, 102)
                .mapToObj(line -> settle("a", line, Outcome.SUCCESS, null)).toList();
        commit(settles, List.of());
        settles.forEach(write -> assertThat(result(write)).isTrue());
        commit(List.of(), List.of());
        assertThat(counted("a")).containsExactly(100, 0, 0, 0, 0);
    }

    @ParameterizedTest
    @EnumSource
    void doesNothingForANodeThatWasTakenForDead(Database kind) throws SQLException {
        open(kind);
        Heartbeat other = new Heartbeat(new Epoch("here", "another process", 1, 0));
        Write.ClaimRow claim = claim("a", 2, "7", "1");

        assertThat(statements.begin(other, List.of(), List.of(claim), counters)).isFalse();
        connection.rollback();

        assertThat(result(claim)).isNull();
        try (ResultSet rows = connection.createStatement().executeQuery("SELECT count(*) FROM refund")) {
            rows.next();
            assertThat(rows.getInt(1)).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aRejectedRowIsNoneOfThePairThatItsIdsComeOutAs(Database kind) throws SQLException {
        open(kind);
        commit(List.of(), List.of(claim("a", 2, "7", "1")));

        commit(List.of(), List.of(new Write.ClaimRow(new RefundRow("a", 3, "0".repeat(18) + "7", "1", false, "long"))));

        assertThat(new Lookups(database).history("7", "1", 10, 0)).extracting(Lookups.Request::line)
                .containsExactly(2L);
        assertThat(StoredRow.find(connection, "a", 3).orElseThrow().outcome().referenceid()).hasSize(19);
    }

    @Test
    void aSignOfLifeIsAsOldAsItsTransactionHoweverLateTheCommitIsAnswered() throws SQLException {
        open(Database.FILE);
        assertThat(heartbeat.age()).isGreaterThanOrEqualTo(Heartbeat.LEASE);
        assertThat(statements.begin(heartbeat, List.of(), List.of(), counters)).isTrue();
        long begun = System.nanoTime();
        statements.commit(counters);

        heartbeat.committed();

        Duration since = Duration.ofNanos(System.nanoTime() - begun);
        assertThat(heartbeat.age()).isBetween(since, Heartbeat.LEASE);
    }

    private void open(Database kind) throws SQLException {
        SmallRyeConfigBuilder config = new SmallRyeConfigBuilder().withMapping(RefundConfig.class)
                .withConverter(Duration.class, 200, new DurationConverter())
                .withDefaultValue("refund.data", folder.toString()).withDefaultValue("refund.node", "here");
        if (kind.version != null) {
            config.withDefaultValue("refund.ledger.url", SERVERS
                    .computeIfAbsent(kind.version,
                            version -> PostgresServer.start(version, servers.resolve(version.name())))
                    .newDatabaseUrl());
        }
        database = LedgerDatabase.open(config.build().getConfigMapping(RefundConfig.class));
        heartbeat = new Heartbeat(new Epochs(database, RefundConfig.InDoubt.HOLD).begin("here"));
        connection = database.writer();
        for (String batch : List.of("a", "b")) {
            try (PreparedStatement insert = connection.prepareStatement("""
                    INSERT INTO batch (id, file, sha256, node, state, row_count, started_at)
                    VALUES (?, 'f', 's', 'here', 'open', 9, 0)""")) {
                insert.setString(1, batch);
                insert.executeUpdate();
            }
        }
        connection.commit();
        statements = database.rowStatements(connection, Ledger.OPERATION, heartbeat.epoch(), WINDOW);
    }

    private void commit(List<Write.SettleRow> settles, List<Write.ClaimRow> claims) throws SQLException {
        counters = new Counters();
        assertThat(statements.begin(heartbeat, settles, claims, counters)).isTrue();
        statements.commit(counters);
        heartbeat.committed();
    }

    private static <T> T result(Write<T> write) {
        write.durable();
        return write.await();
    }

    private List<Integer> counted(String batch) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(
                "SELECT success, error, in_doubt, duplicate, rejected FROM batch WHERE id = '" + batch + "'");
                ResultSet found = select.executeQuery()) {
            List<Integer> counted = new ArrayList<>();
            for (found.next(); counted.size() < 5;) {
                counted.add(found.getInt(counted.size() + 1));
            }
            return counted;
        }
    }

    private static Write.ClaimRow claim(String batch, long line, String referenceid, String ackno) {
        return new Write.ClaimRow(new RefundRow(batch, line, referenceid, ackno, false, null));
    }

    private static Write.SettleRow settle(String batch, long line, Outcome outcome, String message) {
        Integer status = message == null ? null : 200;
        return new Write.SettleRow(new RowOutcome(batch, line, line == 2 ? "7" : "8", "1", outcome,
                message == null ? "1" : null, status, message, 1, Instant.now().truncatedTo(ChronoUnit.MILLIS)),
                message);
    }
}
