// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.SQLException;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;

import org.jboss.logging.Logger;

import center.bos.refund.database.LedgerClock;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.model.Batch;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.RowOutcome;

/**
 * Applies stops to rows, in pieces that delay no call. The waiting rows of a cancelled batch get their outcome. The waiting rows
 * of a batch that is held, paused or not released are moved aside in the order of calls, so that no take has to skip them.
 */
final class StoppedRows {
    private static final Logger LOG = Logger.getLogger(StoppedRows.class);
    /** Rows in one piece. */
    private static final int PIECE = 500;

    private static final String HOLD_OVER = """
            UPDATE batch SET stopped = NULL, stopped_at = NULL, stopped_by = NULL
            WHERE stopped = 'held' AND held_until <= ? AND state = 'open'""";
    private static final String RESUMED = "SELECT number FROM batch WHERE turn >= " + Stops.ASIDE
            + " AND stopped IS NULL ORDER BY number";

    /** The rows of one batch that wait, in their turn. */
    private static final String WAITING = """
            WITH waiting AS MATERIALIZED (
                SELECT batch, line FROM refund
                WHERE outcome IS NULL AND epoch IS NULL AND turn >= ? AND turn < ? AND +batch = ?
                ORDER BY turn, batch, line LIMIT ? %s)
            """;
    private static final String OF_WAITING = """
            \sFROM waiting WHERE refund.batch = waiting.batch AND refund.line = waiting.line
            AND epoch IS NULL AND\s""" + Rows.OPEN + " AND";
    /** A row that was in doubt before ends IN_DOUBT: it was not sent this time, but BOS may have acted on an earlier call. */
    private static final String REJECT = WAITING + """
            UPDATE refund SET outcome = CASE WHEN doubts > 0 THEN 'IN_DOUBT' ELSE 'REJECTED' END, answered_at = ?,
                   message = ?""" + OF_WAITING + """
            \sEXISTS (SELECT 1 FROM batch b WHERE b.number = refund.batch AND b.stopped = 'cancelled')
            RETURNING refund.line, referenceid, ackno, outcome, attempts, turn""";
    private static final String MOVE_ASIDE = WAITING + "UPDATE refund SET turn = turn + " + Stops.ASIDE + OF_WAITING
            + """
                    \sturn < """ + Stops.ASIDE + " RETURNING turn";
    private static final String MOVE_BACK = WAITING + "UPDATE refund SET turn = turn - ?" + OF_WAITING
            + " turn >= " + Stops.ASIDE + " RETURNING turn";
    /** Includes the batch's own turn, after which its next rows go: a row that was sent again can have a much later one. */
    private static final String FIRST_ASIDE = """
            SELECT min(turn) FROM (
                SELECT min(turn) AS turn FROM refund
                WHERE outcome IS NULL AND epoch IS NULL AND turn >= ? AND +batch = ?
                UNION ALL SELECT turn FROM batch WHERE number = ?) AS aside""";
    /** Moves the batch's own turn aside, so that rows accepted from now on go aside too, and move back with the others. */
    private static final String TURN_ASIDE = "UPDATE batch SET turn = CASE WHEN turn < " + Stops.ASIDE + " THEN turn + "
            + Stops.ASIDE
            + " ELSE turn END WHERE number = ? AND stopped IN ('held', 'paused', 'unreleased') AND state = 'open'";
    /** One node at a time moves the rows of a batch back. */
    private static final String LOCK = "UPDATE batch SET turn = turn WHERE number = ? AND stopped IS NULL AND turn >= "
            + Stops.ASIDE;
    private static final String TURN_BACK = "UPDATE batch SET turn = turn - ? WHERE number = ? AND turn >= "
            + Stops.ASIDE;

    private final LedgerDatabase database;
    private final Dispatcher dispatcher;
    private final Stops stops;
    private final LedgerClock clock;
    private final String reject;
    private final String moveAside;
    private final String moveBack;
    /** By batch number, the last turn that the sweep has reached. */
    private final Map<Long, Long> swept = new HashMap<>();
    private final Set<Long> aside = new HashSet<>();
    /** By batch number, how much the turns of its rows are lowered while they move back; computed anew after each stop. */
    private final Map<Long, Long> shift = new HashMap<>();

    StoppedRows(LedgerDatabase database, Dispatcher dispatcher, Stops stops, LedgerClock clock) {
        this.database = database;
        this.dispatcher = dispatcher;
        this.stops = stops;
        this.clock = clock;
        String skipLocked = database.dialect().skipLocked();
        reject = REJECT.formatted(skipLocked);
        moveAside = MOVE_ASIDE.formatted(skipLocked);
        moveBack = MOVE_BACK.formatted(skipLocked);
    }

    /** Applies stops piece by piece, until nothing is left or shutdown begins. */
    public void sweep(BooleanSupplier isEnding) {
        try {
            boolean more = true;
            while (more && !isEnding.getAsBoolean()) {
                more = piece().map(dispatcher::write).orElse(false);
            }
        } catch (LedgerUnavailable e) {
            LOG.debug("stops cannot be applied to rows now; tried again", e);
        }
    }

    /** The next piece, whose result tells whether there is more; empty if there is nothing to do. */
    Optional<Write<Boolean>> piece() {
        List<Batch> stopped = stops.stopped();
        List<Long> numbers = stopped.stream().map(Batch::number).toList();
        aside.retainAll(numbers);
        shift.keySet().removeAll(numbers);
        long now = stopped.isEmpty() ? 0 : database.millis(clock);
        for (Batch batch : stopped) {
            switch (batch.stop().kind()) {
                case CANCELLED -> {
                    if (batch.accepted() > batch.done() + batch.sending()) {
                        return Optional.of(rejection(batch));
                    }
                    swept.remove(batch.number());
                }
                case HELD, PAUSED, UNRELEASED -> {
                    if (batch.stop().until() != null && batch.stop().until().toEpochMilli() <= now) {
                        return Optional.of(new Write.Change<>(turn -> turn.jdbc().update(HOLD_OVER, turn.now()) > 0));
                    }
                    if (!aside.contains(batch.number())) {
                        return Optional.of(moveAside(batch.number()));
                    }
                }
            }
        }
        List<Long> resumed = database.list(RESUMED, found -> found.getLong(1));
        shift.keySet().retainAll(resumed);
        return resumed.stream().findFirst().map(this::moveBack);
    }

    private Write<Boolean> rejection(Batch batch) {
        String text = "cancelled by " + batch.stop().by() + ": " + batch.stop().reason();
        return new Write.Change<>(turn -> {
            List<Long> turns = turn.jdbc().list(reject, found -> {
                turn.settled(batch.number(), new RowOutcome(batch.id(), found.getLong(1), found.getString(2),
                        found.getString(3), Outcome.valueOf(found.getString(4)), null, null, text, found.getInt(5),
                        Instant.ofEpochMilli(turn.now())));
                return found.getLong(6);
            }, from(batch.number()), Long.MAX_VALUE, batch.number(), PIECE, turn.now(), text);
            return next(turn, batch.number(), turns);
        });
    }

    private Write<Boolean> moveAside(long batch) {
        return new Write.Change<>(turn -> {
            if (turn.jdbc().update(TURN_ASIDE, batch) == 0) {
                return false;
            }
            List<Long> turns = turn.jdbc().list(moveAside, found -> found.getLong(1) - Stops.ASIDE, from(batch),
                    Stops.ASIDE,
                    batch, PIECE);
            boolean more = next(turn, batch, turns);
            if (!more) {
                turn.afterCommit(() -> aside.add(batch));
            }
            return more;
        });
    }

    private Write<Boolean> moveBack(long batch) {
        return new Write.Change<>(turn -> {
            if (turn.jdbc().update(LOCK, batch) == 0) {
                return false;
            }
            long from = Math.max(Stops.ASIDE, from(batch));
            // less than before if another node has moved rows aside once more meanwhile
            long back = Math.min(shift.getOrDefault(batch, Long.MAX_VALUE), shift(turn, batch, from));
            List<Long> turns = turn.jdbc().list(moveBack, found -> found.getLong(1) + back, from, Long.MAX_VALUE, batch,
                    PIECE, back);
            boolean more = next(turn, batch, turns);
            if (!more) {
                turn.jdbc().update(TURN_BACK, back, batch);
            }
            turn.afterCommit(() -> {
                if (more) {
                    shift.put(batch, back);
                } else {
                    shift.remove(batch);
                }
            });
            return more;
        });
    }

    /** By how much the turns of a batch and its rows from that one on are lowered, so that the first of them is taken next. */
    private static long shift(Turn turn, long batch, long from) throws SQLException {
        return turn.jdbc().list(FIRST_ASIDE, found -> found.getLong(1), from, batch, batch).get(0)
                - turn.virtualTime() - 1;
    }

    private long from(long batch) {
        return swept.getOrDefault(batch, 0L);
    }

    /** Whether the batch may have more rows: false once a search from the first turn has found none. */
    private boolean next(Turn turn, long batch, List<Long> turns) {
        if (turns.isEmpty()) {
            boolean more = from(batch) > 0;
            turn.afterCommit(() -> swept.remove(batch));
            return more;
        }
        long last = turns.stream().mapToLong(Long::longValue).max().orElseThrow();
        turn.afterCommit(() -> swept.put(batch, last));
        return true;
    }
}
