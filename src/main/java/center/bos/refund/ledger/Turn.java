// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

import center.bos.refund.database.Jdbc;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.RowOutcome;

/** One transaction of the dispatcher: its connection, its time, and what it has done so far. */
public final class Turn {
    private final Jdbc jdbc;
    private final long epoch;
    private final long now;
    private final long virtualTime;
    /** Sorted by the batches' numbers, so that two nodes cannot deadlock. */
    private final Map<Long, Counts> counts = new TreeMap<>();
    private final List<Settled> settled = new ArrayList<>();
    private List<DueRow> taken = List.of();
    private boolean changed;
    private boolean standsStill;
    private final List<Runnable> afterCommit = new ArrayList<>();

    /** Rows of one batch that this turn accepted and settled. */
    static final class Counts {
        private final long[] outcomes = new long[Outcome.values().length];
        long accepted;
        long lastTurn;
        long taken;
        private long returned;

        void accepted(long rows, long turn) {
            accepted += rows;
            lastTurn = Math.max(lastTurn, turn);
        }

        void settled(Outcome outcome, long rows) {
            outcomes[outcome.ordinal()] += rows;
        }

        void returned() {
            returned++;
        }

        /** How many more rows are being sent after the turn than before. */
        long sending() {
            return taken - returned;
        }

        long of(Outcome outcome) {
            return outcomes[outcome.ordinal()];
        }
    }

    /** An outcome that this turn makes durable, with its batch's number. */
    record Settled(long batch, RowOutcome outcome) {
    }

    Turn(Jdbc jdbc, long epoch, long now, long virtualTime) {
        this.jdbc = jdbc;
        this.epoch = epoch;
        this.now = now;
        this.virtualTime = virtualTime;
    }

    Jdbc jdbc() {
        return jdbc;
    }

    /** The epoch of this process. */
    long epoch() {
        return epoch;
    }

    /** Milliseconds since 1970 by the ledger's clock. */
    long now() {
        return now;
    }

    /** The turn of the row that this process took last. */
    long virtualTime() {
        return virtualTime;
    }

    Counts counts(long batch) {
        return counts.computeIfAbsent(batch, b -> new Counts());
    }

    /** How many rows of a batch this turn has accepted. */
    long accepted(long batch) {
        return counts.containsKey(batch) ? counts.get(batch).accepted : 0;
    }

    /** Counts and keeps an outcome. */
    void settled(long batch, RowOutcome outcome) {
        counts(batch).settled(outcome.outcome(), 1);
        settled.add(new Settled(batch, outcome));
    }

    Map<Long, Counts> counts() {
        return counts;
    }

    List<Settled> settled() {
        return settled;
    }

    /** The rows that were taken to be called. */
    List<DueRow> taken() {
        return taken;
    }

    void take(List<DueRow> rows) {
        taken = rows;
        rows.forEach(row -> counts(row.number()).taken++);
    }

    /** Tells the rows that were taken of a batch its id. */
    void name(long batch, String id) {
        taken = taken.stream().map(row -> row.number() == batch ? row.of(id) : row).toList();
    }

    /** Returns rows that this turn took. */
    void giveBack(List<DueRow> rows) {
        taken = taken.stream().filter(row -> !rows.contains(row)).toList();
    }

    /** Marks that this turn takes no rows. */
    void standStill() {
        standsStill = true;
    }

    boolean standsStill() {
        return standsStill;
    }

    /** Runs an action after the commit, before callers are notified. */
    void afterCommit(Runnable task) {
        afterCommit.add(task);
    }

    void committed() {
        afterCommit.forEach(Runnable::run);
    }

    /** Marks that more rows may be due than before this turn. */
    void rowsMayBeDue() {
        changed = true;
    }

    boolean mayHaveMadeRowsDue() {
        return changed;
    }

    void commit() throws SQLException {
        jdbc.commit();
    }
}
