// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import static center.bos.refund.ledger.LedgerNode.accepting;
import static center.bos.refund.ledger.LedgerNode.row;
import static center.bos.refund.ledger.LedgerNode.single;
import static center.bos.refund.model.Outcome.IN_DOUBT;
import static center.bos.refund.model.Outcome.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import center.bos.refund.model.Batch;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.NewRow;

/** When rows are taken and their calls start. */
class DispatcherTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);

    @RegisterExtension
    final LedgerNodes nodes = new LedgerNodes();

    private LedgerNode node;
    private Dispatcher dispatcher;

    @BeforeEach
    void open() {
        node = nodes.open();
        dispatcher = node.dispatcher();
    }

    @Test
    void sleepsWhileNobodyCallsWhatIsToBeLookedFor() throws Exception {
        dispatcher.start();
        try {
            dispatcher.callWith(null);
            long before = processorTime("ledger");

            TimeUnit.MILLISECONDS.sleep(500); // what is measured is this time itself

            assertThat(Duration.ofNanos(processorTime("ledger") - before)).isLessThan(Duration.ofMillis(100));
        } finally {
            dispatcher.close();
        }
    }

    @Test
    void takesNoMoreThanTheThrottlePermits() {
        node.fileOf("rows", 100, 1);
        node.call();
        turn();
        List<DueRow> first = node.begun();
        assertThat(first).hasSize(1);
        turn();
        assertThat(node.begun()).isEmpty();

        node.throttle().answered(first.get(0).call());
        turn();

        assertThat(node.begun()).hasSize(15);
    }

    @Test
    void aRowThatIsSettledMakesRoomForAnotherInTheSameTurn() {
        node.fileOf("rows", 2, 1);
        node.call();
        turn();

        dispatcher.handIn(new Write.Settle(node.begun().get(0), LedgerNode.ended(SUCCESS)));
        turn();

        assertThat(node.begun()).extracting(DueRow::line).containsExactly(3L);
        assertThat(node.throttle().inFlight()).isEqualTo(1);
    }

    @Test
    void numbersTheCallsAsTheThrottleDoes() {
        node.warmUp();
        node.fileOf("rows", 3, 1);
        node.call();
        turn();

        assertThat(node.begun()).extracting(DueRow::line, DueRow::call).containsExactly(tuple(2L, 11L), tuple(3L, 12L),
                tuple(4L, 13L));
    }

    @Test
    void takesNothingBeforeSomebodyCallsAndNothingOnceNobodyDoes() {
        node.warmUp();
        node.fileOf("rows", 1, 1);
        turn();
        node.call();
        dispatcher.callWith(null);
        turn();

        assertThat(node.begun()).isEmpty();
        assertThat(node.throttle().inFlight()).isZero();
        node.call();
        turn();
        assertThat(node.begun()).hasSize(1);
    }

    @Test
    void givesBackWhatWasTakenWhenNobodyCallsAnyMore() {
        node.warmUp();
        Batch batch = node.fileOf("rows", 2, 1);
        node.call();
        Write.Change<Void> change = new Write.Change<>(turn -> {
            dispatcher.callWith(null);
            return null;
        });
        dispatcher.handIn(change);

        turn();
        change.await();
        turn();

        assertThat(node.throttle().inFlight()).isZero();
        node.kill();
        LedgerNode after = nodes.another("one");
        assertThat(after.now(batch).inDoubt()).isZero();
        assertThat(after.take(5)).extracting(DueRow::line, DueRow::attempts).containsExactly(tuple(2L, 0),
                tuple(3L, 0));
    }

    @Test
    void takesARowAgainWhenItsPauseIsOver() {
        node.warmUp();
        node.fileOf("rows", 3, 1);
        node.call();
        turn();
        List<DueRow> begun = node.begun();
        dispatcher.handIn(new Write.Settle(begun.get(0), new Settlement.DueAgain(MINUTE, 1, 1, false, false)));
        dispatcher.handIn(new Write.Settle(begun.get(1), LedgerNode.ended(SUCCESS)));
        dispatcher.handIn(new Write.Settle(begun.get(2), LedgerNode.ended(SUCCESS)));
        turn();

        nodes.clock().pass(MINUTE.minusMillis(1));
        turn();
        assertThat(node.begun()).isEmpty();
        nodes.clock().pass(Duration.ofMillis(1));
        turn();
        assertThat(node.begun()).extracting(DueRow::line).containsExactly(2L);
    }

    @Test
    void takesARowWhosePauseBeganBeforeTheProcessStarted() {
        node.fileOf("rows", 1, 1);
        node.settle(node.take(1).get(0), new Settlement.DueAgain(MINUTE, 1, 1, false, false));
        node.kill();
        LedgerNode after = nodes.another("one");
        after.call();
        after.dispatcher().turn();
        assertThat(after.begun()).isEmpty();

        nodes.clock().pass(MINUTE);
        after.dispatcher().turn();

        assertThat(after.begun()).extracting(DueRow::line).containsExactly(2L);
    }

    @Test
    void takesWhatIsAcceptedWhileItHasNothingToDo() {
        node.warmUp();
        node.call();
        turn();

        dispatcher.handIn(accepting(single("caller", 1)));
        turn();

        assertThat(node.begun()).extracting(DueRow::batch).containsExactly("caller");
    }

    @Test
    void takesARowThatAPersonOpensAlthoughItsTurnIsLongOver() {
        node.warmUp();
        Batch batch = node.fileOf("rows", 2, 1);
        node.call();
        turn();
        node.begun().forEach(row -> dispatcher
                .handIn(new Write.Settle(row, LedgerNode.ended(IN_DOUBT))));
        turn();
        node.complete(batch.id(), Instant.EPOCH);

        node.during(() -> node.doubts().resend(batch.id(), Set.of(2L), new Deed("somebody", null, null)));
        turn();

        assertThat(node.begun()).extracting(DueRow::line).containsExactly(2L);
    }

    @Test
    void acceptsOnePieceATurnSoThatWhoWaitsForAnOutcomeDoesNotFeelIt() {
        Batch batch = node.file("rows", 4);
        dispatcher.handIn(accepting(batch, List.of(row(2, 1), row(3, 2))));
        dispatcher.handIn(accepting(batch, List.of(row(4, 3), row(5, 4))));
        turn();
        assertThat(node.now(batch).accepted()).isEqualTo(2);

        turn();

        assertThat(node.now(batch).accepted()).isEqualTo(4);
    }

    @Test
    void takesOnlyRowsOfTheBatchesThatItWasGiven() {
        node.warmUp();
        node.fileOf("other", 3, 1);
        Batch mine = node.fileOf("mine", 2, 10);
        dispatcher.only(Set.of(mine.number()));
        node.call();

        turn();
        turn();

        assertThat(node.begun()).extracting(DueRow::batch).containsExactly("mine", "mine");
    }

    @Test
    void takesAllRowsOfAFileInTheEndWhateverBecomesOfThem() {
        node.warmUp();
        Batch batch = node.file("rows", 200);
        node.call();
        List<NewRow> rows = LongStream.range(2, 202).mapToObj(line -> row(line, line)).toList();
        node.accept(batch, rows);
        for (int turns = 0; node.now(batch).done() < 200; turns++) {
            assertThat(turns).isLessThan(200);
            turn();
            for (DueRow row : node.begun()) {
                Settlement settlement = row.retries() == 0 && row.line() % 3 == 0
                        ? new Settlement.DueAgain(Duration.ofMillis(row.line() % 7), 1, 1, false, row.line() % 2 == 0)
                        : LedgerNode.ended(SUCCESS);
                dispatcher.handIn(new Write.Settle(row, settlement));
            }
            nodes.clock().pass(Duration.ofMillis(1));
        }

        assertThat(node.now(batch).success()).isEqualTo(200);
        assertThat(node.throttle().inFlight()).isZero();
    }

    private void turn() {
        assertThat(dispatcher.turn()).isTrue();
    }

    private static long processorTime(String thread) {
        return Thread.getAllStackTraces().keySet().stream().filter(other -> other.getName().equals(thread))
                .mapToLong(other -> ManagementFactory.getThreadMXBean().getThreadCpuTime(other.getId())).sum();
    }

    @Test
    void aSingleRefundDoesNotWaitBehindThePiecesOfFiles() {
        for (int i = 0; i < 12; i++) {
            Batch file = node.file("file" + i, 2);
            dispatcher.handIn(accepting(file, List.of(row(2, 10 * i + 10), row(3, 10 * i + 11))));
        }
        Write.Accept refund = accepting(single("rest-1", 1));
        dispatcher.handIn(refund);

        dispatcher.turn();

        assertThat(refund.isOver()).isTrue();
    }

    @Test
    void goesOnWhereMoreCallsMayBeginByTheTimeThatALostAnswerIsLookedUp() {
        node.fileOf("rows", 100, 1);
        node.call();
        dispatcher.turn();
        node.throttle().answered(node.begun().get(0).call());
        dispatcher.turn();
        List<DueRow> begun = new ArrayList<>(node.begun());
        int all = 1 + begun.size();
        dispatcher.handIn(new Write.Settle(begun.remove(0), LedgerNode.ended(SUCCESS)));
        nodes.commits().loseAnswer();
        assertThat(dispatcher.turn()).isFalse();
        node.throttle().answered(begun.get(0).call());
        dispatcher.turn();
        for (int i = 0; i < 200; i++) {
            List<DueRow> more = node.begun();
            all += more.size();
            begun.addAll(more);
            for (DueRow row : begun) {
                node.throttle().answered(row.call());
                dispatcher.handIn(new Write.Settle(row, LedgerNode.ended(SUCCESS)));
            }
            begun.clear();
            dispatcher.turn();
            nodes.clock().pass(Duration.ofSeconds(3));
        }
        assertThat(all).isEqualTo(100);
    }
}
