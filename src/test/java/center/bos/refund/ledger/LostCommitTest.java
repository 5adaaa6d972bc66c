// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import static center.bos.refund.ledger.LedgerNode.accepting;
import static center.bos.refund.ledger.LedgerNode.row;
import static center.bos.refund.model.Outcome.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import center.bos.refund.model.Batch;
import center.bos.refund.model.DueRow;
import center.bos.refund.node.Epoch;

/** A commit whose answer is lost is found again, and what it did is neither lost nor done twice. */
@Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LostCommitTest {
    @RegisterExtension
    final LedgerNodes nodes = new LedgerNodes();

    private FaultyCommits commits;
    private LedgerNode node;

    @BeforeEach
    void open() {
        commits = nodes.commits();
        node = nodes.open("refund.channel.success", "x");
        node.warmUp();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void doesAllOfATurnOnce(boolean committed) {
        Batch batch = node.fileOf("rows", 1, 1);
        node.call();
        turn();
        DueRow first = node.begun().get(0);
        Batch other = node.file("other", 2);
        Write.Settle settled = new Write.Settle(first, LedgerNode.ended(SUCCESS));
        Write.Accept accepted = accepting(other, List.of(row(2, 1), row(3, 7)));
        node.dispatcher().handIn(settled);
        node.dispatcher().handIn(accepted);
        fault(committed);

        assertThat(node.dispatcher().turn()).isFalse();
        assertThat(node.begun()).isEmpty();
        turn();

        assertThat(settled.await()).isTrue();
        accepted.await();
        assertThat(node.begun()).extracting(DueRow::batch, DueRow::line)
                .containsExactly(tuple("other", 3L));
        assertThat(node.now(batch).success()).isEqualTo(1);
        assertThat(node.now(other)).extracting(Batch::accepted, Batch::duplicate).containsExactly(2L, 1L);
        assertThat(node.owed(Outbox.Channel.SUCCESS)).hasSize(1);
        turn();
        assertThat(node.begun()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatComesInAfterATurnThatOnlyTookRowsIsWritten(boolean committed) {
        Batch batch = node.fileOf("rows", 2, 1);
        node.call();
        fault(committed);
        assertThat(node.dispatcher().turn()).isFalse();
        Write.Accept accepted = accepting(batch, List.of(row(4, 7)));
        node.dispatcher().handIn(accepted);

        turn();
        turn();

        accepted.await();
        assertThat(node.now(batch).accepted()).isEqualTo(3);
        assertThat(node.begun()).extracting(DueRow::line).containsExactly(2L, 3L, 4L);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void whatComesInAfterASignOfLifeIsWritten(boolean committed) {
        Batch batch = node.file("rows", 1);
        nodes.clock().pass(Epoch.INTERVAL);
        fault(committed);
        assertThat(node.dispatcher().turn()).isFalse();
        node.dispatcher().handIn(accepting(batch, List.of(row(2, 7))));

        turn();
        turn();

        assertThat(node.now(batch).accepted()).isEqualTo(1);
    }

    @Test
    void goesOnAfterSeveralInARow() {
        Batch batch = node.file("rows", 3);
        for (long line = 2; line < 5; line++) {
            Write.Accept accepted = accepting(batch, List.of(row(line, line)));
            node.dispatcher().handIn(accepted);
            commits.refuse(1);
            commits.loseAnswer();
            assertThat(node.dispatcher().turn()).isFalse();
            assertThat(node.dispatcher().turn()).isFalse();
            turn();
            accepted.await();
        }

        assertThat(node.now(batch).accepted()).isEqualTo(3);
        assertThat(node.isReplaced()).isFalse();
    }

    private void fault(boolean committed) {
        if (committed) {
            commits.loseAnswer();
        } else {
            commits.refuse(1);
        }
    }

    private void turn() {
        assertThat(node.dispatcher().turn()).isTrue();
    }
}
