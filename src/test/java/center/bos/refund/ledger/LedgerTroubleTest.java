// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import static center.bos.refund.ledger.LedgerNode.accepting;
import static center.bos.refund.ledger.LedgerNode.row;
import static center.bos.refund.model.Outcome.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.model.Batch;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.Source;
import center.bos.refund.model.Submission;

/** What becomes of writes while the database refuses them. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class LedgerTroubleTest {
    private static final Duration SOON = Duration.ofSeconds(30);

    @RegisterExtension
    final LedgerNodes nodes = new LedgerNodes();

    private FaultyCommits commits;
    private LedgerNode node;
    private Dispatcher dispatcher;

    @BeforeEach
    void open() {
        commits = nodes.commits();
        node = nodes.open();
        dispatcher = node.dispatcher();
        node.warmUp();
    }

    @Test
    void writesTheSameGroupLaterAndHandsNoRowOverBefore() {
        Batch batch = node.file("rows", 2);
        node.call();
        Write.Accept accepted = handIn(accepting(batch, List.of(row(2, 1))));
        commits.refuse(3);

        for (int time = 0; time < 3; time++) {
            assertThat(dispatcher.turn()).isFalse();
            assertThat(dispatcher.trouble().text()).isEqualTo("the disk is full");
            assertThat(node.begun()).isEmpty();
        }
        Write.Accept later = handIn(accepting(batch, List.of(row(3, 2))));
        assertThat(dispatcher.turn()).isTrue();

        accepted.await();
        assertThat(dispatcher.trouble().text()).isNull();
        assertThat(node.now(batch).accepted()).isEqualTo(1);
        assertThat(node.begun()).extracting(DueRow::line).containsExactly(2L);
        assertThat(dispatcher.turn()).isTrue();
        later.await();
        assertThat(node.begun()).extracting(DueRow::line).containsExactly(3L);
    }

    @Test
    void waitsWhileAnotherProcessLocksTheLedger() throws Exception {
        Batch batch = node.file("rows", 1);
        handIn(accepting(batch, List.of(row(2, 1))));
        try (Connection other = DriverManager.getConnection("jdbc:sqlite:" + nodes.folder().resolve("ledger.db"));
                Statement statement = other.createStatement()) {
            statement.execute("BEGIN IMMEDIATE");

            assertThat(dispatcher.turn()).isFalse();

            assertThat(dispatcher.trouble().text()).contains("BUSY");
        }
        assertThat(dispatcher.turn()).isTrue();
        assertThat(node.now(batch).accepted()).isEqualTo(1);
        assertThat(dispatcher.trouble().text()).isNull();
    }

    @Test
    void aWriteThatCanNeverBeTakenFailsAloneAndTheOthersOfItsGroupAreWritten() {
        Batch batch = node.fileOf("rows", 1, 1);
        node.call();
        assertThat(dispatcher.turn()).isTrue();
        Write.Settle settled = handIn(new Write.Settle(node.begun().get(0), LedgerNode.ended(SUCCESS)));
        Write.Change<Integer> violating = handIn(new Write.Change<>(turn -> turn.jdbc()
                .update("INSERT INTO epoch (number, node, process, alive_at) VALUES (99, ?, 'x', 1)", (Object) null)));
        Write.Accept unknown = handIn(
                accepting(new Submission("nowhere", Source.FILE, false, List.of(row(2, 9)), null)));
        Write.Accept accepted = handIn(accepting(batch, List.of(row(3, 2))));

        assertThat(dispatcher.turn()).isTrue();

        assertThat(settled.await()).isTrue();
        accepted.await();
        assertThatThrownBy(violating::await).isInstanceOf(LedgerRefused.class).hasMessageContaining("NOT NULL");
        assertThatThrownBy(unknown::await).isInstanceOf(LedgerRefused.class).hasMessageContaining("nowhere");
        assertThat(node.now(batch)).extracting(Batch::success, Batch::accepted).containsExactly(1L, 2L);
        assertThat(dispatcher.turn()).isTrue();
        assertThat(node.begun()).extracting(DueRow::line).containsExactly(3L);
    }

    @ParameterizedTest
    @EnumSource
    void aStatementThatTheDatabaseDoesNotUnderstandFailsAloneAndIsNotTriedForEver(LedgerNodes.Database database) {
        LedgerNode at = nodes.open(database);
        Write.Change<Integer> wrong = new Write.Change<>(turn -> turn.jdbc().update("UPDATE nowhere SET x = 1"));
        Write.Change<Integer> right = new Write.Change<>(turn -> turn.jdbc().update("UPDATE epoch SET node = node"));
        Write.Change<Integer> wrongAlone = new Write.Change<>(turn -> turn.jdbc().update("UPDATE batch SET x = 1"));
        at.dispatcher().handIn(wrong);
        at.dispatcher().handIn(right);

        for (int turn = 0; turn < 3 && !right.isOver(); turn++) {
            at.dispatcher().turn();
        }

        assertThatThrownBy(wrong::await).isInstanceOf(LedgerRefused.class).hasMessageContaining("nowhere");
        assertThat(right.await()).isPositive();
        at.dispatcher().handIn(wrongAlone);
        at.dispatcher().turn();
        assertThatThrownBy(wrongAlone::await).isInstanceOf(LedgerRefused.class);
        assertThat(at.dispatcher().trouble().text()).isNull();
        Batch batch = at.fileOf("rows", 1, 1);
        assertThat(at.now(batch).accepted()).isEqualTo(1);
    }

    @Test
    void goesOnAfterAWriteThatThrows() {
        Write.Change<Void> defective = handIn(new Write.Change<>(turn -> {
            throw new IllegalStateException("a defect");
        }));
        assertThat(dispatcher.turn()).isTrue();
        assertThatThrownBy(defective::await).isInstanceOf(LedgerRefused.class).hasMessageContaining("a defect");

        Batch batch = node.fileOf("rows", 1, 1);

        assertThat(node.now(batch).accepted()).isEqualTo(1);
    }

    @Test
    void saysSoWhenACommitDoesNotComeToAnEnd() throws Exception {
        dispatcher.start();
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Write.Change<Void> stuck = handIn(new Write.Change<>(turn -> {
            begun.countDown();
            awaitLatch(release);
            return null;
        }));
        awaitLatch(begun);
        nodes.clock().pass(Duration.ofSeconds(9));

        await().atMost(SOON).until(() -> dispatcher.trouble().text() != null);
        assertThat(dispatcher.trouble().text()).contains("no commit");

        release.countDown();
        stuck.await();
        assertThat(dispatcher.trouble().text()).isNull();
        dispatcher.close();
    }

    @Test
    void letsNobodyWaitForEverWhenItIsClosedInTrouble() {
        Batch batch = node.file("rows", 2);
        commits.refuse(1_000);
        dispatcher.start();
        Write.Accept first = handIn(accepting(batch, List.of(row(2, 1))));
        await().atMost(SOON).until(() -> dispatcher.trouble().text() != null);
        Write.Accept second = handIn(accepting(batch, List.of(row(3, 2))));

        dispatcher.close();

        assertThatThrownBy(first::await).isInstanceOf(LedgerUnavailable.class);
        assertThatThrownBy(second::await).isInstanceOf(LedgerUnavailable.class);
    }

    @Test
    void whatWasHandedInBeforeItIsClosedIsWrittenAndNothingIsTakenInAfterwards() {
        Batch batch = node.file("rows", 2);
        Write.Accept before = handIn(accepting(batch, List.of(row(2, 1))));
        dispatcher.start();

        dispatcher.close();

        before.await();
        assertThat(node.now(batch).accepted()).isEqualTo(1);
        assertThatThrownBy(() -> handIn(accepting(batch, List.of(row(3, 2))))).isInstanceOf(LedgerUnavailable.class);
    }

    private <T extends Write<?>> T handIn(T write) {
        dispatcher.handIn(write);
        return write;
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
