// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import static center.bos.refund.ledger.LedgerNode.accepting;
import static center.bos.refund.ledger.LedgerNode.single;
import static center.bos.refund.model.Outcome.IN_DOUBT;
import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

import org.junit.jupiter.api.Timeout;

import center.bos.refund.database.Jdbc;
import center.bos.refund.ledger.Audit.Anchor;
import center.bos.refund.ledger.Audit.Kept;
import center.bos.refund.ledger.Audit.What;

/** An entry is written with its action, and a later change of it is detected. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class AuditTest {
    private static Deed deed(String by, String reason) {
        return new Deed(by, reason, null);
    }

    private static List<String> verify(LedgerNode node, Kept... anchors) {
        return node.database().query(jdbc -> Audit.verify(jdbc, List.of(anchors)));
    }

    private static void change(LedgerNode node, String sql) {
        node.turn(0, new Write.Change<>(turn -> turn.jdbc().update(sql)));
    }

    private static void fourDeeds(LedgerNode node) {
        node.fileOf("rows", 5, 1);
        node.during(() -> node.stops().pause("rows", deed("asha", "wrong file?")));
        node.during(() -> node.stops().resume("rows", deed("ravi", null)));
        node.during(() -> node.stops().pauseNode(deed("asha", "BOS asked us to")));
        node.during(() -> node.stops().cancel("rows", deed("asha", "wrong file")));
    }

    @OnEachDatabase
    void eachDeedSaysWhoWhenWhatAndWhy(LedgerNode node) {
        fourDeeds(node);
        // done before, and so no entry
        node.during(() -> node.stops().cancel("rows", deed("ravi", "me too")));
        node.during(() -> node.stops().pauseNode(deed("ravi", "me too")));

        List<Audit.Entry> deeds = node.audit().before(Long.MAX_VALUE, 10);

        assertThat(deeds).extracting(deed -> deed.number() + " " + deed.what().text() + " " + deed.of() + " "
                + deed.rows() + " " + deed.by() + " " + deed.reason()).containsExactly(
                        "4 cancel rows 5 asha wrong file", "3 pause node one 0 asha BOS asked us to",
                        "2 resume rows 5 ravi null", "1 pause rows 5 asha wrong file?");
        assertThat(node.audit().before(3, 1)).extracting(Audit.Entry::number).containsExactly(2L);
        assertThat(node.audit().newest()).contains(new Anchor(4, deeds.get(0).hash()));
        assertThat(verify(node)).isEmpty();
    }

    @OnEachDatabase
    void whatIsSentAgainIsNotedInTheTurnOfItsKeyAndOnceForAKey(LedgerNode node) {
        IdempotencyKeys keys = new IdempotencyKeys(node.dispatcher());
        IdempotencyKeys.Key key = new IdempotencyKeys.Key("asha", "key", "request");

        assertThat(node.during(() -> keys.takeAgain(key, "rest-1", 1, deed("asha", null)))).isEqualTo("rest-1");
        assertThat(node.during(() -> keys.takeAgain(key, "rest-2", 1, deed("asha", null)))).isEqualTo("rest-1");
        assertThat(node.during(() -> keys.takeAgain(null, "rest-3", 2, deed("asha", null)))).isEqualTo("rest-3");

        assertThat(node.audit().before(Long.MAX_VALUE, 10)).extracting(entry -> entry.what().text() + " " + entry.of())
                .containsExactly("again rest-3", "again rest-1");
    }

    @OnEachDatabase
    void aResendIsADeedAndOneThatOpensNothingIsNone(LedgerNode node) {
        node.turn(0, accepting(single("rest-1", 5)));
        node.settle(node.take(1).get(0), IN_DOUBT);
        List<Doubts.Row> rows = node.doubts().behind(Doubts.Place.START, 10);
        for (int time = 0; time < 2; time++) {
            node.during(() -> node.doubts().resend(rows, deed("asha", "BOS says no"),
                    node.doubts().moment(deed("asha", "BOS says no"))));
        }

        assertThat(node.audit().before(Long.MAX_VALUE, 10)).singleElement().satisfies(entry -> {
            assertThat(entry.what()).isEqualTo(What.RESEND);
            assertThat(entry.of()).isEqualTo("rest-1");
            assertThat(entry.rows()).isEqualTo(1);
        });
    }

    @OnEachDatabase
    void whoeverChangesRemovesOrCutsOffADeedIsFound(LedgerNode node) {
        record Tampering(String sql, String found) {
        }
        fourDeeds(node);
        Kept kept = new Kept(node.audit().newest().orElseThrow(), "x/summary.json");
        change(node, "CREATE TABLE kept AS SELECT * FROM deed");
        for (Tampering tampering : List.of(
                new Tampering("UPDATE deed SET row_count = 1 WHERE number = 2", "entry 2 was changed"),
                new Tampering("UPDATE deed SET subject = 'other' WHERE number = 4", "entry 4 was changed"),
                new Tampering("UPDATE deed SET done_at = done_at - 1 WHERE number = 1", "entry 1 was changed"),
                new Tampering("UPDATE deed SET done_by = 'ravi' WHERE number = 1",
                        "the name or reason of entry 1 was changed"),
                new Tampering("UPDATE deed SET reason = 'none' WHERE number = 3",
                        "the name or reason of entry 3 was changed"),
                new Tampering("UPDATE deed SET personal = '' WHERE number = 3", "entry 3 was changed"),
                new Tampering("UPDATE deed SET done_by = NULL, reason = NULL, salt = NULL WHERE number = 2",
                        "the name or reason of entry 2 was removed"),
                new Tampering("DELETE FROM deed WHERE number = 2", "entries 2 to 2 were removed"),
                new Tampering("DELETE FROM deed WHERE number = 1", "entries 1 to 1 were removed"),
                new Tampering("DELETE FROM deed WHERE number = 4",
                        "entry 4, which x/summary.json names, was cut off"),
                new Tampering("DELETE FROM deed", "entry 4, which x/summary.json names, was cut off"))) {
            assertThat(verify(node, kept)).as("before").isEmpty();

            change(node, tampering.sql());

            assertThat(verify(node, kept)).as(tampering.sql())
                    .anySatisfy(text -> assertThat(text).contains(tampering.found()));
            change(node, "DELETE FROM deed");
            change(node, "INSERT INTO deed SELECT * FROM kept");
        }
    }

    @OnEachDatabase
    void aDeedThatIsDoneWhileTheChainIsVerifiedIsNotTakenForTampering(LedgerNode node) throws Exception {
        fourDeeds(node);
        try (Connection ledger = node.database().writer()) {
            ledger.setAutoCommit(true);
            Set<String> prepared = new HashSet<>();
            Connection interrupted = (Connection) Proxy.newProxyInstance(getClass().getClassLoader(),
                    new Class<?>[]{Connection.class}, (self, method, values) -> {
                        if (method.getName().equals("prepareStatement") && prepared.add(values[0].toString())) {
                            node.turn(0, node.stops().resumingNode(deed("asha", null)));
                            node.during(() -> node.stops().pauseNode(deed("asha", "meanwhile")));
                        }
                        return method.invoke(ledger, values);
                    });

            assertThat(Audit.verify(new Jdbc(interrupted), List.of())).isEmpty();

            assertThat(prepared).hasSize(3);
        }
    }

    /** Whoever can write the ledger can write a whole new chain; the summaries that others keep detect it. */
    @OnEachDatabase
    void aChainThatWasWrittenAnewIsFoundByTheSummaries(LedgerNodes nodes) {
        LedgerNode node = nodes.open();
        fourDeeds(node);
        Kept kept = new Kept(node.audit().newest().orElseThrow(), "x/summary.json");
        change(node, "DELETE FROM deed");
        change(node, "UPDATE audit_head SET number = 0, hash = ''");
        for (int deed = 0; deed < 5; deed++) {
            node.turn(0, node.stops().resumingNode(deed("mallory", null)));
            node.during(() -> node.stops().pauseNode(deed("mallory", "nothing happened")));
        }

        assertThat(verify(node)).isEmpty();
        assertThat(verify(node, kept)).singleElement().asString()
                .isEqualTo("entry 4 differs from x/summary.json");
    }

    @OnEachDatabase({LedgerNodes.Database.OLDEST, LedgerNodes.Database.NEWEST})
    void nodesThatShareTheLedgerWriteOneChain(LedgerNodes nodes) {
        LedgerNode one = nodes.open();
        LedgerNode two = nodes.another("two");
        for (int deed = 0; deed < 3; deed++) {
            one.during(() -> one.stops().pauseNode(deed("asha", "why")));
            two.during(() -> two.stops().pauseNode(deed("ravi", "why")));
            two.turn(0, two.stops().resumingNode(deed("ravi", null)));
            one.turn(0, one.stops().resumingNode(deed("asha", null)));
        }

        assertThat(one.audit().before(Long.MAX_VALUE, 100)).hasSize(12);
        assertThat(verify(two)).isEmpty();
    }
}
