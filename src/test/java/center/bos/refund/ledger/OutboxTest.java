// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import static center.bos.refund.ledger.LedgerNode.accepting;
import static center.bos.refund.ledger.LedgerNode.row;
import static center.bos.refund.ledger.Outbox.Channel.REPLY;
import static center.bos.refund.model.Outcome.DUPLICATE;
import static center.bos.refund.model.Outcome.ERROR;
import static center.bos.refund.model.Outcome.IN_DOUBT;
import static center.bos.refund.model.Outcome.REJECTED;
import static center.bos.refund.model.Outcome.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.util.List;

import center.bos.refund.model.Batch;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.NewRow;
import center.bos.refund.model.RowOutcome;
import center.bos.refund.model.Source;
import center.bos.refund.model.Submission;

/** Undelivered outcomes and replies. */
class OutboxTest {
    private static final String SUCCESS_CHANNEL = "refund.channel.success";
    private static final String ERROR_CHANNEL = "refund.channel.error";

    @OnEachDatabase
    void owesEachOutcomeToItsChannelInTheOrderOfTheOutcomes(LedgerNodes nodes) {
        LedgerNode node = nodes.open(SUCCESS_CHANNEL, "x", ERROR_CHANNEL, "y");
        Batch batch = node.fileOf("rows", 4, 1);
        List<DueRow> taken = node.take(4);

        node.settle(taken.get(2), SUCCESS);
        node.settle(taken.get(1), ERROR);
        node.settle(taken.get(0), SUCCESS);
        node.settle(taken.get(3), IN_DOUBT);

        assertThat(linesOwed(node, Outbox.Channel.SUCCESS)).containsExactly(4L, 2L);
        assertThat(linesOwed(node, Outbox.Channel.ERROR)).containsExactly(3L, 5L);
        assertThat(node.owed(Outbox.Channel.SUCCESS)).extracting(Outbox.Owed::outcome)
                .contains(node.outcome(batch, 2).orElseThrow());
    }

    @OnEachDatabase
    void owesRowsThatWereNotSentToTheErrorChannel(LedgerNodes nodes) {
        LedgerNode node = nodes.open(ERROR_CHANNEL, "y");
        Batch batch = node.file("rows", 3);

        node.accept(batch, row(2, 7), row(3, 7), new NewRow(4, "x", "", "no digits"));

        assertThat(node.owed(Outbox.Channel.ERROR)).extracting(owed -> owed.outcome().line(),
                owed -> owed.outcome().outcome()).containsExactly(tuple(3L, DUPLICATE), tuple(4L, REJECTED));
        assertThat(node.now(batch)).extracting(Batch::duplicate, Batch::rejected).containsExactly(1L, 1L);
    }

    @OnEachDatabase
    void owesNothingToAChannelThatIsNotConfigured(LedgerNodes nodes) {
        LedgerNode node = nodes.open(SUCCESS_CHANNEL, "x");
        Batch batch = node.fileOf("rows", 2, 1);
        List<DueRow> taken = node.take(2);
        node.settle(taken.get(0), SUCCESS);
        node.settle(taken.get(1), ERROR);
        node.accept(batch, row(4, 1));

        assertThat(linesOwed(node, Outbox.Channel.SUCCESS)).containsExactly(2L);
        assertThat(node.owed(Outbox.Channel.ERROR)).isEmpty();
        assertThat(node.owed(REPLY)).isEmpty();
    }

    @OnEachDatabase
    void owesWhatWasDeliveredNoMoreAndTheRestAlsoAfterAKill(LedgerNodes nodes) {
        LedgerNode node = nodes.open(SUCCESS_CHANNEL, "x");
        node.fileOf("rows", 3, 1);
        node.take(3).forEach(row -> node.settle(row, SUCCESS));
        List<Outbox.Owed> owed = node.owed(Outbox.Channel.SUCCESS);

        node.turn(0, Owed.delivery(List.of(owed.get(0).number(), owed.get(1).number())));
        node.kill();

        assertThat(linesOwed(nodes.another("two", SUCCESS_CHANNEL, "x"), Outbox.Channel.SUCCESS)).containsExactly(4L);
    }

    @OnEachDatabase
    void owesAReplyOnceTheLastRowOfAMessageHasItsOutcome(LedgerNode node) {
        Submission message = message("message", "jms:queue:answers");
        node.turn(0, accepting(message));
        List<DueRow> taken = node.take(10);
        node.settle(taken.get(1), ERROR);
        assertThat(node.owed(REPLY)).isEmpty();

        node.settle(taken.get(0), SUCCESS);

        assertThat(node.owed(REPLY)).extracting(Outbox.Owed::outcome, Outbox.Owed::batch, Outbox.Owed::reply)
                .containsExactly(tuple(null, "message", "jms:queue:answers"));
        List<RowOutcome> outcomes = node.outcomes("message");
        assertThat(outcomes).extracting(RowOutcome::line, RowOutcome::outcome)
                .containsExactly(tuple(1L, SUCCESS), tuple(2L, ERROR), tuple(3L, DUPLICATE));
    }

    @OnEachDatabase
    void owesAMessageThatComesAgainNoSecondReply(LedgerNode node) {
        node.turn(0, accepting(message("message", "answers")));
        node.turn(0, accepting(message("message", "answers")));
        node.take(10).forEach(row -> node.settle(row, SUCCESS));

        node.turn(0, accepting(message("message", "answers")));

        assertThat(node.owed(REPLY)).hasSize(1);
    }

    @OnEachDatabase
    void owesNoReplyToAMessageWithoutAnAddressForIt(LedgerNode node) {
        node.turn(0, accepting(message("message", null)));

        node.take(10).forEach(row -> node.settle(row, SUCCESS));

        assertThat(node.owed(REPLY)).isEmpty();
    }

    private static List<Long> linesOwed(LedgerNode node, Outbox.Channel channel) {
        return node.owed(channel).stream().map(owed -> owed.outcome().line()).toList();
    }

    private static Submission message(String id, String reply) {
        return new Submission(id, Source.JMS, false, List.of(row(1, 7), row(2, 8), row(3, 7)), reply);
    }
}
