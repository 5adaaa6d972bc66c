// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import static center.bos.refund.ledger.LedgerNode.accepting;
import static center.bos.refund.ledger.LedgerNode.row;
import static center.bos.refund.ledger.LedgerNode.single;
import static center.bos.refund.ledger.LedgerNodes.Database.FILE;
import static center.bos.refund.ledger.LedgerNodes.Database.NEWEST;
import static center.bos.refund.model.Outcome.IN_DOUBT;
import static center.bos.refund.model.Outcome.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Timeout;

import center.bos.refund.model.Batch;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.Source;
import center.bos.refund.model.Submission;
import center.bos.refund.testkit.OwnThread;

/** What one node does while another is about to commit, has stopped, or has another clock. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class NodesAtOnceTest {
    private static final Deed DEED = new Deed("asha", "why", null);

    private static Batch doubted(LedgerNode node) {
        Batch batch = node.fileOf("doubt", 1, 1);
        node.settle(node.take(1).get(0), IN_DOUBT);
        node.complete("doubt", Instant.EPOCH);
        return batch;
    }

    @OnEachDatabase(NEWEST)
    void aRefusalThatComesSecondTakesNothingFromTheRelease(LedgerNodes nodes) throws Exception {
        LedgerNode one = nodes.open("refund.release-above", "1");
        LedgerNode two = nodes.another("two", "refund.release-above", "1");
        doubted(one);
        String id = one.during(() -> one.releases().ask(List.of(new Doubts.RowName("doubt", 2)), DEED,
                Instant.now().plusSeconds(60)));
        CompletableFuture<?> refusal = meanwhile(nodes,
                () -> two.during(() -> two.releases().refuse(id, new Deed("kim", "no", null))));
        assertThat(one.during(() -> one.releases().release(id, new Deed("ravi", "ok", null))))
                .isEqualTo(Releases.Result.DONE);
        refusal.get(30, TimeUnit.SECONDS);

        assertThat(one.releases().granted()).singleElement()
                .satisfies(granted -> assertThat(granted.rows()).hasSize(1));
    }

    @OnEachDatabase(NEWEST)
    void aResendThatWasAskedForAtANodeThatIsLostIsDoneByAnotherOnceItIsReleased(LedgerNodes nodes) {
        LedgerNode one = nodes.open("refund.release-above", "1");
        LedgerNode two = nodes.another("two", "refund.release-above", "1");
        List<Doubts.RowName> rows = List.of(new Doubts.RowName("rest-1", 1), new Doubts.RowName("rest-2", 1));
        one.turn(0, accepting(single("rest-1", 1)), accepting(single("rest-2", 2)));
        one.take(2).forEach(row -> one.settle(row, IN_DOUBT));
        String id = one.during(() -> one.releases().ask(rows, DEED, Instant.now().plusSeconds(60)));
        one.kill();

        two.during(() -> two.releases().release(id, new Deed("ravi", "ok", null)));

        assertThat(two.releases().granted()).singleElement()
                .satisfies(granted -> assertThat(granted.rows()).isEqualTo(rows));
        two.during(() -> {
            two.releases().granted().forEach(two.releases()::done);
            return null;
        });
        assertThat(two.releases().granted()).isEmpty();
        assertThat(two.releases().rows()).isEmpty();
    }

    @OnEachDatabase(NEWEST)
    void whatANodeLeftInFlightWhenItStoppedInOrderIsPutInDoubtByTheOthers(LedgerNodes nodes) {
        isPutInDoubtWhatANodeLeft(nodes, () -> {
        });
    }

    @OnEachDatabase(NEWEST)
    void whatANodeLeftInFlightIsPutInDoubtAlsoByOneThatWasFrozenMeanwhile(LedgerNodes nodes) {
        isPutInDoubtWhatANodeLeft(nodes, () -> nodes.clock().pass(Duration.ofSeconds(10)));
    }

    private static void isPutInDoubtWhatANodeLeft(LedgerNodes nodes, Runnable meanwhile) {
        LedgerNode one = nodes.open();
        LedgerNode two = nodes.another("two");
        Batch batch = one.fileOf("rows", 1, 1);
        assertThat(one.take(1)).hasSize(1);
        pass(nodes, 4, one, two);
        one.stop();
        meanwhile.run();

        pass(nodes, 120, two);

        assertThat(two.now(batch)).extracting(Batch::sending, Batch::inDoubt).containsExactly(0L, 1L);
    }

    @OnEachDatabase(NEWEST)
    void allRowsAreTakenOfABatchThatIsPausedOnceMoreWhileANodeMovesItsRowsBack(LedgerNodes nodes) {
        LedgerNode one = nodes.open();
        one.fileOf("before", 2_000, 10_000);
        one.take(2_000);
        one.fileOf("rows", 1_200, 1);
        one.during(() -> one.stops().pause("rows", DEED));
        one.sweep();
        LedgerNode two = nodes.another("two");
        one.during(() -> one.stops().resume("rows", DEED));
        two.during(() -> two.stoppedRows().piece().map(two.dispatcher()::write)); // then its machine sleeps for a while
        one.during(() -> one.stoppedRows().piece().map(one.dispatcher()::write));

        one.during(() -> one.stops().pause("rows", DEED));
        one.sweep();
        one.during(() -> one.stops().resume("rows", DEED));
        two.sweep();

        one.turns().lookAtAll();
        assertThat(one.take(10_000)).hasSize(1_200);
    }

    @OnEachDatabase(NEWEST)
    void whatANodeLeftInFlightIsPutInDoubtAlsoWhereTheTurnThatNoticesItIsRolledBack(LedgerNodes nodes) {
        isPutInDoubtWhatANodeLeft(nodes, () -> nodes.commits().conflict());
    }

    @OnEachDatabase(NEWEST)
    void aBusyNodeTakesWhatAnotherAccepted(LedgerNodes nodes) {
        LedgerNode busy = nodes.open("refund.concurrency", "4");
        LedgerNode other = nodes.another("two");
        busy.fileOf("large", 900, 1);
        busy.warmUp();
        busy.call();
        busy.dispatcher().turn();
        List<DueRow> inFlight = new ArrayList<>(busy.begun());
        inFlight.forEach(row -> settling(busy, row));
        busy.dispatcher().turn();
        inFlight = new ArrayList<>(busy.begun());
        other.turn(0, accepting(single("rest-1", 100_000))); // and other, whose way to BOS is closed, calls nothing
        List<String> called = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            nodes.clock().pass(Duration.ofMillis(250));
            inFlight.forEach(row -> settling(busy, row));
            busy.dispatcher().turn();
            other.dispatcher().turn();
            inFlight = new ArrayList<>(busy.begun());
            inFlight.forEach(row -> called.add(row.batch()));
            if (called.contains("rest-1")) {
                break;
            }
        }
        int at = called.indexOf("rest-1");
        assertThat(at).as("place of the single refund in the order of calls; of " + called.size())
                .isBetween(0, 100);
    }

    @OnEachDatabase(NEWEST)
    void aHoldEndsByTheLedgersClockWhereTheNodesIsBehind(LedgerNodes nodes) throws Exception {
        nodes.clock().setWall(Duration.between(nodes.clock().instant(), Instant.now().minusSeconds(600)));
        LedgerNode node = nodes.open("refund.hold", "1s");
        node.fileOf("rows", 1, 1);
        TimeUnit.MILLISECONDS.sleep(1_200);

        node.sweep();
        node.turns().lookAtAll();

        assertThat(node.take(10)).hasSize(1);
    }

    @OnEachDatabase(NEWEST)
    void aHoldThatIsOverByTheNodesClockAloneHoldsUpNoCancel(LedgerNodes nodes) throws Exception {
        nodes.clock().setWall(Duration.between(nodes.clock().instant(), Instant.now().plusSeconds(600)));
        LedgerNode node = nodes.open("refund.hold", "5m");
        node.fileOf("held", 1, 1);
        Batch wrong = node.fileOf("wrong", 1, 10);
        node.during(() -> node.stops().cancel("wrong", DEED));

        node.sweep();
        node.sweep();

        assertThat(node.now(wrong).rejected()).isEqualTo(1);
    }

    @OnEachDatabase({FILE, NEWEST})
    void aConflictWhileItClosesLosesNoOutcome(LedgerNodes nodes) throws Exception {
        LedgerNode node = nodes.open();
        Batch batch = node.fileOf("rows", 1, 1);
        DueRow row = node.take(1).get(0);
        Write.Settle settle = new Write.Settle(row, LedgerNode.ended(SUCCESS));
        node.dispatcher().handIn(settle);
        nodes.commits().conflict();
        node.dispatcher().close(); // its thread does not run yet
        node.dispatcher().start();
        while (!settle.isOver()) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        TimeUnit.MILLISECONDS.sleep(500);

        assertThat(node.now(batch)).extracting(Batch::success, Batch::sending).containsExactly(1L, 0L);
    }

    @OnEachDatabase({FILE, NEWEST})
    void aConflictWhileItClosesLosesNoOutcomeThatCameWithAWriteThatIsRefused(LedgerNodes nodes) throws Exception {
        LedgerNode node = nodes.open();
        Batch batch = node.fileOf("rows", 1, 1);
        DueRow row = node.take(1).get(0);
        Write.Settle settle = new Write.Settle(row, LedgerNode.ended(SUCCESS));
        node.dispatcher().handIn(settle);
        node.dispatcher().handIn(accepting(new Submission("gone", Source.FILE, false, List.of(row(2, 5)), null)));
        nodes.commits().conflict();
        node.dispatcher().close(); // its thread does not run yet
        node.dispatcher().start();

        for (int wait = 0; wait < 200 && !settle.isOver(); wait++) {
            TimeUnit.MILLISECONDS.sleep(20);
        }

        assertThat(node.now(batch)).extracting(Batch::success, Batch::sending).containsExactly(1L, 0L);
    }

    @OnEachDatabase(NEWEST)
    void aPairIsNotOpenedByOneNodeWhileAnotherTakesIt(LedgerNodes nodes) throws Exception {
        LedgerNode one = nodes.open();
        LedgerNode two = nodes.another("two");
        doubted(one);
        one.age(Duration.ofDays(2)); // the window is over
        Batch fresh = two.file("fresh", 1);
        CompletableFuture<?> resent = meanwhile(nodes, () -> one.turn(0, Doubts.resending("doubt", Set.of(2L), DEED)));
        two.turn(0, accepting(fresh, List.of(row(2, 1))));
        resent.get(30, TimeUnit.SECONDS);

        assertThatOneRowIsOpen(one);
    }

    @OnEachDatabase(NEWEST)
    void aPairIsNotTakenByAgainWhileAnotherNodeOpensIt(LedgerNodes nodes) throws Exception {
        LedgerNode one = nodes.open();
        LedgerNode two = nodes.another("two");
        doubted(one);
        Batch fresh = two.fileAgain("fresh", 1);
        CompletableFuture<?> taken = meanwhile(nodes, () -> two.turn(0, accepting(
                new Submission(fresh.id(), Source.FILE, true, List.of(row(2, 1)), null))));
        one.turn(0, Doubts.resending("doubt", Set.of(2L), DEED));
        taken.get(30, TimeUnit.SECONDS);

        assertThatOneRowIsOpen(one);
    }

    @OnEachDatabase(NEWEST)
    void anUploadThatTwoNodesRegisterAtOnceIsOneBatch(LedgerNodes nodes) throws Exception {
        LedgerNode one = nodes.open();
        LedgerNode two = nodes.another("two");
        Batches.Content content = new Batches.Content("sha", 1, 1, "asha");
        String[] ofTwo = new String[1];
        CompletableFuture<?> other = meanwhile(nodes, () -> ofTwo[0] = two
                .doing(batches -> batches.registerOnce("upload", "rest-1.csv", content, false)).id());
        String ofOne = one.doing(batches -> batches.registerOnce("upload", "rest-1.csv", content, false)).id();
        other.get(30, TimeUnit.SECONDS);

        assertThat(ofOne).isEqualTo("upload").isEqualTo(ofTwo[0]);
    }

    private static void assertThatOneRowIsOpen(LedgerNode node) {
        node.turns().lookAtAll();
        assertThat(node.take(10)).extracting(DueRow::batch).hasSize(1);
    }

    private static void pass(LedgerNodes nodes, int seconds, LedgerNode... all) {
        for (int second = 0; second < seconds; second++) {
            nodes.clock().pass(Duration.ofSeconds(1));
            for (LedgerNode node : all) {
                node.dispatcher().turn();
            }
        }
    }

    private static void settling(LedgerNode node, DueRow row) {
        node.throttle().answered(row.call());
        node.dispatcher().handIn(new Write.Settle(row, LedgerNode.ended(SUCCESS)));
    }

    /** Runs it on a thread of its own right before the next commit, which goes on after a second, whether it has ended or waits. */
    private static CompletableFuture<?> meanwhile(LedgerNodes nodes, Runnable other) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        nodes.commits().before(() -> {
            OwnThread.run(other).whenComplete((none, failure) -> {
                if (failure == null) {
                    done.complete(null);
                } else {
                    done.completeExceptionally(failure);
                }
            });
            try {
                TimeUnit.SECONDS.sleep(1);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        });
        return done;
    }
}
