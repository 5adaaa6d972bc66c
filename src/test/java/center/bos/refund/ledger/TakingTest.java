// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import static center.bos.refund.ledger.LedgerNode.accepting;
import static center.bos.refund.ledger.LedgerNode.row;
import static center.bos.refund.ledger.LedgerNode.single;
import static center.bos.refund.model.Outcome.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;

import center.bos.refund.model.Batch;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.NewRow;

/** Which rows are called next. */
class TakingTest {
    @OnEachDatabase
    void takesRowsOnceInTheOrderOfTheirFileAndNoMoreThanItMay(LedgerNode node) {
        node.fileOf("rows", 7, 1);

        assertThat(node.take(3)).extracting(DueRow::line).containsExactly(2L, 3L, 4L);
        assertThat(node.take(0)).isEmpty();
        assertThat(node.take(3)).extracting(DueRow::line).containsExactly(5L, 6L, 7L);
        assertThat(node.take(3)).extracting(DueRow::line).containsExactly(8L);
        assertThat(node.take(3)).isEmpty();
    }

    @OnEachDatabase
    void aSmallBatchBehindALargeOneSharesTheCallsOneToOne(LedgerNode node) {
        node.fileOf("large", 1_200, 1);
        node.take(100);

        node.fileOf("small", 10, 5_000);

        assertThat(batchesOf(node.take(20))).isEqualTo("large small ".repeat(10));
        assertThat(batchesOf(node.take(3))).isEqualTo("large ".repeat(3));
    }

    @OnEachDatabase
    void batchesShareTheCallsEvenlyWhicheverCameFirst(LedgerNode node) {
        node.fileOf("a", 10, 1);
        node.fileOf("b", 600, 1_000);
        node.fileOf("c", 600, 2_000);

        assertThat(batchesOf(node.take(30))).isEqualTo("a b c ".repeat(10));
        assertThat(batchesOf(node.take(4))).isEqualTo("b c b c ");
    }

    @OnEachDatabase
    void aFileThatIsStillReadSharesTheCallsAsWell(LedgerNode node) {
        node.fileOf("whole", 100, 1);
        Batch piecemeal = node.file("piecemeal", 40);

        StringBuilder order = new StringBuilder();
        for (long piece = 0; piece < 4; piece++) {
            long first = 2 + 10 * piece;
            node.accept(piecemeal, LongStream.range(first, first + 10).mapToObj(line -> row(line, 1_000 + line))
                    .toList());
            order.append(batchesOf(node.take(20)));
        }

        assertThat(order.toString()).isEqualTo("whole piecemeal ".repeat(40));
    }

    @OnEachDatabase
    void aBatchThatIsReadAgainFromItsBeginningKeepsItsPlace(LedgerNode node) {
        List<NewRow> rows = LongStream.range(2, 42).mapToObj(line -> row(line, 1_000 + line)).toList();
        Batch cutOff = node.file("cut-off", 40);
        node.accept(cutOff, rows.subList(0, 20));
        node.fileOf("other", 40, 1);

        for (int time = 0; time < 3; time++) {
            node.accept(cutOff, rows.subList(0, 20));
        }
        node.accept(cutOff, rows.subList(20, 40));

        assertThat(batchesOf(node.take(80))).isEqualTo("cut-off other ".repeat(40));
    }

    @OnEachDatabase
    void rowsThatAreNotSentCostTheirBatchNoCalls(LedgerNode node) {
        node.fileOf("done", 200, 1);
        node.take(200).forEach(row -> node.settle(row, SUCCESS));
        node.fileOf("running", 300, 1_000);
        node.take(10);
        Batch mostlyDone = node.file("mostly-done", 410);

        node.accept(mostlyDone, LongStream.range(2, 202).mapToObj(line -> row(line, line - 1)).toList());
        node.accept(mostlyDone,
                LongStream.range(202, 402).mapToObj(line -> new NewRow(line, "", "", "no id")).toList());
        node.accept(mostlyDone, LongStream.range(402, 412).mapToObj(line -> row(line, 5_000 + line)).toList());

        assertThat(batchesOf(node.take(20))).isEqualTo("running mostly-done ".repeat(10));
    }

    @OnEachDatabase
    void aSingleRefundGoesFirst(LedgerNode node) {
        node.fileOf("rows", 100, 1);
        node.take(50);

        node.turn(0, accepting(single("first", 5_001)));
        node.turn(0, accepting(single("second", 5_002)));

        assertThat(batchesOf(node.take(1))).isEqualTo("first ");
        assertThat(batchesOf(node.take(2))).isEqualTo("second rows ");
    }

    @OnEachDatabase
    void whatComesAfterASingleRefundSharesTheCallsWithThoseBehindIt(LedgerNode node) {
        node.fileOf("rows", 100, 1);
        node.take(50);
        assertThat(batchesOf(node.turn(1, accepting(single("caller", 5_001))).taken())).isEqualTo("caller ");

        node.fileOf("small", 2, 6_000);

        assertThat(batchesOf(node.take(4))).isEqualTo("rows small rows small ");
    }

    @OnEachDatabase
    void takesOnlyRowsOfTheGivenBatches(LedgerNode node) {
        node.fileOf("other", 5, 1);
        Batch mine = node.fileOf("mine", 2, 1_000);
        Batch mineToo = node.fileOf("mine-too", 1, 2_000);

        assertThat(batchesOf(node.takeOf(10, mine, mineToo))).isEqualTo("mine mine-too mine ");
        assertThat(node.takeOf(10, mine, mineToo)).isEmpty();
    }

    @OnEachDatabase
    void aRowThatIsDueAgainKeepsItsPlace(LedgerNode node) {
        node.fileOf("rows", 10, 1);
        DueRow first = node.take(5).get(0);

        node.settle(first, new Settlement.DueAgain(Duration.ZERO, 1, 1, false, false));
        node.turns().lookAtAll();

        assertThat(node.take(2)).extracting(DueRow::line).containsExactly(2L, 7L);
    }

    @OnEachDatabase
    void aRowThatGoesBehindLetsThoseGoFirstThatWait(LedgerNode node) {
        node.fileOf("rows", 10, 1);
        DueRow first = node.take(1).get(0);

        node.settle(first, new Settlement.DueAgain(Duration.ZERO, 0, 0, false, true));
        node.turns().lookAtAll();

        assertThat(node.take(10)).extracting(DueRow::line).containsExactly(3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L, 2L);
    }

    @OnEachDatabase
    void aRowIsNotTakenBeforeItIsDue(LedgerNode node) {
        node.fileOf("rows", 2, 1);
        node.settle(node.take(1).get(0), new Settlement.DueAgain(Duration.ofHours(1), 1, 1, false, false));
        node.turns().lookAtAll();
        assertThat(node.take(10)).extracting(DueRow::line).containsExactly(3L);

        node.age(Duration.ofMinutes(59));
        node.turns().lookAtAll();
        assertThat(node.take(10)).isEmpty();
        node.age(Duration.ofMinutes(1));
        node.turns().lookAtAll();
        assertThat(node.take(10)).extracting(DueRow::line).containsExactly(2L);
    }

    private static String batchesOf(List<DueRow> rows) {
        StringBuilder batches = new StringBuilder();
        rows.forEach(row -> batches.append(row.batch()).append(' '));
        return batches.toString();
    }
}
