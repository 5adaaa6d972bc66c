// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import static center.bos.refund.ledger.LedgerNode.accepting;
import static center.bos.refund.ledger.LedgerNode.row;
import static center.bos.refund.ledger.LedgerNode.single;
import static center.bos.refund.ledger.LedgerNodes.Database.NEWEST;
import static center.bos.refund.ledger.LedgerNodes.Database.OLDEST;
import static center.bos.refund.model.Outcome.IN_DOUBT;
import static center.bos.refund.model.Outcome.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

import org.junit.jupiter.api.Timeout;

import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.model.Batch;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.NewRow;
import center.bos.refund.model.RowOutcome;
import center.bos.refund.node.Epoch;
import center.bos.refund.testkit.CutWire;
import center.bos.refund.testkit.OwnThread;
import center.bos.refund.testkit.PostgresServer;

/** What several nodes promise each other on one PostgreSQL, the oldest and the newest that is supported. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class PostgresLedgerTest {
    @OnEachDatabase({OLDEST, NEWEST})
    void nodesThatTakeAtTheSameMomentNeverTakeTheSameRow(LedgerNodes nodes) throws Exception {
        LedgerNode one = nodes.open();
        LedgerNode two = nodes.another("two");
        Batch batch = one.fileOf("rows", 600, 1);

        CompletableFuture<List<DueRow>> ofOne = OwnThread.supply(() -> takeAll(one, batch));
        CompletableFuture<List<DueRow>> ofTwo = OwnThread.supply(() -> takeAll(two, batch));
        List<DueRow> taken = new ArrayList<>(ofOne.get(60, TimeUnit.SECONDS));
        taken.addAll(ofTwo.get(60, TimeUnit.SECONDS));

        assertThat(taken).extracting(DueRow::line).doesNotHaveDuplicates().hasSize(600);
        assertThat(one.now(batch).success()).isEqualTo(600);
    }

    @OnEachDatabase({OLDEST, NEWEST})
    void aTurnIsDurableWhateverItsSessionIsTold(LedgerNodes nodes) {
        LedgerNode node = nodes.open();
        node.turn(0, new Write.Change<>(turn -> turn.jdbc().update("SET synchronous_commit = off")));
        Write.Change<String> told = new Write.Change<>(turn -> turn.jdbc()
                .list("SELECT current_setting('synchronous_commit')", found -> found.getString(1)).get(0));
        node.turn(0, told);

        assertThat(told.await()).isEqualTo("on");
    }

    private static List<DueRow> takeAll(LedgerNode node, Batch batch) {
        List<DueRow> all = new ArrayList<>();
        List<DueRow> taken = List.of();
        while (node.now(batch).done() < 600) {
            Write.Settle[] settles = taken.stream().map(row -> new Write.Settle(row, LedgerNode.ended(SUCCESS)))
                    .toArray(Write.Settle[]::new);
            node.turns().lookAtAll();
            taken = node.turn(7, settles).taken();
            all.addAll(taken);
        }
        return all;
    }

    @OnEachDatabase({OLDEST, NEWEST})
    void aPairIsTakenOnceByNodesThatAcceptAtTheSameMoment(LedgerNodes nodes) throws Exception {
        LedgerNode one = nodes.open();
        LedgerNode two = nodes.another("two");
        Batch a = one.file("a", 300);
        Batch b = two.file("b", 300);

        CompletableFuture<Void> ofOne = OwnThread.run(() -> accept(one, a, pair -> pair));
        CompletableFuture<Void> ofTwo = OwnThread.run(() -> accept(two, b, pair -> 301 - pair));
        CompletableFuture.allOf(ofOne, ofTwo).get(60, TimeUnit.SECONDS);

        assertThat(one.now(a).accepted() + one.now(b).accepted()).isEqualTo(600);
        assertThat(one.now(a).duplicate() + one.now(b).duplicate()).isEqualTo(300);
        assertThat(one.take(600)).extracting(DueRow::referenceid).doesNotHaveDuplicates().hasSize(300);
    }

    private static void accept(LedgerNode node, Batch batch, LongUnaryOperator pair) {
        for (long first = 1; first <= 300; first += 20) {
            List<NewRow> piece = LongStream.range(first, first + 20)
                    .mapToObj(i -> row(1 + i, pair.applyAsLong(i))).toList();
            Write.Accept accepted = accepting(batch, piece);
            node.dispatcher().handIn(accepted);
            while (!accepted.isOver()) { // one of two whose transactions wait for each other is rolled back
                node.dispatcher().turn();
            }
        }
    }

    @OnEachDatabase({OLDEST, NEWEST})
    void whatANodeAcceptsOrGivesBackAnotherTakes(LedgerNodes nodes) {
        LedgerNode one = nodes.open();
        LedgerNode two = nodes.another("two");
        two.warmUp();
        two.call();
        two.dispatcher().turn();
        one.fileOf("rows", 2, 1);
        one.settle(one.take(1).get(0), new Settlement.DueAgain(Duration.ZERO, 1, 1, false, false));

        nodes.clock().pass(Duration.ofMillis(250));
        two.dispatcher().turn();

        assertThat(two.begun()).extracting(DueRow::line, DueRow::attempts).containsExactly(tuple(2L, 1),
                tuple(3L, 0));
    }

    @OnEachDatabase({OLDEST, NEWEST})
    void aNodeThatIsSilentForALeaseIsPutInDoubtAndCanRecordNothingMore(LedgerNodes nodes) {
        LedgerNode silent = nodes.open();
        LedgerNode other = nodes.another("two", "refund.channel.error", "x");
        Batch batch = silent.fileOf("rows", 3, 1);
        List<DueRow> taken = silent.take(2);
        silent.settle(taken.get(1), SUCCESS);
        watch(nodes, other, Epoch.LEASE.minusSeconds(1));
        assertThat(other.now(batch).inDoubt()).isZero();

        watch(nodes, other, Duration.ofSeconds(4));

        assertThat(other.outcome(batch, 2)).get().extracting(RowOutcome::outcome).isEqualTo(IN_DOUBT);
        assertThat(other.owed(Outbox.Channel.ERROR)).hasSize(1);
        assertThat(silent.dispatcher().holds(taken.get(0).epoch())).isFalse();
        assertThat(silent.settle(taken.get(0), SUCCESS)).isFalse();
        assertThat(other.now(batch)).extracting(Batch::success, Batch::inDoubt).containsExactly(1L, 1L);
        assertThat(other.take(5)).extracting(DueRow::line).containsExactly(4L);
    }

    /** Such as one that sends 20,000 rows in doubt again: there is no end to its turn within a lease. */
    @OnEachDatabase({OLDEST, NEWEST})
    void nobodyWaitsForTheLongTurnOfAnotherNode(LedgerNodes nodes) throws Exception {
        LedgerNode busy = nodes.open();
        LedgerNode other = nodes.another("two");
        watch(nodes, other, Epoch.INTERVAL.plusSeconds(1));
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Void> longTurn = OwnThread.run(() -> busy.turn(0, new Write.Change<>(turn -> {
            begun.countDown();
            return turn.jdbc().list("SELECT pg_sleep(4)", found -> true);
        })));
        begun.await(10, TimeUnit.SECONDS);

        watch(nodes, other, Epoch.LEASE.plusSeconds(4));

        assertThat(longTurn).isNotDone();
        longTurn.get(30, TimeUnit.SECONDS);
        assertThat(busy.take(1)).isEmpty();
        assertThat(busy.turns().epoch().number()).isEqualTo(1);
    }

    @OnEachDatabase({OLDEST, NEWEST})
    void aNodeThatWasTakenForDeadGoesOnWithANewEpoch(LedgerNodes nodes) {
        LedgerNode silent = nodes.open();
        LedgerNode other = nodes.another("two");
        Batch batch = silent.fileOf("rows", 2, 1);
        DueRow lost = silent.take(1).get(0);
        watch(nodes, other, Epoch.LEASE.plusSeconds(4));

        DueRow next = silent.take(1).get(0);

        assertThat(next.epoch()).isGreaterThan(lost.epoch());
        assertThat(silent.dispatcher().holds(next.epoch())).isTrue();
        assertThat(silent.dispatcher().holds(lost.epoch())).isFalse();
        assertThat(silent.settle(next, SUCCESS)).isTrue();
        assertThat(silent.isReplaced()).isFalse();
        assertThat(other.now(batch)).extracting(Batch::success, Batch::inDoubt).containsExactly(1L, 1L);
    }

    @OnEachDatabase({OLDEST, NEWEST})
    void aNodeThatDoesNotHearThatItsNewEpochHasBegunIsNotReplaced(LedgerNodes nodes) {
        LedgerNode silent = nodes.open();
        LedgerNode other = nodes.another("two");
        silent.fileOf("rows", 1, 1);
        watch(nodes, other, Epoch.LEASE.plusSeconds(4));
        for (int time = 0; time < 2; time++) {
            nodes.commits().loseAnswer();
            assertThat(silent.dispatcher().turn()).isFalse();
        }

        assertThat(silent.take(1)).hasSize(1);

        assertThat(silent.isReplaced()).isFalse();
    }

    @OnEachDatabase({OLDEST, NEWEST})
    void whatASilentNodeHadInFlightIsSentOnceMoreWhereTheSettingsSaySo(LedgerNodes nodes) {
        LedgerNode silent = nodes.open();
        LedgerNode other = nodes.another("two", "refund.in-doubt", "resend");
        Batch batch = silent.fileOf("rows", 1, 1);
        DueRow lost = silent.take(1).get(0);
        watch(nodes, other, Epoch.LEASE.plusSeconds(4));

        DueRow again = other.take(5).get(0);

        assertThat(again).extracting(DueRow::line, DueRow::doubts).containsExactly(2L, 1);
        assertThat(silent.settle(lost, SUCCESS)).isFalse();
        assertThat(other.settle(again, SUCCESS)).isTrue();
        assertThat(other.now(batch).success()).isEqualTo(1);
    }

    @OnEachDatabase({OLDEST, NEWEST})
    void nodesThatLiveAreNotTakenForDeadNotEvenByOneThatWasAwayItself(LedgerNodes nodes) {
        LedgerNode one = nodes.open();
        LedgerNode two = nodes.another("two");
        Batch batch = one.fileOf("rows", 1, 1);
        one.take(1);
        for (int time = 0; time < 15; time++) {
            nodes.clock().pass(Epoch.INTERVAL);
            one.dispatcher().turn();
            two.dispatcher().turn();
        }
        nodes.clock().pass(Epoch.LEASE.multipliedBy(2)); // both were frozen, and one wakes up first
        two.dispatcher().turn();
        one.dispatcher().turn();
        watch(nodes, two, Epoch.INTERVAL);

        assertThat(two.now(batch).inDoubt()).isZero();
    }

    @OnEachDatabase({OLDEST, NEWEST})
    void anotherProcessUnderTheNameOfOneThatRunsIsRefused(LedgerNodes nodes) {
        LedgerNode one = nodes.open();
        Batch batch = one.fileOf("rows", 1, 1);
        DueRow row = one.take(1).get(0);
        nodes.whileOneSleeps(() -> one.dispatcher().turn());

        assertThatThrownBy(() -> nodes.another("one")).isInstanceOf(LedgerUnavailable.class)
                .hasMessageContaining("another process runs as node one");

        assertThat(one.settle(row, SUCCESS)).isTrue();
        assertThat(one.now(batch).success()).isEqualTo(1);
    }

    @OnEachDatabase({OLDEST, NEWEST})
    void aProcessUnderTheNameOfOneThatDiedDoubtsWhatThatHadInFlight(LedgerNodes nodes) {
        LedgerNode one = nodes.open();
        LedgerNode two = nodes.another("two");
        Batch batch = one.fileOf("rows", 3, 1);
        one.take(1);
        DueRow ofTwo = two.take(1).get(0);
        one.kill();

        LedgerNode after = nodes.another("one");

        assertThat(after.doubts().lines("rows")).containsExactly(2L);
        assertThat(two.settle(ofTwo, SUCCESS)).isTrue();
        assertThat(after.take(5)).extracting(DueRow::line).containsExactly(4L);
        assertThat(after.now(batch)).extracting(Batch::success, Batch::inDoubt).containsExactly(1L, 1L);
    }

    @OnEachDatabase({OLDEST, NEWEST})
    void aFrozenProcessWhoseNameWasTakenCanRecordNothingMore(LedgerNodes nodes) {
        LedgerNode frozen = nodes.open();
        Batch batch = frozen.fileOf("rows", 1, 1);
        DueRow row = frozen.take(1).get(0);
        nodes.another("one");

        frozen.dispatcher().handIn(new Write.Settle(row, LedgerNode.ended(SUCCESS)));
        assertThat(frozen.dispatcher().turn()).isFalse();

        assertThat(frozen.isReplaced()).isTrue();
        assertThat(frozen.now(batch)).extracting(Batch::success, Batch::inDoubt).containsExactly(0L, 1L);
    }

    @OnEachDatabase({OLDEST, NEWEST})
    void oneNodeHandsTheOutcomesOfAChannelOverUntilItsEpochEnds(LedgerNodes nodes) {
        LedgerNode one = nodes.open();
        LedgerNode two = nodes.another("two");
        assertThat(leases(one)).isTrue();
        assertThat(leases(two)).isFalse();
        assertThat(leases(one)).isTrue();

        one.stop();

        assertThat(leases(two)).isTrue();
    }

    @OnEachDatabase({OLDEST, NEWEST})
    void doesAllOfATurnOnceWhoseCommitIsCutOffOnItsWay(LedgerNodes nodes) throws Exception {
        doesAllOfATurnOnce(nodes, false);
    }

    @OnEachDatabase({OLDEST, NEWEST})
    void doesAllOfATurnOnceWhoseCommitsAnswerIsCutOff(LedgerNodes nodes) throws Exception {
        doesAllOfATurnOnce(nodes, true);
    }

    private static void doesAllOfATurnOnce(LedgerNodes nodes, boolean committed) throws Exception {
        PostgresServer postgres = nodes.server();
        try (CutWire wire = CutWire.to(postgres.port())) {
            // a statement that is prepared at the server is not seen on the wire
            LedgerNode node = nodes.at(postgres.newDatabaseUrl().replace(":" + postgres.port(), ":" + wire.port())
                    + "&prepareThreshold=0");
            node.warmUp();
            Batch batch = node.fileOf("rows", 1, 1);
            DueRow first = node.take(1).get(0);
            node.call();
            Write.Settle settled = new Write.Settle(first, LedgerNode.ended(SUCCESS));
            Write.Accept accepted = accepting(batch, List.of(row(3, 1), row(4, 7)));
            node.throttle().begin();
            node.dispatcher().handIn(settled);
            node.dispatcher().handIn(accepted);
            if (committed) {
                wire.cutAfter("COMMIT");
            } else {
                wire.cutBefore("COMMIT");
            }

            assertThat(node.dispatcher().turn()).isFalse();
            assertThat(wire.cuts()).isEqualTo(1);
            assertThat(node.dispatcher().turn()).isTrue();

            assertThat(settled.await()).isTrue();
            accepted.await();
            assertThat(node.begun()).extracting(DueRow::line).containsExactly(4L);
            assertThat(node.now(batch)).extracting(Batch::accepted, Batch::success, Batch::duplicate)
                    .containsExactly(3L, 1L, 1L);
        }
    }

    /** As when the server last counted the rows before a large file came. */
    @OnEachDatabase({OLDEST, NEWEST})
    void toSettleARowReadsNoneOfTheOthersAlthoughTheServerBelievesThatNoneWait(LedgerNodes nodes) throws Exception {
        int waiting = 2_000;
        LedgerNode node = nodes.open();
        run(node, "ALTER TABLE refund SET (autovacuum_enabled = false)");
        node.fileOf("before", 200, 1);
        settle(node, node.take(200));
        run(node, "ANALYZE refund");
        node.fileOf("rows", waiting, 1_000);

        for (int turn = 0; turn < 30; turn++) { // the server plans the first ones for their values
            List<DueRow> taken = node.take(2);
            settle(node, taken.subList(0, 1));
            node.settle(taken.get(1), new Settlement.DueAgain(Duration.ofHours(1), 1, 1, false, true));
        }

        node.turns().disconnect(); // which hands in what the server counted
        long read = await().until(() -> rowsReadOfWaiting(node), rows -> rows >= 260); // those that were taken
        assertThat(read).isLessThan(waiting);
    }

    private static void settle(LedgerNode node, List<DueRow> rows) {
        node.turn(0, rows.stream().map(row -> new Write.Settle(row, LedgerNode.ended(SUCCESS)))
                .toArray(Write.Settle[]::new));
    }

    private static void run(LedgerNode node, String sql) throws SQLException {
        try (Connection connection = node.database().reader(); Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static long rowsReadOfWaiting(LedgerNode node) {
        return node.database()
                .one("SELECT idx_tup_read FROM pg_stat_user_indexes WHERE indexrelname = 'refund_unsettled'",
                        found -> found.getLong(1))
                .orElseThrow();
    }

    @OnEachDatabase({OLDEST, NEWEST})
    void aNodeThatFreezesInATransactionHoldsUpTheOthersForLessThanALease(LedgerNodes nodes) throws Exception {
        LedgerNode node = nodes.open();
        node.file("rows", 1);
        String change = "UPDATE batch SET accepted = accepted";
        Connection frozen = node.database().writer();
        try (Statement statement = frozen.createStatement()) {
            statement.executeUpdate(change); // and nothing more comes from there
        }
        try (Connection other = node.database().writer(); Statement statement = other.createStatement()) {
            long begun = System.nanoTime();

            assertThat(statement.executeUpdate(change)).isEqualTo(1);

            assertThat(Duration.ofNanos(System.nanoTime() - begun)).isLessThan(Epoch.LEASE);
        }
        assertThatThrownBy(frozen::commit).isInstanceOf(SQLException.class);
    }

    @OnEachDatabase({OLDEST, NEWEST})
    void anIdThatIsTooLongForTheIndexFailsAloneAndHoldsUpNoOther(LedgerNodes nodes) {
        LedgerNode node = nodes.open();
        String id = new Random(1).ints(8_000, ' ', '~').mapToObj(Character::toString)
                .collect(Collectors.joining()); // nothing that could be compressed
        Write.Accept tooLong = accepting(single(id, 1));
        Write.Accept other = accepting(single("short", 2));
        node.dispatcher().handIn(tooLong);
        node.dispatcher().handIn(other);

        assertThat(node.dispatcher().turn()).isTrue();

        other.await();
        assertThatThrownBy(tooLong::await).isInstanceOf(LedgerRefused.class);
        assertThat(node.take(5)).extracting(DueRow::batch).containsExactly("short");
    }

    @OnEachDatabase({OLDEST, NEWEST})
    void logsInAsTheConfiguredUserAndNeedsThePassword(LedgerNodes nodes) {
        String url = nodes.server().databaseUrlFor("clerk", "s3cret");

        LedgerNode node = nodes.at(url, "refund.ledger.user", "clerk", "refund.ledger.password", "s3cret");
        node.fileOf("rows", 1, 1);
        assertThat(node.take(1)).hasSize(1);

        assertThatThrownBy(
                () -> nodes.another("two", "refund.ledger.user", "clerk", "refund.ledger.password", "guessed"))
                .isInstanceOf(LedgerUnavailable.class).hasMessageNotContaining("guessed");
    }

    @OnEachDatabase({OLDEST, NEWEST})
    void aDatabaseThatDoesNotHaveEveryCharacterIsRefused(LedgerNodes nodes) throws Exception {
        LedgerNode node = nodes.open();
        run(node, "CREATE DATABASE latin ENCODING 'LATIN1' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0");
        String latin = nodes.server().url().replaceFirst("/postgres\\b", "/latin");

        assertThatThrownBy(() -> nodes.at(latin)).isInstanceOf(LedgerUnavailable.class)
                .hasMessageContaining("with the encoding LATIN1: it needs one with UTF8");
    }

    /** That time passes, in which the node sends its heartbeats and checks the others. */
    private static void watch(LedgerNodes nodes, LedgerNode node, Duration time) {
        for (Duration passed = Duration.ZERO; passed.compareTo(time) < 0; passed = passed.plusSeconds(1)) {
            nodes.clock().pass(Duration.ofSeconds(1));
            node.dispatcher().turn();
        }
    }

    private static boolean leases(LedgerNode node) {
        Write.Change<Boolean> lease = new Write.Change<>(turn -> Owed.lease(turn, Outbox.Channel.SUCCESS));
        node.turn(0, lease);
        return lease.await();
    }
}
