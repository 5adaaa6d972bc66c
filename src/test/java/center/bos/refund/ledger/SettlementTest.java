// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import static center.bos.refund.ledger.LedgerNode.accepting;
import static center.bos.refund.ledger.LedgerNode.row;
import static center.bos.refund.ledger.LedgerNodes.Database.FILE;
import static center.bos.refund.model.Outcome.ERROR;
import static center.bos.refund.model.Outcome.IN_DOUBT;
import static center.bos.refund.model.Outcome.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

import center.bos.refund.model.Batch;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.RowOutcome;

/** What becomes of rows that were called. */
class SettlementTest {
    @OnEachDatabase
    void keepsAllThatIsKnownOfAnOutcome(LedgerNode node) {
        Batch batch = node.fileOf("rows", 1, 7);
        String said = "said \"no\", \\ and {that}";

        assertThat(node.settle(node.take(1).get(0), new Settlement.Ended(ERROR, "9", 400, said, 3, "{}"))).isTrue();

        assertThat(node.outcome(batch, 2)).get().satisfies(outcome -> {
            assertThat(outcome).extracting(RowOutcome::outcome, RowOutcome::responseCode, RowOutcome::httpStatus,
                    RowOutcome::message, RowOutcome::attempts).containsExactly(ERROR, "9", 400, said, 3);
            assertThat(outcome.answeredAt()).isAfter(Instant.EPOCH);
        });
    }

    @OnEachDatabase
    void countsAnOutcomeOnce(LedgerNode node) {
        Batch batch = node.fileOf("rows", 2, 7);
        DueRow row = node.take(1).get(0);
        assertThat(node.settle(row, SUCCESS)).isTrue();

        assertThat(node.settle(row, ERROR)).isFalse();
        assertThat(node.settle(row, new Settlement.DueAgain(Duration.ZERO, 1, 0, false, false))).isFalse();

        assertThat(node.now(batch)).extracting(Batch::success, Batch::error).containsExactly(1L, 0L);
        assertThat(node.outcome(batch, 2)).get().extracting(RowOutcome::outcome).isEqualTo(SUCCESS);
    }

    @OnEachDatabase
    void countsOnlyUnderTheEpochThatTookTheRow(LedgerNode node) {
        Batch batch = node.fileOf("rows", 1, 7);
        DueRow row = node.take(1).get(0);
        DueRow ofAnother = new DueRow(row.number(), row.batch(), row.line(), row.referenceid(), row.ackno(),
                row.turn(), row.epoch() + 1, row.call(), 0, 0, 0);

        assertThat(node.settle(ofAnother, SUCCESS)).isFalse();
        assertThat(node.settle(ofAnother, new Settlement.DueAgain(Duration.ZERO, 1, 0, false, false))).isFalse();

        assertThat(node.outcome(batch, 2)).isEmpty();
        assertThat(node.settle(row, SUCCESS)).isTrue();
    }

    @OnEachDatabase
    void settlesNoRowThatIsNotBeingSent(LedgerNode node) {
        node.fileOf("rows", 1, 7);
        DueRow row = node.take(1).get(0);
        node.settle(row, new Settlement.DueAgain(Duration.ZERO, 1, 0, false, false));

        assertThat(node.settle(row, SUCCESS)).isFalse();
    }

    @OnEachDatabase
    void aRowThatIsDueAgainRemembersItsAttemptsRetriesAndDoubts(LedgerNode node) {
        node.fileOf("rows", 1, 7);
        node.settle(node.take(1).get(0), new Settlement.DueAgain(Duration.ZERO, 2, 1, true, false));
        node.turns().lookAtAll();
        DueRow second = node.take(1).get(0);
        assertThat(second).extracting(DueRow::attempts, DueRow::retries, DueRow::doubts).containsExactly(2, 1, 1);

        node.settle(second, new Settlement.DueAgain(Duration.ZERO, 3, 2, false, true));
        node.turns().lookAtAll();

        assertThat(node.take(1)).extracting(DueRow::attempts, DueRow::retries, DueRow::doubts)
                .containsExactly(tuple(3, 2, 1));
    }

    @OnEachDatabase
    void tellsTheRowsOfAGroupApart(LedgerNode node) {
        Batch a = node.fileOf("a", 3, 1);
        Batch b = node.fileOf("b", 1, 10);
        List<DueRow> taken = node.takeOf(3, a);
        node.turns().lookAtAll();
        DueRow ofB = node.take(1).get(0);
        Write.Settle done = settle(taken.get(0), LedgerNode.ended(SUCCESS));
        Write.Settle again = settle(taken.get(1), new Settlement.DueAgain(Duration.ZERO, 1, 1, false, false));
        Write.Settle failed = settle(ofB, LedgerNode.ended(ERROR));
        Write.Settle doneTwice = settle(taken.get(0), LedgerNode.ended(ERROR));

        Turn turn = node.turn(5, done, again, failed, doneTwice, accepting(node.now(b), List.of(row(3, 20))));

        assertThat(List.of(done.await(), again.await(), failed.await(), doneTwice.await()))
                .containsExactly(true, true, true, false);
        assertThat(turn.settled()).extracting(Turn.Settled::batch).containsExactly(a.number(), b.number());
        assertThat(node.now(a)).extracting(Batch::success, Batch::error).containsExactly(1L, 0L);
        assertThat(node.now(b)).extracting(Batch::success, Batch::error, Batch::accepted).containsExactly(0L, 1L, 2L);
    }

    @OnEachDatabase
    void aPersonsWordOpensARowInDoubtOnceAndIsKept(LedgerNode node) {
        Batch batch = node.fileOf("rows", 2, 7);
        node.take(2).forEach(row -> node.settle(row, row.line() == 2 ? IN_DOUBT : SUCCESS));
        assertThat(resend(node, batch, 2L)).isFalse(); // its results are not yet written
        node.complete(batch.id(), Instant.ofEpochMilli(1));

        assertThat(resend(node, batch, 2L, 3L)).isFalse(); // one of them is not in doubt
        assertThat(resend(node, batch, 2L)).isTrue();
        assertThat(resend(node, batch, 2L)).isFalse();

        assertThat(node.now(batch)).extracting(Batch::state, Batch::inDoubt, Batch::success)
                .containsExactly(Batch.State.OPEN, 0L, 1L);
        assertThat(node.lookups().resent(batch)).extracting(Lookups.Resent::askedBy, Lookups.Resent::rows)
                .containsExactly(tuple("somebody", 1L));
        node.complete(batch.id(), Instant.ofEpochMilli(1));
        assertThat(node.now(batch).state()).isEqualTo(Batch.State.OPEN); // a row of it is open
        node.turns().lookAtAll();
        DueRow again = node.take(5).get(0);
        assertThat(again).extracting(DueRow::line, DueRow::doubts).containsExactly(2L, 1);
        node.settle(again, SUCCESS);
        assertThat(node.now(batch).success()).isEqualTo(2);
    }

    private static Write.Settle settle(DueRow row, Settlement settlement) {
        return new Write.Settle(row, settlement);
    }

    private static boolean resend(LedgerNode node, Batch batch, Long... lines) {
        return node.during(() -> node.doubts().resend(batch.id(), Set.of(lines), new Deed("somebody", null, null)));
    }

    @OnEachDatabase(FILE)
    void aRetryDoesNotWaitForTheErrorOfAClockThatWasSetBack(LedgerNodes nodes) {
        LedgerNode node = nodes.open();
        node.fileOf("rows", 1, 1);
        node.settle(node.take(1).get(0), new Settlement.DueAgain(Duration.ofSeconds(1), 1, 1, false, false));
        node.stop();
        nodes.clock().setWall(Duration.ofDays(-1));

        LedgerNode next = nodes.another("one");
        nodes.clock().pass(Duration.ofMinutes(2));
        next.turns().lookAtAll();

        assertThat(next.take(1)).hasSize(1);
    }
}
