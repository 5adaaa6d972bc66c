package center.bos.refund.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.testkit.CutWire;
import center.bos.refund.testkit.PostgresServer;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;

/** The same ledger on the oldest and the newest PostgreSQL that it supports. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PostgresLedgerTest {
    private static final Instant NOW = Instant.ofEpochMilli(System.currentTimeMillis());

    @TempDir
    static Path servers;
    private static final Map<PostgresServer.Version, PostgresServer> SERVERS = new EnumMap<>(
            PostgresServer.Version.class);

    @TempDir
    Path folder;

    @BeforeAll
    static void start() {
        for (PostgresServer.Version version : PostgresServer.Version.values()) {
            SERVERS.put(version, PostgresServer.start(version, servers.resolve(version.name())));
        }
    }

    @AfterAll
    static void stop() {
        SERVERS.values().forEach(PostgresServer::close);
    }

    @ParameterizedTest
    @EnumSource
    void answersAsTheLedgerInAFileDoes(PostgresServer.Version version) {
        Ledger ledger = ledger("one", SERVERS.get(version).newDatabaseUrl());
        Batch batch = register(ledger, 4);
        assertThat(register(ledger, 4).id()).isEqualTo("rows-1-2");

        assertThat(ledger.claim(row(batch, 2, "7"))).isInstanceOf(Claim.Granted.class);
        assertThat(ledger.claim(row(batch, 2, "7"))).isInstanceOf(Claim.Busy.class);
        assertThat(ledger.claim(row(batch, 3, "007"))).isInstanceOfSatisfying(Claim.Settled.class,
                settled -> assertThat(settled.outcome().message()).isEqualTo("repeats batch rows-1 line 2"));
        assertThat(ledger.claim(new RefundRow(batch.id(), 4, "", "", false, "no id")))
                .isInstanceOf(Claim.Settled.class);
        assertThat(ledger.release(row(batch, 2, "7"), 1, false)).isTrue();
        assertThat(ledger.claim(row(batch, 2, "7"))).isInstanceOfSatisfying(Claim.Granted.class,
                granted -> assertThat(granted.attempts()).isEqualTo(1));
        assertThat(ledger.settle(outcome(batch, 2, Outcome.IN_DOUBT), "{}")).isTrue();
        assertThat(ledger.settle(outcome(batch, 2, Outcome.SUCCESS), null)).isFalse();
        assertThat(ledger.claim(row(batch, 5, "8"))).isInstanceOf(Claim.Granted.class);
        assertThat(ledger.settle(outcome(batch, 5, Outcome.SUCCESS), null)).isTrue();

        assertThat(ledger.batches().finished()).extracting(Batch::id).containsExactly(batch.id());
        assertThat(ledger.batches().settledLines(batch.id(), 2, 5).cardinality()).isEqualTo(4);
        assertThat(ledger.batches().reasons(batch.id(), 5)).hasSize(3);
        try (OutcomeCursor outcomes = ledger.batches().outcomes(batch.id())) {
            assertThat(outcomes.next().line()).isEqualTo(2);
        }
        ledger.batches().complete(batch.id(), NOW);
        assertThat(ledger.batches().find(batch.id())).get().extracting(Batch::state, Batch::success, Batch::inDoubt,
                Batch::duplicate, Batch::rejected).containsExactly(Batch.State.COMPLETE, 1L, 1L, 1L, 1L);
        assertThat(ledger.batches().resend(batch.id(), Set.of(2L, 3L), "somebody")).isFalse();
        assertThat(ledger.batches().resend(batch.id(), Set.of(2L), "somebody")).isTrue();
        assertThat(ledger.batches().resend(batch.id(), Set.of(2L), "somebody else")).isFalse();
        ledger.batches().complete(batch.id(), NOW);
        assertThat(ledger.batches().find(batch.id())).get().extracting(Batch::state, Batch::inDoubt)
                .containsExactly(Batch.State.OPEN, 0L);
        assertThat(ledger.lookups().resent(batch.id())).hasSize(1);
        assertThat(ledger.lookups().history("7", "1", 10, 0)).hasSize(2);
        assertThat(ledger.lookups().batches(Optional.of(Batch.State.OPEN), 10, 0)).hasSize(2);
        assertThat(ledger.lookups().outcome(batch.id(), 5)).isPresent();
        assertThat(ledger.idempotencyKeys().take("me", "key", "a", "b")).contains("b");
        assertThat(ledger.idempotencyKeys().take("me", "key", "other", "b")).isEmpty();
        ledger.batches().registerRefused("bad-1", "bad.csv", "0".repeat(64), "empty", same -> false);
        ledger.close();
    }

    @ParameterizedTest
    @EnumSource
    void looksUpWhatBecameOfACommitWhoseAnswerWasLost(PostgresServer.Version version) throws Exception {
        PostgresServer postgres = SERVERS.get(version);
        try (CutWire wire = CutWire.to(postgres.port())) {
            // a statement that is prepared at the server is not seen on the wire
            Ledger ledger = ledger("one", postgres.newDatabaseUrl().replace(":" + postgres.port(), ":" + wire.port())
                    + "&prepareThreshold=0");
            for (boolean committed : new boolean[]{true, false}) {
                int cuts = wire.cuts();
                if (committed) {
                    wire.cutAfter("COMMIT");
                } else {
                    wire.cutBefore("COMMIT");
                }
                Batch batch = register(ledger, 1);
                assertThat(wire.cuts()).isEqualTo(cuts + 1);
                assertThat(ledger.batches().open()).extracting(Batch::id).contains(batch.id());

                if (committed) {
                    wire.cutAfter("COMMIT");
                } else {
                    wire.cutBefore("COMMIT");
                }
                String id = Integer.toString(cuts + 100);
                assertThat(ledger.claim(row(batch, 2, id))).isInstanceOf(Claim.Granted.class);
                wire.cutAfter("COMMIT");
                assertThat(ledger.settle(outcome(batch, 2, Outcome.SUCCESS), null)).isTrue();
                assertThat(wire.cuts()).isEqualTo(cuts + 3);
                assertThat(ledger.batches().find(batch.id())).get().extracting(Batch::success).isEqualTo(1L);
            }
            assertThat(ledger.batches().open()).hasSize(2);
            ledger.close();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aNodeThatFreezesInATransactionHoldsUpTheOthersForLessThanALease(PostgresServer.Version version)
            throws Exception {
        String url = SERVERS.get(version).newDatabaseUrl();
        LedgerDatabase database = LedgerDatabase.open(config("one", Map.of("refund.ledger.url", url)));
        String beat = "INSERT INTO node (name, epoch, alive_at) VALUES ('one', 1, 1) "
                + "ON CONFLICT (name) DO UPDATE SET alive_at = 2";
        Connection frozen = database.writer();
        try (Statement statement = frozen.createStatement()) {
            statement.executeUpdate(beat);
            frozen.commit();
            statement.executeUpdate(beat); // and nothing more comes from there
        }
        try (Connection other = database.writer(); Statement statement = other.createStatement()) {
            long begun = System.nanoTime();

            assertThat(statement.executeUpdate(beat)).isEqualTo(1);

            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Heartbeat.LEASE);
        }
        assertThatThrownBy(frozen::commit).isInstanceOf(SQLException.class);
    }

    @ParameterizedTest
    @EnumSource
    void grantsEachPairOnceToNodesThatAskAtTheSameMoment(PostgresServer.Version version) throws Exception {
        String url = SERVERS.get(version).newDatabaseUrl();
        List<Ledger> nodes = List.of(ledger("one", url), ledger("two", url));
        List<Batch> batches = nodes.stream().map(node -> register(node, 300)).toList();
        assertThat(batches).extracting(Batch::id).doesNotHaveDuplicates();
        // each asks for all pairs, one of them from the last to the first
        List<CompletableFuture<Claim>> claims = IntStream.range(0, 600).mapToObj(i -> {
            int node = i % 2;
            long pair = node == 0 ? i / 2 : 299 - i / 2;
            return CompletableFuture.supplyAsync(() -> nodes.get(node)
                    .claim(row(batches.get(node), 2 + pair, Long.toString(pair + 1))));
        }).toList();
        long granted = 0;
        for (CompletableFuture<Claim> claim : claims) {
            granted += claim.get(60, TimeUnit.SECONDS) instanceof Claim.Granted ? 1 : 0;
        }

        assertThat(granted).isEqualTo(300);
        assertThat(LongStream.of(0, 1)
                .map(i -> nodes.get(0).batches().find(batches.get((int) i).id()).orElseThrow().duplicate()).sum())
                .isEqualTo(300);
        nodes.forEach(Ledger::close);
    }

    @ParameterizedTest
    @EnumSource
    void aKeyThatIsTooLongForTheIndexFailsAloneAndHoldsUpNoOther(PostgresServer.Version version) {
        Ledger ledger = ledger("one", SERVERS.get(version).newDatabaseUrl());
        String key = new Random(1).ints(8_000, ' ', '~').mapToObj(Character::toString)
                .collect(Collectors.joining()); // nothing that could be compressed

        assertThatThrownBy(() -> ledger.claim(new RefundRow(key, 1, "7", "1", false, null)))
                .isInstanceOf(LedgerRefused.class);

        assertThat(ledger.claim(new RefundRow("short", 1, "7", "1", false, null))).isInstanceOf(Claim.Granted.class);
        ledger.close();
    }

    @ParameterizedTest
    @EnumSource
    void logsInAsTheConfiguredUserAndNeedsThePassword(PostgresServer.Version version) {
        String url = SERVERS.get(version).databaseUrlFor("clerk", "s3cret");

        Ledger ledger = open("one",
                Map.of("refund.ledger.url", url, "refund.ledger.user", "clerk", "refund.ledger.password",
                        "s3cret"));
        Batch batch = register(ledger, 1);
        assertThat(ledger.claim(row(batch, 2, "7"))).isInstanceOf(Claim.Granted.class);
        assertThat(ledger.batches().find(batch.id())).isPresent();
        ledger.close();

        assertThatThrownBy(() -> open("two", Map.of("refund.ledger.url", url, "refund.ledger.user", "clerk",
                "refund.ledger.password", "guessed"))).isInstanceOf(LedgerUnavailable.class)
                .hasMessageNotContaining("guessed");
    }

    private static Batch register(Ledger ledger, long rows) {
        return ledger.batches().register("rows-1", "rows.csv", new Batches.Content("0".repeat(64), 1, rows), false,
                batch -> false);
    }

    private static RefundRow row(Batch batch, long line, String referenceid) {
        return new RefundRow(batch.id(), line, referenceid, "1", false, null);
    }

    private static RowOutcome outcome(Batch batch, long line, Outcome outcome) {
        return new RowOutcome(batch.id(), line, "7", "1", outcome, "1", 200, "said", 1, NOW);
    }

    private Ledger ledger(String node, String url) {
        return open(node, Map.of("refund.ledger.url", url));
    }

    private Ledger open(String node, Map<String, String> settings) {
        Ledger ledger = new Ledger(config(node, settings), () -> {
        });
        ledger.open();
        return ledger;
    }

    private RefundConfig config(String node, Map<String, String> settings) {
        return new SmallRyeConfigBuilder().withMapping(RefundConfig.class)
                .withConverter(Duration.class, 200, new DurationConverter())
                .withDefaultValue("refund.data", folder.resolve(node).toString())
                .withDefaultValue("refund.node", node).withDefaultValues(settings).build()
                .getConfigMapping(RefundConfig.class);
    }
}
