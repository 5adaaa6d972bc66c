// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import static center.bos.refund.ledger.LedgerNode.accepting;
import static center.bos.refund.ledger.LedgerNode.row;
import static center.bos.refund.ledger.LedgerNode.single;
import static center.bos.refund.model.Outcome.ERROR;
import static center.bos.refund.model.Outcome.IN_DOUBT;
import static center.bos.refund.model.Outcome.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Timeout;

import center.bos.refund.model.Batch;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.RowOutcome;
import center.bos.refund.model.Source;
import center.bos.refund.model.Submission;

/** Rows in doubt are in one list, whichever way they came, and each is sent again once for a person's request. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DoubtsTest {
    private static final Deed DEED = new Deed("asha", "BOS says no", null);

    private static Deed keyed(String request) {
        return new Deed("asha", "BOS says no", new IdempotencyKeys.Key("asha", "key", request));
    }

    /** A message of two rows whose sender wants a reply. */
    private static Submission message(String id, long pair) {
        return new Submission(id, Source.JMS, false, List.of(row(1, pair), row(2, pair + 1)), "reply-to");
    }

    private static void settleAll(LedgerNodes nodes, LedgerNode node, Outcome outcome, String said) {
        node.turns().lookAtAll();
        for (DueRow row : node.take(100)) {
            nodes.clock().pass(Duration.ofMillis(10));
            node.settle(row, new Settlement.Ended(outcome, null, 500, said, row.attempts() + 1, null));
        }
    }

    private static List<Doubts.Row> all(LedgerNode node) {
        return node.doubts().behind(Doubts.Place.START, 100);
    }

    private static List<Doubts.Skipped> resend(LedgerNode node, List<Doubts.Row> rows, Deed deed) {
        return node.during(() -> node.doubts().resend(rows, deed, node.doubts().moment(deed)));
    }

    @OnEachDatabase
    void filesRequestsAndMessagesAreInOneListTheOldestFirst(LedgerNodes nodes) {
        LedgerNode node = nodes.open();
        node.turn(0, accepting(message("jms-1", 10)));
        settleAll(nodes, node, IN_DOUBT, "no answer");
        node.fileOf("rows", 2, 1);
        settleAll(nodes, node, IN_DOUBT, "HTTP 500");
        node.turn(0, accepting(single("rest-1", 5)));
        settleAll(nodes, node, IN_DOUBT, "no answer");
        node.turn(0, accepting(single("rest-2", 6)));
        settleAll(nodes, node, ERROR, "HTTP 400");

        List<Doubts.Row> rows = all(node);

        assertThat(rows).extracting(row -> row.source() + " " + row.batch() + " " + row.line()).containsExactly(
                "JMS jms-1 1", "JMS jms-1 2", "FILE rows 2", "FILE rows 3", "REST rest-1 1");
        assertThat(rows).isSortedAccordingTo((a, b) -> a.since().compareTo(b.since()));
        assertThat(node.doubts().behind(rows.get(1).place(), 2)).extracting(Doubts.Row::line).containsExactly(2L, 3L);
        assertThat(node.doubts().total()).isEqualTo(new Doubts.Total(5, 3, rows.get(0).since()));
        assertThat(node.doubts().reasons())
                .extracting(Doubts.Reason::message, Doubts.Reason::rows, Doubts.Reason::resendable)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("no answer", 3L, 3L),
                        org.assertj.core.groups.Tuple.tuple("HTTP 500", 2L, 0L)); // the file has a third row
        assertThat(node.doubts().reasons().get(0).last()).isEqualTo(rows.get(4).since());
    }

    @OnEachDatabase
    void whatIsSentAgainIsToldToChannelsAndToTheSenderOfTheMessage(LedgerNodes nodes) {
        LedgerNode node = nodes.open("refund.channel.success", "mock:success", "refund.channel.error", "mock:error");
        node.turn(0, accepting(message("jms-1", 10)), accepting(single("rest-1", 5)));
        settleAll(nodes, node, IN_DOUBT, "no answer");
        assertThat(node.owed(Outbox.Channel.ERROR)).hasSize(3);
        assertThat(node.owed(Outbox.Channel.REPLY)).hasSize(1);

        assertThat(resend(node, all(node), DEED)).isEmpty();
        assertThat(node.doubts().total().rows()).isZero();
        settleAll(nodes, node, SUCCESS, "sent");

        assertThat(node.owed(Outbox.Channel.SUCCESS)).extracting(owed -> owed.outcome().batch() + owed.outcome().line())
                .containsExactlyInAnyOrder("jms-11", "jms-12", "rest-11");
        assertThat(node.owed(Outbox.Channel.REPLY)).hasSize(2);
        assertThat(node.outcomes("jms-1"))
                .extracting(RowOutcome::outcome).containsExactly(SUCCESS, SUCCESS);
        assertThat(node.batches().find("jms-1").orElseThrow()).extracting(Batch::state, Batch::success, Batch::inDoubt)
                .containsExactly(Batch.State.COMPLETE, 2L, 0L);
        assertThat(node.lookups().history("10", "1", 10, 0)).singleElement().satisfies(request -> {
            assertThat(request.state()).isEqualTo("SUCCESS");
            assertThat(request.resent()).singleElement().satisfies(word -> {
                assertThat(word.askedBy()).isEqualTo("asha");
                assertThat(word.reason()).isEqualTo("BOS says no");
                assertThat(word.message()).isEqualTo("no answer");
            });
        });
    }

    @OnEachDatabase
    void aWordThatIsRepeatedUnderItsKeyFinishesWhatWasLeftAndSendsNothingTwice(LedgerNodes nodes) {
        LedgerNode node = nodes.open();
        node.turn(0, accepting(single("rest-1", 5)), accepting(single("rest-2", 6)));
        settleAll(nodes, node, IN_DOUBT, "no answer");
        List<Doubts.Row> rows = all(node);
        Instant at = node.during(() -> node.doubts().moment(keyed("all")));
        node.during(() -> node.doubts().resend(rows.subList(0, 1), keyed("all"), at)); // and is killed
        settleAll(nodes, node, IN_DOUBT, "no answer");

        Instant again = node.during(() -> node.doubts().moment(keyed("all")));
        List<Doubts.Skipped> skipped = node.during(() -> node.doubts().resend(all(node), keyed("all"), again));

        assertThat(again).isEqualTo(at);
        assertThat(skipped).containsExactly(new Doubts.Skipped(rows.get(0).batch(), 1, Doubts.CHANGED));
        assertThat(node.doubts().opened(keyed("all"), at)).isEqualTo(2);
        node.turns().lookAtAll();
        assertThat(node.take(10)).extracting(DueRow::batch).containsExactly(rows.get(1).batch());
        assertThatThrownBy(() -> node.during(() -> node.doubts().moment(keyed("another"))))
                .hasRootCauseInstanceOf(IdempotencyKeys.StandsForAnother.class);
    }

    @OnEachDatabase
    void ofTwoRequestsOfOnePersonInTheSameMillisecondEachCountsItsOwnRows(LedgerNodes nodes) {
        LedgerNode node = nodes.open();
        node.turn(0, accepting(single("rest-1", 5)), accepting(single("rest-2", 6)), accepting(single("rest-3", 7)));
        settleAll(nodes, node, IN_DOUBT, "no answer");
        nodes.clock().pass(Duration.ofMillis(5));
        List<Doubts.Row> rows = all(node);
        Instant one = node.during(() -> node.doubts().moment(keyed("one")));
        Instant two = node.during(() -> node.doubts().moment(DEED));
        assertThat(two).isNotEqualTo(one);

        node.during(() -> node.doubts().resend(rows.subList(0, 1), keyed("one"), one));
        node.during(() -> node.doubts().resend(rows.subList(1, 3), DEED, two));

        assertThat(node.doubts().opened(DEED, one)).isEqualTo(1);
        assertThat(node.doubts().opened(DEED, two)).isEqualTo(2);
        assertThat(node.during(() -> node.doubts().moment(keyed("one")))).isEqualTo(one);
    }

    @OnEachDatabase
    void aRequestAmongManyCoversWhatHasJustComeToBeInDoubt(LedgerNodes nodes) {
        LedgerNode node = nodes.open();
        for (int request = 0; request < 20; request++) {
            node.during(() -> node.doubts().moment(DEED));
            nodes.clock().pass(Duration.ofSeconds(50));
        }
        node.turn(0, accepting(single("rest-1", 5)));
        settleAll(nodes, node, IN_DOUBT, "no answer");
        nodes.clock().pass(Duration.ofSeconds(1));

        node.during(() -> node.doubts().moment(DEED)); // of somebody else, in the same millisecond

        assertThat(resend(node, all(node), DEED)).isEmpty();
    }

    @OnEachDatabase
    void whatCannotBeSentAgainNowIsPassedOverAndSaid(LedgerNodes nodes) {
        LedgerNode node = nodes.open();
        Batch batch = node.fileOf("rows", 2, 1);
        DueRow first = node.take(1).get(0);
        node.settle(first, IN_DOUBT);
        List<Doubts.Row> rows = all(node);

        assertThat(resend(node, rows, DEED)).extracting(Doubts.Skipped::reason)
                .containsExactly("its batch is not finished");

        settleAll(nodes, node, SUCCESS, "sent");
        node.complete("rows", Instant.EPOCH);
        nodes.clock().pass(Duration.ofSeconds(1));
        node.turn(0, accepting(new Submission("rest-again", Source.REST, true, List.of(row(1, 1)), null)));
        assertThat(resend(node, rows, DEED)).extracting(Doubts.Skipped::reason)
                .containsExactly("another row with the same pair is open");
        settleAll(nodes, node, ERROR, "refused");

        nodes.clock().pass(Duration.ofSeconds(1));
        assertThat(resend(node, rows, DEED)).isEmpty();
        assertThat(resend(node, rows, new Deed("ravi", "me too", null))).extracting(Doubts.Skipped::reason)
                .containsExactly("its batch is not finished");
        assertThat(node.now(batch)).extracting(Batch::state, Batch::inDoubt).containsExactly(Batch.State.OPEN, 0L);
        node.turns().lookAtAll();
        assertThat(node.take(10)).extracting(DueRow::batch).containsExactly("rows");
    }

    @OnEachDatabase
    void ofTwoRowsWithOnePairOneIsSentAgain(LedgerNodes nodes) {
        LedgerNode node = nodes.open();
        node.turn(0, accepting(single("rest-1", 5)));
        settleAll(nodes, node, IN_DOUBT, "no answer");
        node.turn(0, accepting(new Submission("rest-2", Source.REST, true, List.of(row(1, 5)), null)));
        settleAll(nodes, node, IN_DOUBT, "no answer");

        assertThat(resend(node, all(node), DEED)).containsExactly(
                new Doubts.Skipped("rest-2", 1, "another row with the same pair is open"));
        node.turns().lookAtAll();
        assertThat(node.take(10)).extracting(DueRow::batch).containsExactly("rest-1");
    }

    @OnEachDatabase({LedgerNodes.Database.OLDEST, LedgerNodes.Database.NEWEST})
    void ofTwoNodesThatSendTheSameRowAgainOneDoes(LedgerNodes nodes) {
        LedgerNode one = nodes.open();
        LedgerNode two = nodes.another("two");
        one.turn(0, accepting(single("rest-1", 5)));
        settleAll(nodes, one, IN_DOUBT, "no answer");
        List<Doubts.Row> rows = all(one);
        nodes.clock().pass(Duration.ofSeconds(1));

        assertThat(resend(one, rows, DEED)).isEmpty();
        assertThat(resend(two, rows, new Deed("ravi", "me too", null))).hasSize(1);

        assertThat(one.batches().find("rest-1").orElseThrow().inDoubt()).isZero();
        one.turns().lookAtAll();
        assertThat(one.take(10)).hasSize(1);
    }

    @OnEachDatabase
    void theHistoryOfAReferenceIdHoldsAllItsPairs(LedgerNodes nodes) {
        LedgerNode node = nodes.open();
        Batch batch = node.file("rows", 3);
        node.accept(batch, new center.bos.refund.model.NewRow(2, "007", "1", null),
                new center.bos.refund.model.NewRow(3, "7", "02", null),
                new center.bos.refund.model.NewRow(4, "70", "1", null));
        settleAll(nodes, node, SUCCESS, "sent");
        nodes.clock().pass(Duration.ofSeconds(1));
        node.turn(0, accepting(single("rest-1", 7)));

        assertThat(node.lookups().history("0007", 10, 0)).extracting(request -> request.ackno() + request.state())
                .containsExactly("1DUPLICATE", "02SUCCESS", "1SUCCESS");
        assertThat(node.lookups().history("7", 1, 2)).hasSize(1);
        assertThat(node.lookups().history("8", 10, 0)).isEmpty();
    }

    @OnEachDatabase
    void twoRowsOfOnePairAreNotSentAgainTogether(LedgerNodes nodes) {
        LedgerNode node = nodes.open();
        node.fileOf("rows", 2, 1);
        settleAll(nodes, node, IN_DOUBT, "no answer");
        node.turn(0, new Write.Change<>(turn -> turn.jdbc().update("UPDATE refund SET referenceid = '1'")));
        node.complete("rows", Instant.EPOCH);

        assertThat(node.during(() -> node.doubts().resend("rows", Set.of(2L, 3L), DEED))).isFalse();
        assertThat(node.during(() -> node.doubts().resend("rows", Set.of(3L), DEED))).isTrue();
    }
}
