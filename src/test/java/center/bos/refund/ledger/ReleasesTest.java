// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import static center.bos.refund.ledger.LedgerNode.accepting;
import static center.bos.refund.ledger.LedgerNode.row;
import static center.bos.refund.ledger.LedgerNode.single;
import static center.bos.refund.model.Outcome.IN_DOUBT;
import static center.bos.refund.model.Outcome.REJECTED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.groups.Tuple.tuple;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.LongStream;

import org.junit.jupiter.api.Timeout;

import center.bos.refund.ledger.Releases.Result;
import center.bos.refund.model.Batch;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.Source;
import center.bos.refund.model.Stop;
import center.bos.refund.model.Submission;
import center.bos.refund.testkit.OwnThread;

/** What is larger than one person may let go waits for another, never for the first, and is never sent before. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ReleasesTest {
    private static final String[] ABOVE_TWO = {"refund.release-above", "2"};

    private static Deed deed(String by, String reason) {
        return new Deed(by, reason, null);
    }

    private static Result release(LedgerNode node, String id, String by) {
        return node.during(() -> node.releases().release(id, deed(by, "counted")));
    }

    private static Result refuse(LedgerNode node, String id, String by) {
        return node.during(() -> node.releases().refuse(id, deed(by, "last month's")));
    }

    private static List<DueRow> take(LedgerNode node) {
        node.turns().lookAtAll();
        return node.take(100);
    }

    private static List<String> deeds(LedgerNode node) {
        return node.audit().before(Long.MAX_VALUE, 10).stream()
                .map(deed -> deed.what().text() + " " + deed.of() + " " + deed.rows() + " " + deed.by()).toList();
    }

    @OnEachDatabase
    void aBatchOfMoreRowsWaitsForAnotherPerson(LedgerNodes nodes) {
        LedgerNode node = nodes.open(ABOVE_TWO);
        Batch big = node.fileOf("big", 3, 1);
        node.fileOf("small", 2, 100);

        assertThat(take(node)).extracting(DueRow::batch).containsOnly("small").hasSize(2);
        node.sweep();
        assertThat(take(node)).isEmpty();
        assertThat(node.now(big).stop()).extracting(Stop::kind, Stop::by).containsExactly(Stop.Kind.UNRELEASED, "asha");
        assertThat(node.releases().waiting(10, 0)).extracting(Releases.Waiting::id, Releases.Waiting::rows,
                Releases.Waiting::askedBy).containsExactly(tuple("big", 3L, "asha"));
        for (String same : List.of("asha", "Asha", "asha at the command line")) {
            assertThat(release(node, "big", same)).as(same).isEqualTo(Result.SAME_PERSON);
        }
        assertThat(take(node)).isEmpty();

        assertThat(release(node, "big", "ravi")).isEqualTo(Result.DONE);
        node.sweep();

        assertThat(take(node)).extracting(DueRow::batch).containsOnly("big").hasSize(3);
        assertThat(release(node, "big", "kim")).isEqualTo(Result.NOT_WAITING);
        assertThat(release(node, "none", "kim")).isEqualTo(Result.UNKNOWN);
        assertThat(node.releases().waiting(10, 0)).isEmpty();
        assertThat(deeds(node)).containsExactly("release big 3 ravi", "ask big 3 asha");
    }

    @OnEachDatabase
    void neitherAResumeNorARestartLetsItGo(LedgerNodes nodes) {
        LedgerNode node = nodes.open(ABOVE_TWO);
        node.fileOf("big", 3, 1);
        node.sweep();
        node.during(() -> node.stops().resume("big", deed("ravi", null)));
        node.during(() -> node.stops().pause("big", deed("ravi", "why")));
        node.during(() -> node.stops().resume("big", deed("ravi", null)));
        assertThat(take(node)).isEmpty();
        node.kill();

        // also where the setting was taken away meanwhile
        LedgerNode next = nodes.another("one");

        next.sweep();
        assertThat(take(next)).isEmpty();
        assertThat(release(next, "big", "asha")).isEqualTo(Result.SAME_PERSON);
        assertThat(release(next, "big", "ravi")).isEqualTo(Result.DONE);
        next.sweep();
        assertThat(take(next)).hasSize(3);
    }

    @OnEachDatabase
    void aRefusedBatchEndsRejectedWithTheReason(LedgerNodes nodes) {
        LedgerNode node = nodes.open(ABOVE_TWO);
        Batch big = node.fileOf("big", 3, 1);

        assertThat(refuse(node, "big", "ravi")).isEqualTo(Result.DONE);
        node.sweep();

        assertThat(take(node)).isEmpty();
        assertThat(node.now(big).rejected()).isEqualTo(3);
        assertThat(node.outcome(big, 2).orElseThrow()).satisfies(outcome -> {
            assertThat(outcome.outcome()).isEqualTo(REJECTED);
            assertThat(outcome.message()).isEqualTo("cancelled by ravi: not released: last month's");
        });
        assertThat(release(node, "big", "kim")).isEqualTo(Result.NOT_WAITING);
        assertThat(deeds(node)).containsExactly("refuse big 3 ravi", "ask big 3 asha");
    }

    @OnEachDatabase
    void anArrayOverJmsWaitsAsWell(LedgerNodes nodes) {
        LedgerNode node = nodes.open(ABOVE_TWO);
        Submission array = new Submission("jms-1", Source.JMS, false,
                LongStream.range(1, 4).mapToObj(line -> row(line, line)).toList(), null);
        node.turn(0, accepting(array));
        node.turn(0, accepting(array)); // delivered again
        node.turn(0, accepting(single("rest-1", 50)));

        assertThat(take(node)).extracting(DueRow::batch).containsExactly("rest-1");
        assertThat(deeds(node)).containsExactly("ask jms-1 3 JMS");
        assertThat(release(node, "jms-1", "ravi")).isEqualTo(Result.DONE);
        node.sweep();
        assertThat(take(node)).hasSize(3);
    }

    @OnEachDatabase
    void aReleasedBatchIsStillHeldForAsLongAsOthersAre(LedgerNodes nodes) {
        LedgerNode node = nodes.open("refund.release-above", "2", "refund.hold", "10m");
        Batch big = node.fileOf("big", 3, 1);
        assertThat(release(node, "big", "ravi")).isEqualTo(Result.DONE);

        assertThat(node.now(big).stop()).extracting(Stop::kind, Stop::by).containsExactly(Stop.Kind.HELD,
                "refund.hold");
        assertThat(take(node)).isEmpty();
    }

    /** Rows of three requests, in doubt. */
    private static List<Doubts.Row> doubts(LedgerNode node) {
        for (long pair = 1; pair <= 3; pair++) {
            node.turn(0, accepting(single("rest-" + pair, pair)));
            node.settle(take(node).get(0), IN_DOUBT);
        }
        return node.doubts().behind(Doubts.Place.START, 10);
    }

    private static String ask(LedgerNode node, List<Doubts.Row> rows, Deed deed) {
        return node.during(() -> node.releases().ask(
                rows.stream().map(Doubts.Row::name).toList(), deed,
                node.doubts().moment(deed("asha", null))));
    }

    @OnEachDatabase
    void theRowsOfAResendStayInDoubtUntilAnotherPersonReleasesIt(LedgerNodes nodes) {
        LedgerNode node = nodes.open(ABOVE_TWO);
        List<Doubts.Row> rows = doubts(node);
        String id = ask(node, rows, deed("asha at the command line", "BOS says no"));

        assertThat(node.releases().waiting(10, 0)).extracting(Releases.Waiting::id, Releases.Waiting::kind,
                Releases.Waiting::rows).containsExactly(tuple(id, "resend", 3L));
        assertThat(release(node, id, "asha")).isEqualTo(Result.SAME_PERSON);
        assertThat(node.releases().granted()).isEmpty();
        assertThat(node.doubts().total().rows()).isEqualTo(3);
        node.kill();

        LedgerNode next = nodes.another("one");
        assertThat(release(next, id, "ravi")).isEqualTo(Result.DONE);
        assertThat(next.releases().granted()).singleElement().satisfies(granted -> {
            assertThat(granted.rows()).extracting(Doubts.RowName::batch).containsExactly("rest-1", "rest-2", "rest-3");
            assertThat(granted.deed().by()).isEqualTo("asha at the command line, released by ravi");
            assertThat(granted.deed().reason()).isEqualTo("BOS says no");
        });
        next.during(() -> {
            next.releases().granted().forEach(next.releases()::done);
            return null;
        });
        assertThat(next.releases().granted()).isEmpty();
        assertThat(release(next, id, "kim")).isEqualTo(Result.NOT_WAITING);
        assertThat(deeds(next)).containsExactly("release " + id + " 3 ravi",
                "ask " + id + " 3 asha at the command line");
    }

    @OnEachDatabase
    void aRefusedResendIsNeverDoneAndAskedForUnderItsKeyStaysRefused(LedgerNodes nodes) {
        LedgerNode node = nodes.open(ABOVE_TWO);
        List<Doubts.Row> rows = doubts(node);
        Deed deed = new Deed("asha", "BOS says no", new IdempotencyKeys.Key("asha", "key", "all"));
        String id = ask(node, rows, deed);
        assertThat(ask(node, rows, deed)).isEqualTo(id);

        assertThat(refuse(node, id, "ravi")).isEqualTo(Result.DONE);

        assertThat(ask(node, rows, deed)).isEqualTo(id);
        assertThat(node.releases().waiting(10, 0)).isEmpty();
        assertThat(node.releases().granted()).isEmpty();
        assertThat(node.doubts().total().rows()).isEqualTo(3);
        assertThat(node.database().list("SELECT count(*) FROM release_row", found -> found.getLong(1)))
                .containsExactly(0L);
    }

    @OnEachDatabase
    void ofTwoWhoDecideAtOnceOneDoes(LedgerNodes nodes) {
        LedgerNode node = nodes.open(ABOVE_TWO);
        Batch big = node.fileOf("big", 3, 1);

        List<Result> results = node.during(() -> {
            List<CompletableFuture<Result>> both = new ArrayList<>();
            both.add(OwnThread.supply(() -> node.releases().release("big", deed("ravi", "counted"))));
            both.add(OwnThread.supply(() -> node.releases().refuse("big", deed("kim", "wrong"))));
            return both.stream().map(CompletableFuture::join).toList();
        });

        assertThat(results).containsExactlyInAnyOrder(Result.DONE, Result.NOT_WAITING);
        boolean released = results.get(0) == Result.DONE;
        node.sweep();
        assertThat(take(node)).hasSize(released ? 3 : 0);
        assertThat(node.now(big).rejected()).isEqualTo(released ? 0 : 3);
        assertThat(deeds(node)).hasSize(2);
    }

    @OnEachDatabase
    void aKeyThatIsRepeatedDoesNothingMore(LedgerNodes nodes) {
        LedgerNode node = nodes.open(ABOVE_TWO);
        node.fileOf("big", 3, 1);
        node.fileOf("other", 3, 100);
        Deed deed = new Deed("ravi", "counted", new IdempotencyKeys.Key("ravi", "key", "release big"));

        assertThat(node.during(() -> node.releases().release("big", deed))).isEqualTo(Result.DONE);
        assertThat(node.during(() -> node.releases().release("big", deed))).isEqualTo(Result.DONE);
        assertThatThrownBy(() -> node.during(() -> node.releases().release("other",
                new Deed("ravi", "counted", new IdempotencyKeys.Key("ravi", "key", "release other")))))
                .hasRootCauseInstanceOf(IdempotencyKeys.StandsForAnother.class);
        assertThat(deeds(node)).filteredOn(deedDone -> deedDone.startsWith("release")).hasSize(1);
        node.sweep(); // the other moves aside
        node.sweep();
        assertThat(take(node)).extracting(DueRow::batch).containsOnly("big").hasSize(3);
    }

    @OnEachDatabase
    void whatWaitsIsNotErasedAndWhatWasDecidedIs(LedgerNodes nodes) {
        LedgerNode node = nodes.open(ABOVE_TWO);
        String waits = ask(node, doubts(node), deed("asha", "BOS says no"));
        String refused = ask(node, node.doubts().behind(Doubts.Place.START, 10), deed("asha", "BOS says no"));
        refuse(node, refused, "ravi");

        node.during(() -> {
            node.retention(Duration.ZERO).erasePersons();
            return null;
        });

        assertThat(node.database().list("SELECT id FROM release", found -> found.getString(1))).containsExactly(waits);
        assertThat(deeds(node)).contains("ask " + waits + " 3 asha", "ask " + refused + " 3 null",
                "refuse " + refused + " 3 null");
    }
}
