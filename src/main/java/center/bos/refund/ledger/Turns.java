// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

import org.jboss.logging.Logger;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.database.Jdbc;
import center.bos.refund.database.LedgerClock;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.Source;
import center.bos.refund.node.Epoch;
import center.bos.refund.node.Epochs;
import center.bos.refund.node.Peers;

/**
 * The dispatcher's transactions, one a turn, on one connection: heartbeat and fence, settle, change, accept, take, count, commit.
 * If the answer of a commit was lost, the next try looks the commit up instead of repeating it.
 */
final class Turns {
    private static final Logger LOG = Logger.getLogger(Turns.class);
    private static final String COUNT = """
            UPDATE batch SET accepted = accepted + ?, sending = sending + ?, turn = CASE WHEN turn < ? THEN ? ELSE turn END,
                   success = success + ?, error = error + ?, in_doubt = in_doubt + ?, duplicate = duplicate + ?,
                   rejected = rejected + ?
            WHERE number = ?
            RETURNING source, row_count = success + error + in_doubt + duplicate + rejected AS done, reply,
                      stopped IS NOT NULL AS stopped, id""";
    private static final String COMPLETE = "UPDATE batch SET state = 'complete', finished_at = ?, " + Stops.OVER
            + " WHERE number = ?";
    private static final String NOT_SENDING = "UPDATE batch SET sending = sending - ? WHERE number = ?";
    private static final String FIRST_TURN = """
            SELECT min(turn) FROM refund WHERE outcome IS NULL AND epoch IS NULL AND turn < """ + Stops.ASIDE;

    private final LedgerDatabase database;
    private final Epochs epochs;
    private final Peers peers;
    private final Acceptance acceptance;
    private final Rows rows;
    private final Abandoned abandoned;
    private final Outbox outbox;
    private final Runnable onReplaced;
    private final Duration longestPause;
    private volatile Epoch epoch;
    private Jdbc jdbc;
    private Turn attempt;
    /** Whether epochs of other nodes have ended whose rows no committed turn has settled. */
    private boolean othersEnded;
    /** The change whose statements run now, or failed. */
    private Write.Change<?> applying;
    /** The turn of the row that was taken last; new batches begin there. */
    private long virtualTime = -1;
    /** Rows with a lower turn are in flight, due later, or not for this process. */
    private long from;

    /** Begins an epoch of this node; {@link #begin()} is the first turn. */
    Turns(RefundConfig config, LedgerDatabase database, LedgerClock clock, Outbox outbox, Runnable onReplaced) {
        this.database = database;
        this.outbox = outbox;
        this.onReplaced = onReplaced;
        longestPause = Verdicts.longestPause(config.retry());
        acceptance = new Acceptance(config, outbox);
        rows = new Rows(database.dialect());
        abandoned = new Abandoned(rows, config.inDoubt() == RefundConfig.InDoubt.RESEND);
        peers = isShared() ? new Peers(clock) : null;
        epochs = new Epochs(database, clock);
        epoch = epochs.begin(config.node());
    }

    private record Counted(Source source, boolean done, String reply, boolean stopped, String id) {
    }

    /** This process' present epoch. */
    Epoch epoch() {
        return epoch;
    }

    /** Makes the next take search all rows that may be due. */
    void lookAtAll() {
        from = 0;
    }

    /** Whether other nodes may return rows, or accept some. */
    boolean isShared() {
        return database.dialect().isShared();
    }

    /** Whether a row may be due; writes nothing. */
    boolean isAnyDue() throws SQLException {
        return !isShared() || rows.isAnyDue(connected());
    }

    private Jdbc connected() throws SQLException {
        if (jdbc == null) {
            jdbc = new Jdbc(database.writer());
        }
        return jdbc;
    }

    /** Whether the heartbeat is due, which needs a turn even if nothing is to be written. */
    boolean isDue() {
        return epoch.age().compareTo(Epoch.INTERVAL) >= 0;
    }

    /**
     * Settles the rows that earlier epochs were sending; once, before the first turn.
     *
     * @return the times until waiting rows are due
     * @throws SQLException if the transaction failed; nothing was changed
     */
    List<Duration> begin() throws SQLException {
        Write.Change<List<Duration>> first = new Write.Change<>(turn -> {
            abandoned.settle(turn);
            return isShared() ? List.of() : rows.pauses(turn, longestPause);
        });
        run(List.of(first), 0, null);
        first.durable();
        return first.await();
    }

    /**
     * Commits a group of writes, and takes rows.
     *
     * @param batches the numbers of the only batches whose rows are taken, or null for all
     * @return the committed turn
     * @throws SQLException if the transaction failed; the same group can be tried again after {@link #disconnect()}
     */
    Turn run(List<Write<?>> group, int most, Set<Long> batches) throws SQLException {
        applying = null;
        OptionalLong now = epoch.beat(connected());
        if (now.isEmpty()) {
            return recover(lookUpMiss(), group, most, batches);
        }
        if (virtualTime < 0) {
            virtualTime = jdbc.list(FIRST_TURN, found -> found.getLong(1)).get(0);
        }
        Turn turn = new Turn(jdbc, epoch.number(), now.getAsLong(), virtualTime);
        attempt = turn;
        rows.settle(turn, only(group, Write.Settle.class));
        for (Write.Change<?> change : only(group, Write.Change.class)) {
            applying = change;
            change.apply(turn);
            turn.rowsMayBeDue();
        }
        applying = null;
        if (peers != null && peers.isDue()) {
            othersEnded |= peers.look(jdbc, turn.epoch(), turn.now());
            turn.rowsMayBeDue();
        }
        if (othersEnded) {
            abandoned.settle(turn);
            turn.afterCommit(() -> othersEnded = false);
        }
        long lowest = accept(turn, only(group, Write.Accept.class));
        long lookFrom = turn.mayHaveMadeRowsDue() ? 0 : Math.min(from, lowest);
        if (most > 0 && !turn.standsStill()) {
            turn.take(rows.take(turn, lookFrom, most, batches));
        }
        count(turn);
        commit(turn);
        look(lookFrom, most, turn.taken());
        return turn;
    }

    /** Remembers how far rows were searched: they are searched again once something changes ({@link #lookAtAll()}). */
    private void look(long lookFrom, int most, List<DueRow> taken) {
        from = taken.isEmpty() ? lookFrom : taken.get(taken.size() - 1).turn();
        virtualTime = taken.isEmpty() ? virtualTime : Math.max(virtualTime, from);
        if (most > 0 && taken.size() < most) {
            from = Math.max(from, virtualTime);
        }
    }

    private static <T extends Write<?>> List<T> only(List<Write<?>> group, Class<T> kind) {
        return group.stream().filter(kind::isInstance).map(kind::cast).toList();
    }

    private long accept(Turn turn, List<Write.Accept> writes) throws SQLException {
        long lowest = Long.MAX_VALUE;
        for (Write.Accept write : writes) {
            Optional<Long> first = acceptance.accept(turn, write);
            lowest = Math.min(lowest, first.orElse(Long.MAX_VALUE));
        }
        return lowest;
    }

    private void count(Turn turn) throws SQLException {
        for (Map.Entry<Long, Turn.Counts> entry : turn.counts().entrySet()) {
            Turn.Counts counts = entry.getValue();
            Counted counted = jdbc.one(COUNT,
                    found -> new Counted(Source.valueOf(found.getString(1)), found.getBoolean(2), found.getString(3),
                            found.getBoolean(4), found.getString(5)),
                    counts.accepted, counts.sending(), counts.lastTurn, counts.lastTurn,
                    counts.of(Outcome.SUCCESS),
                    counts.of(Outcome.ERROR), counts.of(Outcome.IN_DOUBT), counts.of(Outcome.DUPLICATE),
                    counts.of(Outcome.REJECTED), entry.getKey()).orElseThrow();
            if (counts.taken > 0 && counted.stopped()) { // another node stopped it after the rows were taken
                giveBack(turn, entry.getKey());
            } else if (counts.taken > 0) {
                turn.name(entry.getKey(), counted.id());
            }
            if (counted.done() && counted.source() != Source.FILE) { // a file is complete once its results are written
                jdbc.update(COMPLETE, turn.now(), entry.getKey());
                if (counted.reply() != null) {
                    outbox.oweReply(turn, entry.getKey());
                }
            }
        }
        outbox.owe(turn);
    }

    private void giveBack(Turn turn, long batch) throws SQLException {
        List<DueRow> taken = turn.taken().stream().filter(row -> row.number() == batch).toList();
        rows.giveBack(turn, taken);
        jdbc.update(NOT_SENDING, taken.size(), batch);
    }

    private void commit(Turn turn) throws SQLException {
        try {
            turn.commit();
        } catch (SQLException e) {
            epoch.lostAnswer();
            throw e;
        }
        epoch.committed();
    }

    private Epoch.Miss lookUpMiss() throws SQLException {
        Epoch.Miss miss = epoch.lookUp(jdbc);
        disconnect();
        return miss;
    }

    private Turn recover(Epoch.Miss miss, List<Write<?>> group, int most, Set<Long> batches) throws SQLException {
        switch (miss) {
            case COMMITTED_BEFORE -> {
                epoch.committedBefore();
                from = 0;
                attempt.rowsMayBeDue();
                return attempt;
            }
            case TAKEN_FOR_DEAD -> {
                LOG.warn("The other nodes took this node for dead; it continues with a new epoch");
                epoch = epochs.beginAgain(epoch);
                from = 0;
                return run(group, most, batches);
            }
            case LEDGER_WENT_BACK -> throw new SQLException(LedgerTrouble.WENT_BACK);
            default -> {
                onReplaced.run();
                throw new SQLException(LedgerTrouble.REPLACED);
            }
        }
    }

    /** The change whose statements failed in the last turn, or null. */
    Write.Change<?> failed() {
        return applying;
    }

    /** Ends the epoch, if there is a connection to do it with. */
    void end() {
        if (jdbc != null) {
            try {
                epochs.end(jdbc, epoch);
            } catch (SQLException e) {
                LOG.debug("the epoch cannot be ended", e);
            }
        }
    }

    /** Rolls back the current transaction, if there is one, and gives up the connection. */
    void disconnect() {
        if (jdbc != null) {
            jdbc.abandon();
            jdbc = null;
        }
    }
}
