// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import static center.bos.refund.ledger.LedgerNode.accepting;
import static center.bos.refund.ledger.LedgerNode.row;
import static center.bos.refund.ledger.LedgerNode.single;
import static center.bos.refund.model.Outcome.DUPLICATE;
import static center.bos.refund.model.Outcome.ERROR;
import static center.bos.refund.model.Outcome.IN_DOUBT;
import static center.bos.refund.model.Outcome.REJECTED;
import static center.bos.refund.model.Outcome.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.time.Duration;
import java.util.List;
import java.util.stream.LongStream;

import center.bos.refund.model.Batch;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.NewRow;
import center.bos.refund.model.RowOutcome;
import center.bos.refund.model.Source;
import center.bos.refund.model.Submission;

/** What becomes of rows as they come in. */
class AcceptanceTest {
    @OnEachDatabase
    void sendsTheFirstOfTheRowsWithOnePairAndCallsTheOthersItsDuplicates(LedgerNode node) {
        Batch batch = node.file("rows", 4);

        node.accept(batch, row(2, "7"), row(3, "007"), row(4, "8"), row(5, "7"));

        assertThat(node.take(10)).extracting(DueRow::line).containsExactly(2L, 4L);
        assertThat(node.outcome(batch, 3)).get().extracting(RowOutcome::outcome, RowOutcome::message)
                .containsExactly(DUPLICATE, "repeats batch rows line 2, which has no outcome yet");
        assertThat(node.outcome(batch, 5)).get().extracting(RowOutcome::outcome).isEqualTo(DUPLICATE);
        assertThat(node.now(batch).duplicate()).isEqualTo(2);
    }

    @OnEachDatabase
    void findsADuplicateInALaterPieceOfTheFile(LedgerNode node) {
        Batch batch = node.file("rows", 2);
        node.accept(batch, row(2, 7));

        node.accept(batch, row(3, 7));

        assertThat(node.take(10)).extracting(DueRow::line).containsExactly(2L);
        assertThat(node.outcome(batch, 3)).get().extracting(RowOutcome::outcome).isEqualTo(DUPLICATE);
    }

    @OnEachDatabase
    void tellsZerosApartFromNothing(LedgerNode node) {
        Batch batch = node.file("rows", 3);

        node.accept(batch, row(2, "000"), row(3, "0"), row(4, "10"));

        assertThat(node.take(10)).extracting(DueRow::line, DueRow::referenceid)
                .containsExactly(tuple(2L, "000"), tuple(4L, "10"));
    }

    @OnEachDatabase
    void aDuplicateTellsHowTheRowThatItRepeatsStandsNow(LedgerNode node) {
        node.fileOf("first", 1, 7);
        Batch second = node.fileOf("second", 1, 7);
        assertThat(node.outcome(second, 2)).get().extracting(RowOutcome::message)
                .isEqualTo("repeats batch first line 2, which has no outcome yet");

        node.settle(node.take(1).get(0), SUCCESS);

        assertThat(node.outcome(second, 2)).get().extracting(RowOutcome::message)
                .isEqualTo("repeats batch first line 2, which ended SUCCESS");
    }

    @OnEachDatabase
    void aRejectedRowEndsAtOnceAndHasNoPair(LedgerNode node) {
        Batch batch = node.file("rows", 3);
        String reason = "it's \"no\", {id}, \\";

        node.accept(batch, new NewRow(2, "7", "1", reason), new NewRow(3, "", "", "no id"), row(4, 7));

        assertThat(node.outcome(batch, 2)).get()
                .extracting(RowOutcome::outcome, RowOutcome::message, RowOutcome::referenceid)
                .containsExactly(REJECTED, reason, "7");
        assertThat(node.take(10)).extracting(DueRow::line).containsExactly(4L);
        assertThat(node.now(batch).rejected()).isEqualTo(2);
    }

    @OnEachDatabase
    void aRowThatItsFileCallsSentIsADuplicateHoweverLongAgoAndSentOnAPersonsWord(LedgerNode node) {
        node.fileOf("first", 1, 7);
        node.settle(node.take(1).get(0), SUCCESS);
        node.age(Duration.ofDays(2));
        Batch dropped = node.file("dropped", 3);
        Batch again = node.fileAgain("again", 1);

        node.accept(dropped, new NewRow(2, "7", "1", null, "the file says SUCCESS"),
                new NewRow(3, "8", "1", null, "the file says IN_DOUBT: reset"), row(4, 9));
        node.accept(again, new NewRow(2, "7", "1", null, "the file says SUCCESS"));

        List<DueRow> taken = node.take(10);
        assertThat(taken).extracting(DueRow::batch, DueRow::referenceid)
                .containsExactlyInAnyOrder(tuple("dropped", "9"), tuple("again", "7"));
        assertThat(node.outcome(dropped, 2)).get().extracting(RowOutcome::outcome, RowOutcome::message)
                .containsExactly(DUPLICATE, "repeats batch first line 2, which ended SUCCESS; the file says SUCCESS");
        assertThat(node.outcome(dropped, 3)).get().extracting(RowOutcome::outcome, RowOutcome::message)
                .containsExactly(DUPLICATE, "the file says IN_DOUBT: reset");
        taken.forEach(row -> node.settle(row, SUCCESS));
        assertThat(node.batches().isDone(node.now(dropped))).as("line 3 repeats no row").isFalse();
        assertThat(node.batches().isDone(node.now(again))).isTrue();
    }

    /** As in an error.csv that was sorted by its outcomes, of a pair that two files had before. */
    @OnEachDatabase
    void aRowThatItsFileCallsSentHoldsUpNoLaterRowOfItsPair(LedgerNode node) {
        for (String id : List.of("first", "second")) {
            node.fileOf(id, 1, 7);
            node.settle(node.take(1).get(0), ERROR);
        }
        Batch mended = node.file("mended", 2);

        node.accept(mended, new NewRow(2, "7", "1", null, "the file says DUPLICATE"), row(3, 7));

        assertThat(node.take(10)).extracting(DueRow::line).containsExactly(3L);
        assertThat(node.outcome(mended, 2)).get().extracting(RowOutcome::message)
                .isEqualTo("repeats batch mended line 3, which has no outcome yet; the file says DUPLICATE");
    }

    @OnEachDatabase
    void acceptsAPieceThatComesTwiceOnce(LedgerNode node) {
        Batch batch = node.file("rows", 4);
        List<NewRow> piece = List.of(row(2, 7), row(3, 7), new NewRow(4, "", "", "no id"));
        node.accept(batch, piece);
        DueRow taken = node.take(10).get(0);

        node.accept(batch, piece);
        node.settle(taken, SUCCESS);
        node.accept(batch, piece);

        assertThat(node.take(10)).isEmpty();
        assertThat(node.now(batch)).extracting(Batch::accepted, Batch::success, Batch::duplicate, Batch::rejected)
                .containsExactly(3L, 1L, 1L, 1L);
        assertThat(node.outcome(batch, 2)).get().extracting(RowOutcome::outcome).isEqualTo(SUCCESS);
    }

    @OnEachDatabase
    void goesOnWithAFileWhoseReadingWasCutOff(LedgerNode node) {
        Batch batch = node.file("rows", 4);
        node.accept(batch, row(2, 7), row(3, 8));

        node.accept(batch, row(2, 7), row(3, 8), row(4, 9), row(5, 7));

        assertThat(node.take(10)).extracting(DueRow::line).containsExactly(2L, 3L, 4L);
        assertThat(node.now(batch).hasAllRows()).isTrue();
        assertThat(node.now(batch).duplicate()).isEqualTo(1);
    }

    @OnEachDatabase
    void sendsThePairsOfAFileThatWasCutOffOnceWhoeverTookThemMeanwhile(LedgerNode node) {
        Batch first = node.fileAgain("first", 6);
        node.accept(first, row(2, 7), row(3, 8));
        node.take(10).forEach(row -> node.settle(row, ERROR));
        // 7 changes hands once, 8 twice, and comes to the first file from another one
        Batch second = node.file("second", 2);
        node.accept(second, row(2, 7), row(3, 8), row(4, 9));
        node.take(10).forEach(row -> node.settle(row, ERROR));
        node.accept(node.file("third", 1), row(2, 8));
        node.accept(first, row(4, 9));
        node.take(10).forEach(row -> node.settle(row, ERROR));
        node.accept(node.file("fourth", 1), row(2, 9));
        node.take(10).forEach(row -> node.settle(row, ERROR));

        node.accept(first, row(5, 7), row(6, 8), row(7, 9));

        assertThat(node.take(10)).isEmpty();
        assertThat(node.now(first).duplicate()).isEqualTo(3);
        node.accept(node.file("fifth", 3), row(2, 7), row(3, 8), row(4, 9));
        assertThat(node.take(10)).hasSize(3);
    }

    @OnEachDatabase
    void countsABatchsRowsAsTheyEnd(LedgerNode node) {
        Batch batch = node.file("rows", 5);
        node.accept(batch, row(2, 7), row(3, 8), row(4, 9), row(5, 7), new NewRow(6, "", "", "no id"));
        List<DueRow> taken = node.take(10);
        node.settle(taken.get(0), SUCCESS);
        node.settle(taken.get(1), ERROR);
        assertThat(node.batches().finished()).isEmpty();

        node.settle(taken.get(2), IN_DOUBT);

        assertThat(node.now(batch)).extracting(Batch::accepted, Batch::success, Batch::error, Batch::inDoubt,
                Batch::duplicate, Batch::rejected).containsExactly(5L, 1L, 1L, 1L, 1L, 1L);
        assertThat(node.batches().finished()).extracting(Batch::id).containsExactly("rows");
        assertThat(node.now(batch).state()).isEqualTo(Batch.State.OPEN); // its results are not written
    }

    @OnEachDatabase
    void aRequestIsCompleteWithItsLastOutcome(LedgerNode node) {
        Submission message = new Submission("message", Source.JMS, false, List.of(row(1, 7), row(2, 8), row(3, 7)),
                null);
        node.turn(0, accepting(message));
        Batch batch = node.batches().find("message").orElseThrow();
        assertThat(batch).extracting(Batch::rows, Batch::state).containsExactly(3L, Batch.State.OPEN);

        node.take(10).forEach(row -> node.settle(row, SUCCESS));

        assertThat(node.now(batch)).extracting(Batch::state, Batch::success, Batch::duplicate)
                .containsExactly(Batch.State.COMPLETE, 2L, 1L);
    }

    @OnEachDatabase
    void aRequestThatComesAgainIsPassedOverAndAnotherUnderItsIdIsNotAccepted(LedgerNode node) {
        assertThat(isAccepted(node, request("one content", true, row(1, 7)))).isTrue();

        assertThat(isAccepted(node, request("one content", true, row(1, 7)))).isTrue();
        assertThat(isAccepted(node, request("other content", true, row(1, 8)))).isFalse();

        assertThat(node.take(10)).extracting(DueRow::referenceid).containsExactly("7");
    }

    @OnEachDatabase
    void aRequestThatIsNotDeliveredAgainIsAnotherAlsoInTheSameTurn(LedgerNode node) {
        Write.Accept first = accepting(request("content", false, row(1, 7)));
        Write.Accept alike = accepting(request("content", false, row(1, 7)));

        node.turn(0, first, alike);

        assertThat(first.result()).isTrue();
        assertThat(alike.result()).isFalse();
        assertThat(isAccepted(node, request("content", false, row(1, 7)))).isFalse();
        assertThat(isAccepted(node, request("content", true, row(1, 7)))).isTrue();
    }

    @OnEachDatabase
    void aRequestOfSeveralPiecesIsAcceptedWholeAlsoWhereItCannotBeRepeated(LedgerNode node) {
        Submission request = request("content", false, row(1, 7), row(2, 8));

        for (NewRow piece : request.rows()) {
            Write.Accept accept = new Write.Accept(request, List.of(piece));
            node.turn(0, accept);
            assertThat(accept.result()).isTrue();
        }

        assertThat(node.take(10)).hasSize(2);
    }

    private static Submission request(String content, boolean isRepeatable, NewRow... rows) {
        return new Submission("request", Source.JMS, false, List.of(rows), null, content, isRepeatable);
    }

    private static boolean isAccepted(LedgerNode node, Submission request) {
        Write.Accept accept = accepting(request);
        node.turn(0, accept);
        return accept.result();
    }

    @OnEachDatabase
    void whoAsksForADuplicateHearsOfItInTheSameTurn(LedgerNode node) {
        node.fileOf("rows", 1, 7);

        Turn turn = node.turn(1, accepting(single("caller", 7)));

        assertThat(turn.settled()).extracting(settled -> settled.outcome().batch(),
                settled -> settled.outcome().outcome()).containsExactly(tuple("caller", DUPLICATE));
    }

    @OnEachDatabase
    void aSingleRefundIsAcceptedAndTakenInOneTurn(LedgerNode node) {
        Turn turn = node.turn(1, accepting(single("caller", 7)));

        assertThat(turn.taken()).extracting(DueRow::batch, DueRow::line).containsExactly(tuple("caller", 1L));
    }

    @OnEachDatabase
    void takesTheLargestPiece(LedgerNode node) {
        Batch batch = node.file("rows", Ledger.PIECE);
        node.accept(batch, LongStream.range(0, Ledger.PIECE).mapToObj(i -> row(2 + i, 1 + i)).toList());

        List<DueRow> taken = node.take(Ledger.PIECE);
        Write.Settle[] settles = taken.stream().map(row -> new Write.Settle(row, LedgerNode.ended(SUCCESS)))
                .toArray(Write.Settle[]::new);
        node.turn(0, settles);

        assertThat(settles).allMatch(Write.Settle::await);
        assertThat(node.now(batch).success()).isEqualTo(Ledger.PIECE);
    }

    @OnEachDatabase
    void findsEveryRowOfAPairAgain(LedgerNode node) {
        Batch a = node.file("a", 5);
        Batch b = node.file("b", 5);
        node.accept(a, row(2, "7"), row(3, "007"), row(9, "9"));
        node.accept(a, new NewRow(8, "0".repeat(18) + "7", "1", "too long")); // no pair, whatever it looks like
        // an ERROR leaves the pair to another batch
        List<DueRow> waiting = node.take(10);
        node.settle(waiting.get(0), ERROR);
        node.accept(b, row(2, "7"));
        node.settle(node.take(1).get(0), ERROR);
        node.accept(node.file("c", 1), row(4, "07"));

        assertThat(node.lookups().history("0007", "1", 10, 0))
                .extracting(request -> request.batch() + request.line(), Lookups.Request::state)
                .containsExactlyInAnyOrder(tuple("a2", "ERROR"), tuple("a3", "DUPLICATE"), tuple("b2", "ERROR"),
                        tuple("c4", "OPEN"));
        assertThat(node.lookups().history("7", "1", 2, 1)).hasSize(2);
        assertThat(node.lookups().history("9", "1", 10, 0)).extracting(Lookups.Request::state)
                .containsExactly("SENDING");
        assertThat(node.lookups().history("1", "9", 10, 0)).isEmpty();
    }
}
