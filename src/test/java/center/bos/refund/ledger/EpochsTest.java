// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import static center.bos.refund.model.Outcome.IN_DOUBT;
import static center.bos.refund.model.Outcome.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.util.List;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import center.bos.refund.model.Batch;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.RowOutcome;
import center.bos.refund.model.Stop;
import center.bos.refund.node.Epoch;

/** What a process finds that starts after another. */
class EpochsTest {
    private static final String[] RESEND = {"refund.in-doubt", "resend"};

    @RegisterExtension
    final LedgerNodes nodes = new LedgerNodes();

    private LedgerNode node;

    @BeforeEach
    void open() {
        node = nodes.open();
    }

    @Test
    void rowsThatWereBeingSentAreInDoubtAtTheNextStartAndNoOthers() {
        Batch batch = node.fileOf("rows", 5, 1);
        List<DueRow> taken = node.take(4);
        node.settle(taken.get(0), SUCCESS);
        node.settle(taken.get(1), new Settlement.DueAgain(Duration.ZERO, 1, 1, false, false));
        node.kill();

        LedgerNode after = nodes.another("one");

        assertThat(after.doubts().lines("rows")).containsExactlyInAnyOrder(4L, 5L);
        assertThat(after.now(batch)).extracting(Batch::success, Batch::inDoubt).containsExactly(1L, 2L);
        assertThat(after.outcome(batch, 4)).get().extracting(RowOutcome::outcome, RowOutcome::attempts)
                .containsExactly(IN_DOUBT, 1);
        assertThat(after.take(10)).extracting(DueRow::line).containsExactly(3L, 6L);
    }

    @Test
    void whatIsInDoubtIsOwedToTheErrorChannel() {
        node.fileOf("rows", 1, 1);
        node.take(1);
        node.kill();

        assertThat(nodes.another("one", "refund.channel.error", "x").owed(Outbox.Channel.ERROR))
                .extracting(owed -> owed.outcome().outcome()).containsExactly(IN_DOUBT);
    }

    @Test
    void aNodeWithAnotherNameGoesOnWithTheFileAndDoubtsWhatWasInFlightUnderTheOldName() {
        Batch batch = node.fileOf("rows", 2, 1);
        node.take(1);
        node.kill();

        LedgerNode after = nodes.another("new-name");

        assertThat(after.batches().open()).extracting(Batch::id).containsExactly("rows");
        assertThat(after.now(batch).inDoubt()).isEqualTo(1);
        assertThat(after.take(10)).extracting(DueRow::line).containsExactly(3L);
    }

    /** The name is the machine's, if none is set, and a new container has another. */
    @Test
    void aNodeThatAPersonPausedStaysPausedUnderANewName() {
        node.fileOf("rows", 1, 1);
        node.during(() -> node.stops().pauseNode(new Deed("asha", "BOS asked us to", null)));
        node.kill();

        LedgerNode after = nodes.another("new-name");

        assertThat(after.throttle().standstill()).get().extracting(Stop::by).isEqualTo("asha");
    }

    @Test
    void aRowInDoubtIsSentOnceMoreWhereTheSettingsSaySo() {
        Batch batch = node.fileOf("rows", 1, 1);
        node.take(1);
        node.kill();

        LedgerNode second = nodes.another("one", RESEND);
        assertThat(second.take(10)).extracting(DueRow::line, DueRow::doubts, DueRow::attempts)
                .containsExactly(tuple(2L, 1, 1));
        second.kill();

        LedgerNode third = nodes.another("one", RESEND);
        assertThat(third.take(10)).isEmpty();
        assertThat(third.now(batch).inDoubt()).isEqualTo(1);
    }

    @Test
    void aProcessThatWasReplacedCanRecordNothingMore() {
        Batch batch = node.fileOf("rows", 1, 1);
        DueRow row = node.take(1).get(0);
        LedgerNode after = nodes.another("one");

        node.dispatcher().handIn(new Write.Settle(row, LedgerNode.ended(SUCCESS)));
        assertThat(node.dispatcher().turn()).isFalse();

        assertThat(node.isReplaced()).isTrue();
        assertThat(after.now(batch)).extracting(Batch::success, Batch::inDoubt).containsExactly(0L, 1L);
    }

    /** As a standby that is promoted without it, or a backup that is restored while the node runs. */
    @Test
    void sendsNothingFromALedgerThatLacksWhatItHasCommittedUntilTheRightOneIsBack() {
        node.fileOf("rows", 1, 1);
        node.warmUp();
        node.call();
        node.dispatcher().turn();
        DueRow sent = node.begun().get(0);
        node.replaceLedger("UPDATE refund SET epoch = NULL", "UPDATE epoch SET commits = commits - 1");
        nodes.clock().pass(Epoch.INTERVAL);

        assertThat(node.dispatcher().turn()).isFalse();
        assertThat(node.dispatcher().turn()).isFalse();

        assertThat(node.begun()).isEmpty();
        assertThat(node.isReplaced()).isFalse();
        assertThat(node.dispatcher().trouble().text()).contains("it lacks what this node has committed");
        node.replaceLedger("UPDATE refund SET epoch = " + sent.epoch(), "UPDATE epoch SET commits = commits + 1");
        assertThat(node.dispatcher().turn()).isTrue();
        assertThat(node.settle(sent, SUCCESS)).isTrue();
    }

    @Test
    void eachStartIsAnEpochOfItsOwn() {
        long first = node.turns().epoch().number();
        node.stop();

        assertThat(nodes.another("one").turns().epoch().number()).isEqualTo(first + 1);
    }

    @Test
    void holdsARowOnlyUnderItsEpochAndWhileItsSignsOfLifeAreFresh() {
        long epoch = node.turns().epoch().number();
        node.turn(0);
        assertThat(node.dispatcher().holds(epoch)).isTrue();
        assertThat(node.dispatcher().holds(epoch - 1)).isFalse();

        nodes.clock().pass(Epoch.LEASE.dividedBy(2).minusMillis(1));
        assertThat(node.dispatcher().holds(epoch)).isTrue();
        nodes.clock().pass(Duration.ofMillis(1));
        assertThat(node.dispatcher().holds(epoch)).isFalse();

        node.turn(0);
        assertThat(node.dispatcher().holds(epoch)).isTrue();
    }

    @Test
    void holdsNoRowAfterItsMachineWasSuspendedWhoseMonotonicClockStoodStill() {
        long epoch = node.turns().epoch().number();
        node.turn(0);

        nodes.clock().setWall(Epoch.LEASE);

        assertThat(node.dispatcher().holds(epoch)).isFalse();
        node.dispatcher().turn();
        assertThat(node.dispatcher().holds(epoch)).isTrue();
    }

    @Test
    void aSignOfLifeIsAsOldAsItsTurnHoweverLateTheCommitIsAnswered() {
        node.turn(0, new Write.Change<Void>(turn -> {
            nodes.clock().pass(Duration.ofSeconds(5));
            return null;
        }));

        assertThat(node.turns().epoch().age()).isEqualTo(Duration.ofSeconds(5));
    }

    @Test
    void givesASignOfLifeEveryTwoSecondsWhereThereIsNothingElseToWrite() {
        node.turn(0);
        nodes.clock().pass(Epoch.INTERVAL.minusMillis(1));
        node.dispatcher().turn();
        assertThat(node.turns().epoch().age()).isEqualTo(Epoch.INTERVAL.minusMillis(1));

        nodes.clock().pass(Duration.ofMillis(1));
        node.dispatcher().turn();

        assertThat(node.turns().epoch().age()).isZero();
    }
}
