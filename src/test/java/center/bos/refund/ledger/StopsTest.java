// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import static center.bos.refund.ledger.LedgerNode.accepting;
import static center.bos.refund.ledger.LedgerNode.row;
import static center.bos.refund.ledger.LedgerNode.single;
import static center.bos.refund.model.Outcome.DUPLICATE;
import static center.bos.refund.model.Outcome.IN_DOUBT;
import static center.bos.refund.model.Outcome.REJECTED;
import static center.bos.refund.model.Outcome.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import center.bos.refund.ledger.LedgerNodes.Database;
import center.bos.refund.model.Batch;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.Stop;
import center.bos.refund.testkit.OwnThread;

/** A batch or a node that a person stops sends nothing more, and nothing of it is lost. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class StopsTest {
    @RegisterExtension
    final LedgerNodes nodes = new LedgerNodes();

    private static Deed deed(String by, String reason) {
        return new Deed(by, reason, null);
    }

    private static Deed deed(String key, String request, String reason) {
        return new Deed("asha", reason, new IdempotencyKeys.Key("asha", key, request));
    }

    @ParameterizedTest
    @EnumSource
    void noRowOfAPausedBatchIsTakenUntilItIsResumed(Database database) {
        LedgerNode node = nodes.open(database);
        Batch wrong = node.fileOf("wrong", 10, 1);
        node.fileOf("other", 3, 1_000);
        node.take(4);

        Batch paused = node.during(() -> node.stops().pause("wrong", deed("asha", "wrong file"))).orElseThrow();

        assertThat(paused.stop()).extracting(Stop::kind, Stop::by, Stop::reason)
                .containsExactly(Stop.Kind.PAUSED, "asha", "wrong file");
        assertThat(paused.sending()).isEqualTo(node.now(wrong).sending()).isEqualTo(2);
        assertThat(node.take(10)).extracting(DueRow::batch).containsExactly("other");
        node.sweep();
        node.turns().lookAtAll();
        assertThat(node.take(10)).isEmpty();

        node.during(() -> node.stops().resume("wrong", deed("asha", null)));
        node.sweep();
        node.turns().lookAtAll();

        assertThat(node.take(100)).extracting(DueRow::line).containsExactly(4L, 5L, 6L, 7L, 8L, 9L, 10L, 11L);
        assertThat(node.now(wrong).stop()).isNull();
        assertThat(node.now(wrong).sending()).isEqualTo(10);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsInFlightWhenABatchIsPausedEndsAndCounts(Database database) {
        LedgerNode node = nodes.open(database);
        Batch batch = node.fileOf("rows", 5, 1);
        List<DueRow> taken = node.take(2);
        node.during(() -> node.stops().pause("rows", deed("asha", "why")));

        node.settle(taken.get(0), SUCCESS);
        node.settle(taken.get(1), new Settlement.DueAgain(Duration.ZERO, 1, 1, false, false));

        assertThat(node.now(batch)).extracting(Batch::success, Batch::sending, Batch::waiting).containsExactly(1L, 0L,
                4L);
        node.turns().lookAtAll();
        assertThat(node.take(10)).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void aDeedThatIsRepeatedUnderItsKeyIsNotDoneASecondTime(Database database) {
        LedgerNode node = nodes.open(database);
        node.fileOf("rows", 2, 1);
        node.during(() -> node.stops().pause("rows", deed("key", "pause rows", "why")));
        node.during(() -> node.stops().resume("rows", deed("other key", "resume rows", null)));

        assertThat(node.during(() -> node.stops().pause("rows", deed("key", "pause rows", "why"))).orElseThrow().stop())
                .isNull();
        assertThatThrownBy(() -> node.during(() -> node.stops().cancel("rows", deed("key", "cancel rows", "why"))))
                .hasRootCauseInstanceOf(IdempotencyKeys.StandsForAnother.class);
        assertThat(node.take(2)).hasSize(2);
    }

    /** The take of one node and the pause of another at the same moment: whichever is first, no row is taken after the answer. */
    @ParameterizedTest
    @EnumSource(names = {"OLDEST", "NEWEST"})
    void aTurnThatTookRowsBeforeItCouldKnowOfAPauseGivesThemBack(Database database) throws Exception {
        LedgerNode one = nodes.open(database);
        LedgerNode two = nodes.another("two");
        Batch batch = one.fileOf("rows", 20_000, 1);
        AtomicBoolean paused = new AtomicBoolean();
        AtomicInteger afterwards = new AtomicInteger();
        CompletableFuture<Long> taking = OwnThread.supply(() -> {
            long taken = 0;
            for (int turn = 0; turn < 2_000; turn++) {
                boolean told = paused.get();
                int rows = takenBy(two);
                taken += rows;
                if (told) {
                    afterwards.addAndGet(rows);
                    return taken;
                }
            }
            throw new AssertionError("never paused");
        });
        while (one.now(batch).sending() < 50) {
            Thread.onSpinWait();
        }

        long sending = one.during(() -> one.stops().pause("rows", deed("asha", "why"))).orElseThrow().sending();
        paused.set(true);

        assertThat(taking.get(60, TimeUnit.SECONDS)).isEqualTo(sending);
        assertThat(afterwards).hasValue(0);
        assertThat(one.now(batch).sending()).isEqualTo(sending);
    }

    /** What one turn takes, also where it is rolled back at first because two transactions waited for each other. */
    private static int takenBy(LedgerNode node) {
        while (true) {
            try {
                return node.turns().run(List.of(), 7, null).taken().size();
            } catch (SQLException e) {
                node.turns().disconnect();
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aPauseOutlivesTheProcess(Database database) {
        LedgerNode node = nodes.open(database);
        node.fileOf("rows", 1_200, 1);
        node.during(() -> node.stops().pause("rows", deed("asha", "why")));
        node.during(() -> node.stoppedRows().piece().map(node.dispatcher()::write));
        node.kill();

        LedgerNode next = nodes.another("one");
        assertThat(next.take(10)).isEmpty();
        next.sweep();
        assertThat(next.take(10)).isEmpty();
        next.during(() -> next.stops().resume("rows", deed("asha", null)));
        next.during(() -> next.stoppedRows().piece().map(next.dispatcher()::write));
        next.kill();

        LedgerNode last = nodes.another("one");
        last.sweep();
        last.turns().lookAtAll();
        assertThat(last.take(2_000)).extracting(DueRow::line)
                .containsExactlyInAnyOrderElementsOf(LongStream.range(2, 1_202).boxed().toList());
    }

    @ParameterizedTest
    @EnumSource
    void aBatchThatIsResumedSharesTheCallsAgainAndDoesNotCatchUp(Database database) {
        LedgerNode node = nodes.open(database);
        node.fileOf("paused", 400, 1);
        node.fileOf("other", 400, 1_000);
        node.during(() -> node.stops().pause("paused", deed("asha", "why")));
        node.sweep();
        node.take(200);

        node.during(() -> node.stops().resume("paused", deed("asha", null)));
        node.sweep();
        node.turns().lookAtAll();

        assertThat(node.take(20).stream().collect(Collectors.groupingBy(DueRow::batch, Collectors.counting())))
                .isEqualTo(Map.of("paused", 10L, "other", 10L));
    }

    @ParameterizedTest
    @EnumSource
    void whatIsReadWhileABatchIsPausedWaitsAsWell(Database database) {
        LedgerNode node = nodes.open(database);
        Batch batch = node.file("rows", 30);
        node.accept(batch, LongStream.range(2, 12).mapToObj(line -> row(line, line)).toList());
        node.during(() -> node.stops().pause("rows", deed("asha", "why")));
        node.accept(batch, LongStream.range(12, 22).mapToObj(line -> row(line, line)).toList());
        node.sweep();
        assertThat(node.take(10)).isEmpty();

        node.during(() -> node.stops().resume("rows", deed("asha", null)));
        node.accept(batch, LongStream.range(22, 32).mapToObj(line -> row(line, line)).toList());
        node.sweep();
        node.turns().lookAtAll();

        assertThat(node.take(100)).extracting(DueRow::line)
                .containsExactlyInAnyOrderElementsOf(LongStream.range(2, 32).boxed().toList());
    }

    @ParameterizedTest
    @EnumSource
    void theUnsentRowsOfACancelledBatchEndRejectedAndSayWhoAndWhy(Database database) {
        LedgerNode node = nodes.open(database, "refund.channel.error", "mock:error");
        Batch batch = node.fileOf("rows", 1_203, 1);
        List<DueRow> taken = node.take(3);

        Batch cancelled = node.during(() -> node.stops().cancel("rows", deed("asha", "wrong file"))).orElseThrow();
        assertThat(cancelled.sending()).isEqualTo(3);
        assertThat(node.take(10)).isEmpty();
        node.settle(taken.get(0), SUCCESS);
        node.sweep();
        node.settle(taken.get(1), SUCCESS);
        node.settle(taken.get(2), new Settlement.DueAgain(Duration.ofHours(1), 1, 1, false, false));
        node.sweep();

        assertThat(node.now(batch)).extracting(Batch::success, Batch::rejected, Batch::sending, Batch::waiting)
                .containsExactly(2L, 1_201L, 0L, 0L);
        assertThat(node.outcome(batch, 900).orElseThrow())
                .satisfies(outcome -> assertThat(outcome.message()).isEqualTo("cancelled by asha: wrong file"))
                .satisfies(outcome -> assertThat(outcome.outcome()).isEqualTo(REJECTED));
        assertThat(node.owed(Outbox.Channel.ERROR)).hasSize(1_000); // as many as are asked for
        assertThat(node.batches().finished()).extracting(Batch::id).containsExactly("rows");
    }

    @ParameterizedTest
    @EnumSource
    void aPairThatWasCancelledBeforeItWasSentIsFreeForTheRightFile(Database database) {
        LedgerNode node = nodes.open(database);
        Batch wrong = node.fileOf("wrong", 3, 1);
        node.settle(node.take(1).get(0), SUCCESS);
        node.during(() -> node.stops().cancel("wrong", deed("asha", "wrong file")));
        node.sweep();
        node.complete("wrong", Instant.EPOCH);

        Batch right = node.fileOf("right", 3, 1);

        assertThat(node.outcome(right, 2).orElseThrow().outcome()).isEqualTo(DUPLICATE);
        assertThat(node.take(10)).extracting(DueRow::line).containsExactly(3L, 4L);
        assertThat(node.now(wrong).rejected()).isEqualTo(2);
    }

    /** It was sent once, and nobody knows what became of that: 'rejected' would say that nobody was texted. */
    @ParameterizedTest
    @EnumSource
    void aRowInDoubtThatWasToBeSentAgainIsInDoubtAgainWhenItIsCancelled(Database database) {
        LedgerNode node = nodes.open(database);
        Batch batch = node.fileOf("rows", 1, 1);
        node.settle(node.take(1).get(0), IN_DOUBT);
        node.complete("rows", Instant.EPOCH);
        node.during(() -> node.doubts().resend("rows", Set.of(2L), deed("ravi", null)));
        node.during(() -> node.stops().cancel("rows", deed("asha", "better not")));
        node.sweep();

        assertThat(node.outcome(batch, 2).orElseThrow().outcome()).isEqualTo(IN_DOUBT);
        assertThat(node.now(batch).inDoubt()).isEqualTo(1);
        nodes.clock().pass(Duration.ofSeconds(1));

        node.complete("rows", Instant.EPOCH);
        node.during(() -> node.doubts().resend("rows", Set.of(2L), deed("ravi", null)));
        node.sweep();
        node.turns().lookAtAll();
        assertThat(node.take(1)).extracting(DueRow::line).containsExactly(2L);
    }

    @ParameterizedTest
    @EnumSource
    void whatIsOverCannotBeStopped(Database database) {
        LedgerNode node = nodes.open(database);
        node.fileOf("rows", 1, 1);
        node.settle(node.take(1).get(0), SUCCESS);

        assertThat(node.during(() -> node.stops().pause("rows", deed("asha", "why"))).orElseThrow().stop()).isNull();
        assertThat(node.during(() -> node.stops().cancel("rows", deed("asha", "why"))).orElseThrow().stop()).isNull();
        assertThat(node.during(() -> node.stops().cancel("nothing", deed("asha", "why")))).isEmpty();
    }

    @ParameterizedTest
    @EnumSource
    void ofTwoWhoCancelTheFirstIsNamedAndNobodyResumes(Database database) {
        LedgerNode node = nodes.open(database);
        node.fileOf("rows", 2, 1);
        node.during(() -> node.stops().cancel("rows", deed("asha", "first")));

        assertThat(node.during(() -> node.stops().cancel("rows", deed("ravi", "second"))).orElseThrow().stop().by())
                .isEqualTo("asha");
        assertThat(node.during(() -> node.stops().pause("rows", deed("ravi", "third"))).orElseThrow().stop().kind())
                .isEqualTo(Stop.Kind.CANCELLED);
        assertThat(node.during(() -> node.stops().resume("rows", deed("asha", null))).orElseThrow().stop().kind())
                .isEqualTo(Stop.Kind.CANCELLED);
    }

    @ParameterizedTest
    @EnumSource
    void aNodeThatIsPausedTakesNothingUntilItIsResumedAlsoAfterARestart(Database database) {
        LedgerNode node = nodes.open(database);
        node.fileOf("rows", 2, 1);
        node.during(() -> node.stops().pauseNode(deed("asha", "BOS asked us to")));
        node.call();
        node.turn(0, accepting(single("caller", 5_001)));
        node.dispatcher().turn();
        assertThat(node.begun()).isEmpty();
        node.stop();

        LedgerNode next = nodes.another("one");
        next.call();
        next.dispatcher().turn();
        assertThat(next.begun()).isEmpty();
        assertThat(next.throttle().standstill().orElseThrow().reason()).isEqualTo("BOS asked us to");

        next.during(() -> {
            next.stops().resumeNode(deed("asha", null));
            return null;
        });
        next.dispatcher().turn();
        assertThat(next.begun()).extracting(DueRow::batch).containsExactly("caller");
    }

    @ParameterizedTest
    @EnumSource
    void aBatchThatIsHeldIsCalledWhenItsTimeIsOver(Database database) {
        LedgerNode node = nodes.open(database, "refund.hold", "1h");
        Batch batch = node.fileOf("rows", 700, 1);
        node.turn(0, accepting(single("caller", 5_001)));
        node.sweep();
        assertThat(node.now(batch).stop()).extracting(Stop::kind, Stop::by).containsExactly(Stop.Kind.HELD,
                "refund.hold");
        assertThat(node.take(10)).extracting(DueRow::batch).containsExactly("caller");

        node.during(() -> node.stops().pause("rows", deed("asha", "look first")));
        assertThat(node.during(() -> node.stops().resume("rows", deed("asha", null))).orElseThrow().stop().kind())
                .isEqualTo(Stop.Kind.HELD);
        letHoldEnd(node);
        node.sweep();
        node.sweep();
        node.turns().lookAtAll();

        assertThat(node.now(batch).stop()).isNull();
        assertThat(node.take(1_000)).hasSize(700);
    }

    private static void letHoldEnd(LedgerNode node) {
        node.turn(0, new Write.Change<>(turn -> turn.jdbc().update("UPDATE batch SET held_until = 1")));
    }

    @ParameterizedTest
    @EnumSource
    void allThatANodeAcceptedCanBeCancelledAtOnce(Database database) {
        LedgerNode node = nodes.open(database);
        Batch one = node.fileOf("one", 2, 1);
        Batch two = node.fileOf("two", 2, 100);
        node.turn(0, accepting(single("caller", 5_001)));
        node.take(1);

        cancelAll(node, deed("asha", "stop"));
        node.sweep();
        node.sweep();
        node.sweep();

        assertThat(node.audit().before(Long.MAX_VALUE, 10)).extracting(Audit.Entry::of).containsExactly("caller", "two",
                "one");
        assertThat(node.now(one).rejected() + node.now(two).rejected()).isEqualTo(4);
    }

    private static void cancelAll(LedgerNode node, Deed deed) {
        node.during(() -> {
            node.stops().cancelAll(deed);
            return null;
        });
    }

    /** Or the other nodes take the node for dead, and wait for its locks. */
    @ParameterizedTest
    @EnumSource
    void manyRequestsAreCancelledInSeveralTurnsAndThoseThatComeLaterAreNot(Database database) {
        LedgerNode node = nodes.open(database);
        node.turn(0, IntStream.range(0, 450).mapToObj(i -> accepting(single("rest-" + i, i + 1)))
                .toArray(Write[]::new));
        long before = commits(node);
        Deed deed = deed("key", "cancel all", "stop");
        cancelAll(node, deed);
        assertThat(commits(node)).isGreaterThanOrEqualTo(before + 3);

        node.turn(0, accepting(single("later", 1_000)));
        cancelAll(node, deed);

        assertThat(node.audit().before(Long.MAX_VALUE, 1_000)).hasSize(450);
        assertThat(node.batches().find("later").orElseThrow().stop()).isNull();
    }

    private static long commits(LedgerNode node) {
        return node.database().one("SELECT max(commits) FROM epoch", found -> found.getLong(1)).orElseThrow();
    }

    @ParameterizedTest
    @EnumSource
    void aHoldThatAPersonEndedDoesNotComeBackWithTheEndOfAPause(Database database) {
        LedgerNode node = nodes.open(database, "refund.hold", "1h");
        Batch batch = node.fileOf("rows", 2, 1);
        node.during(() -> node.stops().resume("rows", deed("asha", null)));
        assertThat(node.now(batch).stop()).isNull();

        node.during(() -> node.stops().pause("rows", deed("asha", "wait")));
        node.during(() -> node.stops().resume("rows", deed("asha", null)));

        assertThat(node.now(batch).stop()).isNull();
    }
}
