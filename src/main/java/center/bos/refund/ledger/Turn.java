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
    /** By the batches' numbers, in order, so that two nodes cannot wait for each other's. */
    private final Map<Long, Counts> counts = new TreeMap<>();
    private final List<Settled> settled = new ArrayList<>();
    private List<DueRow> taken = List.of();
    private boolean changed;

    /** Rows of one batch that this turn accepted and settled. */
    static final class Counts {
        private final long[] outcomes = new long[Outcome.values().length];
        private long accepted;
        private long lastTurn;

        void accepted(long rows, long turn) {
            accepted += rows;
            lastTurn = Math.max(lastTurn, turn);
        }

        void settled(Outcome outcome, long rows) {
            outcomes[outcome.ordinal()] += rows;
        }

        long acceptedRows() {
            return accepted;
        }

        long lastTurn() {
            return lastTurn;
        }

        long of(Outcome outcome) {
            return outcomes[outcome.ordinal()];
        }
    }

    /** An outcome that this turn makes durable, with its batch's number. */
    record Settled(long batch, RowOutcome outcome) {
    }

    Turn(Jdbc jdbc, long epoch, long now) {
        this.jdbc = jdbc;
        this.epoch = epoch;
        this.now = now;
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

    Counts counts(long batch) {
        return counts.computeIfAbsent(batch, b -> new Counts());
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
    }

    /** Says that rows may be due now that were not before. */
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
