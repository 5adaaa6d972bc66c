// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import static center.bos.refund.ledger.LedgerNode.row;
import static center.bos.refund.model.Outcome.ERROR;
import static center.bos.refund.model.Outcome.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;

import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import center.bos.refund.ledger.LedgerNodes.Database;
import center.bos.refund.model.Batch;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.Outcome;

/** For how long a pair is not sent again, and who may send it nevertheless. */
class DuplicateWindowTest {
    private static final String WINDOW = "refund.duplicate-window";
    private static final Duration DAY = Duration.ofHours(24);
    /** More than a test takes between two of its steps. */
    private static final Duration MARGIN = Duration.ofMinutes(1);

    @RegisterExtension
    final LedgerNodes nodes = new LedgerNodes();

    private LedgerNode node;

    @ParameterizedTest
    @CsvSource({"FILE, SUCCESS", "FILE, IN_DOUBT", "OLDEST, SUCCESS", "OLDEST, IN_DOUBT", "NEWEST, SUCCESS",
            "NEWEST, IN_DOUBT"})
    void holdsAPairJustInsideTheWindowAndFreesItJustPast(Database database, Outcome outcome) {
        node = nodes.open(database);
        ended("first", outcome);

        node.age(DAY.minus(MARGIN));
        assertThat(isSent(node.file("second", 1))).isFalse();
        node.age(MARGIN.multipliedBy(2));
        assertThat(isSent(node.file("third", 1))).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void sendsAlwaysWhenTheWindowIsZero(Database database) {
        node = nodes.open(database, WINDOW, "0s");
        ended("first", SUCCESS);

        assertThat(isSent(node.file("second", 1))).isTrue();
    }

    @ParameterizedTest
    @EnumSource
    void neverFreesAPairThatWaitsOrIsBeingSentWhateverTheWindowOrAPersonSays(Database database) {
        node = nodes.open(database, WINDOW, "0s");
        node.fileOf("first", 1, 1);
        assertThat(isSent(node.file("second", 1))).isFalse();
        DueRow sending = node.take(1).get(0);
        node.age(DAY.multipliedBy(2));
        assertThat(isSent(node.file("third", 1))).isFalse();
        assertThat(isSent(node.fileAgain("fourth", 1))).isFalse();

        node.settle(sending, new Settlement.DueAgain(DAY, 1, 1, false, false));

        assertThat(isSent(node.fileAgain("fifth", 1))).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void freesAPairThatEndedInErrorAtOnce(Database database) {
        node = nodes.open(database);
        ended("first", ERROR);

        assertThat(isSent(node.file("second", 1))).isTrue();
        assertThat(isSent(node.file("third", 1))).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void freesAPairToABatchThatIsAcceptedInTheTurnInWhichItEndedInError(Database database) {
        node = nodes.open(database);
        node.fileOf("first", 1, 1);
        DueRow sending = node.take(1).get(0);
        Batch second = node.file("second", 1);

        Turn turn = node.turn(1, LedgerNode.accepting(second, java.util.List.of(row(2, 1))),
                new Write.Settle(sending, LedgerNode.ended(ERROR)));

        assertThat(turn.taken()).extracting(DueRow::batch).containsExactly("second");
    }

    @ParameterizedTest
    @CsvSource({"FILE, SUCCESS", "FILE, ERROR", "FILE, IN_DOUBT", "NEWEST, SUCCESS", "NEWEST, ERROR",
            "NEWEST, IN_DOUBT"})
    void neverFreesAPairToAnotherRowOfItsBatchWhateverAPersonSays(Database database, Outcome outcome) {
        node = nodes.open(database);
        assertSendsItOnce(node.fileAgain("first", 2), outcome);
        assertThat(isSent(node.fileAgain("second", 1))).isTrue();
    }

    private void assertSendsItOnce(Batch batch, Outcome outcome) {
        node.accept(batch, row(2, 1));
        node.settle(node.take(1).get(0), outcome);

        node.accept(batch, row(3, 1));

        assertThat(node.take(1)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void neverFreesAPairToAnotherRowOfItsBatchAlsoWhenTheWindowIsZero(Database database) {
        node = nodes.open(database, WINDOW, "0s");
        assertSendsItOnce(node.file("first", 2), SUCCESS);
        assertThat(isSent(node.file("second", 1))).isTrue();
    }

    private void ended(String id, Outcome outcome) {
        node.fileOf(id, 1, 1);
        node.settle(node.take(1).get(0), outcome);
    }

    /** Whether a row of this batch with the pair is sent, when it comes now. */
    private boolean isSent(Batch batch) {
        node.accept(batch, row(2, 1));
        return node.now(batch).duplicate() == 0;
    }
}
