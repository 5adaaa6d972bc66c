// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulation;

import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.UnaryOperator;

import org.junit.jupiter.api.Test;

/** Faults that are put back into the ledger's statements, one at a time: each must break the promise for some usual seed. */
class SimulationFindsFaultsTest {
    private static final long USUAL = 2_000;

    @Test
    void findsASettlementByAnEpochThatTheRowIsNoLongerSentUnder() {
        assertFound("AND refund.epoch = ?", "AND 0 < ?");
    }

    @Test
    void findsATurnOfAnEpochThatHasEnded() {
        assertFound("AND commits = ? AND ended_at IS NULL\nRETURNING", "AND commits = ?\nRETURNING");
    }

    @Test
    void findsAnOutcomeThatIsSettledTwice() {
        assertFound("refund.epoch = ?3 AND coalesce(refund.outcome, '') = ''", "refund.epoch = ?3");
    }

    @Test
    void findsAPairThatIsFreedTooEarly() {
        assertFound("WHERE EXISTS (\n    SELECT 1 FROM refund r WHERE r.batch = pair.batch",
                "WHERE 1 = 1 OR EXISTS (\n    SELECT 1 FROM refund r WHERE r.batch = pair.batch");
    }

    @Test
    void findsWhatIsNeverOwed() {
        assertFound("INSERT INTO outbox (channel, batch, body) VALUES (?, ?, ?)",
                "INSERT INTO outbox (channel, batch, body) SELECT ?, batch, body FROM (SELECT ? AS batch, ? AS body) WHERE batch <> 2");
    }

    @Test
    void findsARowThatIsTakenAlthoughItsBatchIsStopped() {
        // both where rows are taken and where they are counted: each of the two alone keeps the other's fault from harm
        assertFound("stopped IS NOT NULL", "stopped = 'cancelled'");
    }

    @Test
    void findsARowInDoubtThatEndsRejectedWhenItIsCancelled() {
        assertFound("CASE WHEN doubts > 0 THEN 'IN_DOUBT' ELSE 'REJECTED' END", "'REJECTED'");
    }

    private static void assertFound(String words, String instead) {
        AtomicBoolean isThere = new AtomicBoolean();
        UnaryOperator<String> fault = sql -> {
            String changed = sql.replace(words, instead);
            isThere.compareAndSet(false, !changed.equals(sql));
            return changed;
        };
        try (Seeds seeds = Seeds.withFault(fault)) {
            OptionalLong seed = seeds.firstBroken(0, USUAL);
            assertTrue(isThere.get(), "there is no such statement any more: " + words);
            assertNotEquals(OptionalLong.empty(), seed, "none of " + USUAL + " seeds breaks");
            String how = seeds.broken(seed.getAsLong());
            System.out.printf("found by seed %d: %s%n", seed.getAsLong(), how);
            assertTrue(!how.startsWith("the ledger threw"), how);
        }
    }
}
