// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import static center.bos.refund.ledger.LedgerNode.accepting;
import static center.bos.refund.ledger.LedgerNode.row;
import static center.bos.refund.ledger.LedgerNode.single;
import static center.bos.refund.model.Outcome.IN_DOUBT;
import static center.bos.refund.model.Outcome.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

import org.junit.jupiter.api.Timeout;

import center.bos.refund.model.Batch;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.Source;
import center.bos.refund.model.Submission;
import center.bos.refund.testkit.OwnThread;

/** What is old is erased, and nothing else: not what is unfinished, in doubt or owed. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RetentionTest {
    private static final Duration AGE = Duration.ofDays(30);

    private static void settleAll(LedgerNode node, Outcome outcome) {
        node.turns().lookAtAll();
        for (DueRow row : node.take(5_000)) {
            node.settle(row, outcome);
        }
    }

    private static Batch finished(LedgerNode node, String id, long rows, long pair, Outcome outcome) {
        Batch batch = node.fileOf(id, rows, pair);
        settleAll(node, outcome);
        node.complete(id, Instant.EPOCH);
        return batch;
    }

    /** Lets all that there is be older than the retention, by whatever clock. */
    private static void age(LedgerNode node) {
        for (String column : List.of("batch SET started_at = started_at", "batch SET finished_at = finished_at",
                "refund SET answered_at = answered_at", "idempotency SET created_at = created_at",
                "deed SET done_at = done_at")) {
            node.turn(0, new Write.Change<>(turn -> turn.jdbc()
                    .update("UPDATE " + column + " - " + AGE.plusDays(1).toMillis())));
        }
    }

    private static void erase(LedgerNode node) {
        erase(node, AGE);
    }

    private static void erase(LedgerNode node, Duration age) {
        node.during(() -> {
            Retention retention = node.retention(age);
            List<Batch> old = retention.finished(0);
            old.stream().filter(batch -> batch.source() == Source.FILE)
                    .forEach(batch -> retention.erase(batch, () -> false));
            retention.eraseRequests(old, () -> false);
            retention.eraseKeys();
            retention.erasePersons();
            retention.giveSpaceBack(() -> false);
            return null;
        });
    }

    private static long count(LedgerNode node, String table) {
        return node.database().list("SELECT count(*) FROM " + table, found -> found.getLong(1)).get(0);
    }

    @OnEachDatabase
    void rowsOfOldBatchesGoAndTheirCountsStay(LedgerNode node) {
        Batch old = finished(node, "old", 450, 1, SUCCESS);
        node.turn(0, accepting(single("rest-old", 5_001)));
        settleAll(node, SUCCESS);
        age(node);
        Batch young = finished(node, "young", 3, 10_001, SUCCESS);
        node.turn(0, new Write.Change<>(turn -> turn.jdbc().update(
                "UPDATE batch SET stopped = 'cancelled', stopped_at = 1, stopped_by = 'asha' WHERE id = ?", old.id())));
        assertThat(node.now(old).submittedBy()).isEqualTo("asha");

        erase(node);

        assertThat(node.now(old).submittedBy()).isNull();
        assertThat(node.now(old).stop().by()).isEqualTo("an erased name");
        assertThat(node.now(old)).extracting(Batch::rows, Batch::success, Batch::state).containsExactly(450L, 450L,
                Batch.State.COMPLETE);
        assertThat(count(node, "refund")).isEqualTo(3);
        assertThat(count(node, "pair")).isEqualTo(3);
        assertThat(node.batches().find("rest-old")).isEmpty();
        assertThat(node.outcome(young, 2)).isPresent();
        assertThat(node.retention(AGE).finished(0)).as("erased once").isEmpty();
        // their pairs are new
        node.fileOf("again", 2, 1);
        node.turns().lookAtAll();
        assertThat(node.take(10)).hasSize(2);
    }

    @OnEachDatabase(LedgerNodes.Database.FILE)
    void aFileThatWasMadeForItGetsSmaller(LedgerNodes nodes) {
        LedgerNode node = nodes.open("refund.retention", "30d");
        finished(node, "old", 5_000, 1, SUCCESS);
        age(node);
        long before = pages(node);

        erase(node);

        assertThat(pages(node)).isLessThan(before / 2);
        assertThat(node.database().list("PRAGMA integrity_check", found -> found.getString(1))).containsExactly("ok");
    }

    private static long pages(LedgerNode node) {
        return node.database().list("PRAGMA page_count", found -> found.getLong(1)).get(0);
    }

    @OnEachDatabase
    void nothingUnfinishedInDoubtOrOwedGoes(LedgerNodes nodes) {
        LedgerNode node = nodes.open("refund.channel.success", "mock:success");
        node.fileOf("waits", 2, 1);
        node.turn(0, accepting(single("sending", 5_001)));
        assertThat(node.take(1)).hasSize(1);
        node.turn(0, accepting(single("doubt", 5_002)));
        node.settle(node.take(1).get(0), IN_DOUBT);
        node.turn(0, accepting(single("owed", 5_003)));
        node.settle(node.take(1).get(0), SUCCESS);
        long rows = count(node, "refund");
        age(node);

        erase(node);

        assertThat(count(node, "refund")).isEqualTo(rows);
        assertThat(node.owed(Outbox.Channel.SUCCESS)).hasSize(1);
        node.turn(0, new Write.Change<>(turn -> turn.jdbc().update("DELETE FROM outbox")));
        erase(node);
        assertThat(node.batches().find("owed")).isEmpty();
        assertThat(node.batches().find("doubt")).isPresent();
        node.turns().lookAtAll();
        assertThat(node.take(10)).hasSize(2);
    }

    @OnEachDatabase
    void aPairThatAnotherRowHoldsNowStaysHeld(LedgerNode node) {
        finished(node, "old", 1, 1, Outcome.ERROR);
        age(node);
        finished(node, "young", 1, 1, SUCCESS);

        erase(node);

        Batch third = node.fileOf("third", 1, 1);
        assertThat(node.outcome(third, 2).orElseThrow().outcome()).isEqualTo(Outcome.DUPLICATE);
        assertThat(node.lookups().history("1", "1", 10, 0)).extracting(Lookups.Request::batch)
                .containsExactlyInAnyOrder("young", "third");
    }

    private static List<String> keys(LedgerNode node) {
        return node.database().list("SELECT name FROM idempotency ORDER BY name", found -> found.getString(1));
    }

    private static List<String> whoDidWhat(LedgerNode node) {
        return node.audit().before(Long.MAX_VALUE, 10).stream().map(entry -> entry.what().text() + " " + entry.by())
                .toList();
    }

    private static List<String> verify(LedgerNode node) {
        return node.database().query(jdbc -> Audit.verify(jdbc, List.of()));
    }

    private static Deed deed(String by, String key) {
        return new Deed(by, "why", new IdempotencyKeys.Key(by, key, key));
    }

    @OnEachDatabase
    void keysAndWhoDidDeedsGoAndTheChainHolds(LedgerNode node) {
        node.during(() -> node.stops().pauseNode(deed("asha", "old")));
        node.turn(0, node.stops().resumingNode(deed("asha", "older")));

        erase(node, Duration.ZERO);
        node.turn(0, node.stops().resumingNode(deed("ravi", "nothing to resume")));
        node.during(() -> node.stops().pauseNode(deed("ravi", "young")));

        assertThat(keys(node)).containsExactly("nothing to resume", "young");
        assertThat(whoDidWhat(node)).containsExactly("pause ravi", "erase refund.retention", "resume null",
                "pause null");
        assertThat(verify(node)).isEmpty();
        // nobody else can do the same to what is younger
        node.turn(0, new Write.Change<>(turn -> turn.jdbc()
                .update("UPDATE deed SET done_by = NULL, reason = NULL, salt = NULL WHERE number = 4")));
        assertThat(verify(node)).singleElement().asString()
                .startsWith("the name or reason of entry 4 was removed");
    }

    @OnEachDatabase
    void whatWasErasedIsNotErasedAgain(LedgerNode node) {
        node.during(() -> node.stops().pauseNode(deed("asha", "old")));
        node.turn(0, node.stops().resumingNode(deed("asha", "older")));
        erase(node, Duration.ZERO);
        erase(node, Duration.ZERO);

        assertThat(whoDidWhat(node)).containsExactly("erase refund.retention", "resume null", "pause null");
    }

    @OnEachDatabase
    void keysAndDeedsOfWhatIsNotOverStay(LedgerNode node) {
        node.fileOf("rows", 2, 1);
        node.during(() -> node.stops().pause("rows", deed("asha", "rows")));
        node.turn(0, accepting(single("rest-1", 5)));
        node.during(() -> node.stops().pauseNode(deed("asha", "node")));
        node.during(() -> new IdempotencyKeys(node.dispatcher()).take(new IdempotencyKeys.Key("erp", "single", "asked"),
                "rest-1"));

        erase(node, Duration.ZERO);

        assertThat(keys(node)).containsExactly("node", "rows", "single");
        assertThat(whoDidWhat(node)).containsExactly("pause asha", "pause asha");

        node.turn(0, node.stops().resumingNode(deed("ravi", "resume")));
        node.settle(node.take(1).get(0), IN_DOUBT);
        erase(node, Duration.ZERO);
        assertThat(keys(node)).as("in doubt").containsExactly("rows", "single");
        assertThat(whoDidWhat(node)).containsExactly("erase refund.retention", "resume null", "pause null",
                "pause asha");
        assertThat(verify(node)).isEmpty();
    }

    @OnEachDatabase({LedgerNodes.Database.OLDEST, LedgerNodes.Database.NEWEST})
    void twoNodesThatEraseTheSameAtOnceEraseItOnce(LedgerNodes nodes) {
        LedgerNode one = nodes.open();
        LedgerNode two = nodes.another("two");
        for (long pair = 1; pair <= 300; pair++) {
            one.turn(0, accepting(single("rest-" + pair, pair)));
        }
        one.during(() -> one.stops().pauseNode(deed("asha", "key")));
        one.turn(0, one.stops().resumingNode(deed("asha", "other")));
        settleAll(one, SUCCESS);
        Batch young = finished(one, "young", 1, 5_000, SUCCESS);
        node(one, "UPDATE batch SET started_at = 1, finished_at = 1 WHERE source = 'REST'");

        CompletableFuture<Void> first = OwnThread.run(() -> eraseRequests(one));
        CompletableFuture<Void> second = OwnThread.run(() -> eraseRequests(two));
        first.join();
        second.join();

        assertThat(count(one, "refund")).isEqualTo(1);
        assertThat(count(one, "batch")).isEqualTo(1);
        assertThat(count(one, "pair")).isEqualTo(1);
        assertThat(one.now(young).success()).isEqualTo(1);
        assertThat(verify(two)).isEmpty();
    }

    private static void node(LedgerNode node, String sql) {
        node.turn(0, new Write.Change<>(turn -> turn.jdbc().update(sql)));
    }

    private static void eraseRequests(LedgerNode node) {
        node.during(() -> {
            Retention retention = node.retention(AGE);
            for (List<Batch> page = retention.finished(0); !page.isEmpty(); page = retention
                    .finished(page.get(page.size() - 1).number())) {
                retention.eraseRequests(page, () -> false);
            }
            retention.eraseKeys();
            retention.erasePersons();
            return null;
        });
    }

    @OnEachDatabase
    void aMessageOfManyRowsGoesPieceByPiece(LedgerNode node) {
        node.turn(0, accepting(new Submission("jms-1", Source.JMS, false,
                java.util.stream.LongStream.range(1, 502).mapToObj(line -> row(line, line)).toList(), null)));
        settleAll(node, SUCCESS);
        age(node);

        erase(node);

        assertThat(count(node, "refund")).isZero();
        assertThat(node.batches().find("jms-1")).isEmpty();
    }

    @OnEachDatabase
    void aRowThatIsSentAgainAfterItsPairWasErasedHoldsThePairAgain(LedgerNode node) {
        finished(node, "doubt", 1, 1, IN_DOUBT);
        age(node);
        finished(node, "second", 1, 1, SUCCESS); // the window is over
        age(node);
        erase(node);
        assertThat(node.during(() -> node.doubts().resend("doubt", Set.of(2L), new Deed("asha", "why", null))))
                .isTrue();

        Batch third = node.fileOf("third", 1, 1);

        node.turns().lookAtAll();
        assertThat(node.take(10)).extracting(DueRow::batch).containsExactly("doubt");
        assertThat(node.now(third).duplicate()).isEqualTo(1);
    }
}
