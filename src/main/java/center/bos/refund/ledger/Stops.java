// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

import org.jboss.logging.Logger;

import center.bos.refund.database.LedgerClock;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.model.Batch;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.RowOutcome;
import center.bos.refund.model.Stop;
import center.bos.refund.throttle.Throttle;

/**
 * Stops batches, or this node, and lets them go on. No row of a batch is taken once it is stopped: the statement that takes
 * passes over it, and a turn of another node that took rows before it could know gives them back when it counts them,
 * for the batch's own row is what both have to change. What follows is done in pieces, so that it holds up no call: the
 * rows of a cancelled batch get their outcome, and those of a batch that only waits stand aside in the order of calls, so
 * that nobody has to look at them.
 */
public final class Stops {
    private static final Logger LOG = Logger.getLogger(Stops.class);
    /** From this turn on rows stand aside: nobody looks at them for rows to take. */
    static final long ASIDE = 1L << 60;
    /** Selects the numbers of the batches whose rows are not taken. */
    static final String NUMBERS = "SELECT number FROM batch WHERE stopped IS NOT NULL AND state = 'open'";
    /** Of a batch that is over only a cancel is kept. */
    static final String OVER = "stopped = CASE WHEN stopped = 'cancelled' THEN stopped END";
    /** Rows in one piece. */
    private static final int PIECE = 500;

    private static final String UNFINISHED = """
            \sAND state = 'open' AND row_count > success + error + in_doubt + duplicate + rejected""";
    private static final String PAUSE = """
            UPDATE batch SET stopped = 'paused', stopped_at = ?, stopped_by = ?, stop_reason = ?
            WHERE id = ? AND (stopped IS NULL OR stopped = 'held')""" + UNFINISHED;
    private static final String RESUME = """
            UPDATE batch SET stopped = CASE WHEN stopped = 'paused' AND held_until > ? THEN 'held' END,
                   stopped_at = CASE WHEN stopped = 'paused' AND held_until > ? THEN ? END,
                   stopped_by = CASE WHEN stopped = 'paused' AND held_until > ? THEN ? END, stop_reason = NULL
            WHERE id = ? AND stopped IN ('held', 'paused') AND state = 'open'""";
    private static final String CANCEL = """
            UPDATE batch SET stopped = 'cancelled', stopped_at = ?, stopped_by = ?, stop_reason = ?
            WHERE id = ? AND (stopped IS NULL OR stopped <> 'cancelled')""" + UNFINISHED;
    private static final String OF_NODE = """
            SELECT id FROM batch WHERE node = ? AND (stopped IS NULL OR stopped <> 'cancelled')""" + UNFINISHED
            + " ORDER BY number";
    private static final String HOLD_OVER = """
            UPDATE batch SET stopped = NULL, stopped_at = NULL, stopped_by = NULL
            WHERE stopped = 'held' AND held_until <= ? AND state = 'open'""";
    private static final String STOPPED = Batches.SELECT
            + "WHERE stopped IS NOT NULL AND state = 'open' ORDER BY number";
    private static final String GO_ON = "SELECT number FROM batch WHERE turn >= " + ASIDE
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
            AND outcome IS NULL AND epoch IS NULL AND""";
    /** 'Not sent' says nothing of a call before of which nobody knows whether BOS acted. */
    private static final String REJECT = WAITING + """
            UPDATE refund SET outcome = CASE WHEN doubts > 0 THEN 'IN_DOUBT' ELSE 'REJECTED' END, answered_at = ?,
                   message = ?""" + OF_WAITING + """
            \sEXISTS (SELECT 1 FROM batch b WHERE b.number = refund.batch AND b.stopped = 'cancelled')
            RETURNING refund.line, referenceid, ackno, outcome, attempts, turn""";
    private static final String STEP_ASIDE = WAITING + "UPDATE refund SET turn = turn + " + ASIDE + OF_WAITING + """
            \sturn < """ + ASIDE + " RETURNING turn";
    private static final String STEP_BACK = WAITING + "UPDATE refund SET turn = turn - ?" + OF_WAITING
            + " turn >= " + ASIDE + " RETURNING turn";
    /** The batch's own turn, too, behind which its next rows go: a row that was sent again may be far ahead of it. */
    private static final String FIRST_ASIDE = """
            SELECT min(turn) FROM (
                SELECT min(turn) AS turn FROM refund
                WHERE outcome IS NULL AND epoch IS NULL AND turn >= ? AND +batch = ?
                UNION ALL SELECT turn FROM batch WHERE number = ?) AS aside""";
    /** Rows that come now go aside as well, and are found there once the batch goes on. */
    private static final String TURN_ASIDE = "UPDATE batch SET turn = CASE WHEN turn < " + ASIDE + " THEN turn + "
            + ASIDE
            + " ELSE turn END WHERE number = ? AND stopped IN ('held', 'paused') AND state = 'open'";
    /** One node at a time brings the rows of a batch back. */
    private static final String LOCK = "UPDATE batch SET turn = turn WHERE number = ? AND stopped IS NULL AND turn >= "
            + ASIDE;
    private static final String TURN_BACK = "UPDATE batch SET turn = turn - ? WHERE number = ? AND turn >= " + ASIDE;

    private static final String PAUSE_NODE = """
            INSERT INTO paused_node (node, paused_at, paused_by, reason) VALUES (?, ?, ?, ?)
            ON CONFLICT (node) DO NOTHING""";
    private static final String RESUME_NODE = "DELETE FROM paused_node WHERE node = ?";
    private static final String NODE = "SELECT paused_at, paused_by, reason FROM paused_node WHERE node = ?";

    private final LedgerDatabase database;
    private final Dispatcher dispatcher;
    private final Throttle throttle;
    private final LedgerClock clock;
    private final String node;
    private final String reject;
    private final String stepAside;
    private final String stepBack;
    /** Batches that this process knows to be stopped: none of their rows leaves it any more. */
    private final Set<Long> known = ConcurrentHashMap.newKeySet();
    /** How far the rows of a batch were looked through by the sweep, by its number. */
    private final Map<Long, Long> swept = new HashMap<>();
    private final Set<Long> aside = new HashSet<>();
    /** By how much the turns of a batch's rows are lowered while they step back this time; another time has another. */
    private final Map<Long, Long> shift = new HashMap<>();

    Stops(LedgerDatabase database, Dispatcher dispatcher, Throttle throttle, LedgerClock clock,
            String node) {
        this.database = database;
        this.dispatcher = dispatcher;
        this.throttle = throttle;
        this.clock = clock;
        this.node = node;
        String skipLocked = database.dialect().skipLocked();
        reject = REJECT.formatted(skipLocked);
        stepAside = STEP_ASIDE.formatted(skipLocked);
        stepBack = STEP_BACK.formatted(skipLocked);
    }

    /** Keeps the pause of this node over a restart. */
    void restore() {
        database.query(jdbc -> jdbc.one(NODE, Stops::paused, node)).ifPresent(throttle::standStill);
    }

    static Stop paused(ResultSet found) throws SQLException {
        return new Stop(Stop.Kind.PAUSED, Instant.ofEpochMilli(found.getLong(1)), found.getString(2),
                found.getString(3), null);
    }

    /** Whether a row that was taken must not leave, since its batch, or the node, was stopped after that. */
    boolean isStopped(DueRow row) {
        return known.contains(row.number()) || throttle.standstill().isPresent();
    }

    /** A row is taken only while its batch is not stopped, so this one goes on, perhaps by another node's word. */
    void taken(DueRow row) {
        known.remove(row.number());
    }

    /**
     * Lets no further row of a batch be taken; returns once none can be, with what is being sent.
     *
     * @return the batch as it is then; not stopped where it is over, and empty where there is none
     */
    public Optional<Batch> pause(String id, Deed deed) {
        return dispatcher.write(pausing(id, deed)).get();
    }

    Write<Supplier<Optional<Batch>>> pausing(String id, Deed deed) {
        return changing(id, deed, Audit.What.PAUSE,
                turn -> turn.jdbc().update(PAUSE, turn.now(), deed.by(), deed.reason(), id));
    }

    /** Lets the rows of a paused or held batch be taken again. */
    public Optional<Batch> resume(String id, Deed deed) {
        return dispatcher.write(resuming(id, deed)).get();
    }

    Write<Supplier<Optional<Batch>>> resuming(String id, Deed deed) {
        return changing(id, deed, Audit.What.RESUME,
                turn -> turn.jdbc().update(RESUME, turn.now(), turn.now(), turn.now(), turn.now(),
                        Batches.HOLD, id));
    }

    /** Ends the rows of a batch that were not sent REJECTED; they get their outcomes piece by piece after this returned. */
    public Optional<Batch> cancel(String id, Deed deed) {
        return dispatcher.write(cancelling(id, deed)).get();
    }

    Write<Supplier<Optional<Batch>>> cancelling(String id, Deed deed) {
        return changing(id, deed, Audit.What.CANCEL, turn -> cancel(turn, id, deed));
    }

    private static int cancel(Turn turn, String id, Deed deed) throws SQLException {
        return turn.jdbc().update(CANCEL, turn.now(), deed.by(), deed.reason(), id);
    }

    /** A deed that changes nothing is none. */
    private Write<Supplier<Optional<Batch>>> changing(String id, Deed deed, Audit.What what,
            Write.Statements<Integer> statements) {
        return once(id, deed, turn -> {
            boolean done = statements.run(turn) > 0;
            Optional<Batch> now = now(turn, id);
            if (done) {
                Audit.note(turn, what, id, now.orElseThrow().waiting(), deed);
            }
            return now;
        }, turn -> turn.jdbc().one(Batches.BY_ID, Batches::read, id));
    }

    /** Does what is asked for, or where its key is repeated only looks how it stands. */
    private static <T> Write<Supplier<T>> once(String id, Deed deed, Write.Statements<T> statements,
            Write.Statements<T> look) {
        return new Write.Change<>(turn -> {
            IdempotencyKeys.Use use = IdempotencyKeys.use(turn, deed.key(), id);
            if (use == IdempotencyKeys.Use.OTHER) {
                return () -> {
                    throw new IdempotencyKeys.StandsForAnother();
                };
            }
            T result = (use == IdempotencyKeys.Use.NEW ? statements : look).run(turn);
            return () -> result;
        });
    }

    private Optional<Batch> now(Turn turn, String id) throws SQLException {
        Optional<Batch> now = turn.jdbc().one(Batches.BY_ID, Batches::read, id);
        now.ifPresent(batch -> turn.afterCommit(() -> note(batch)));
        return now;
    }

    private void note(Batch batch) {
        if (batch.stop() == null) {
            known.remove(batch.number());
        } else {
            known.add(batch.number());
        }
    }

    /** Cancels all that this node accepted and that is not over; returns these batches. */
    public List<Batch> cancelAll(Deed deed) {
        return dispatcher.write(Stops.<List<Batch>>once(node, deed, turn -> {
            List<Batch> all = new ArrayList<>();
            for (String id : turn.jdbc().list(OF_NODE, found -> found.getString(1), node)) {
                cancel(turn, id, deed);
                Batch now = now(turn, id).orElseThrow();
                Audit.note(turn, Audit.What.CANCEL, id, now.waiting(), deed);
                all.add(now);
            }
            return all;
        }, turn -> List.<Batch>of())).get();
    }

    /** Lets no further call of this node begin; returns once none can, with the pause as it stands. */
    public Optional<Stop> pauseNode(Deed deed) {
        return dispatcher.write(pausingNode(deed)).get();
    }

    Write<Supplier<Optional<Stop>>> pausingNode(Deed deed) {
        return once(node, deed, turn -> {
            if (turn.jdbc().update(PAUSE_NODE, node, turn.now(), deed.by(), deed.reason()) > 0) {
                Audit.note(turn, Audit.What.PAUSE, "node " + node, 0, deed);
            }
            Optional<Stop> stop = turn.jdbc().one(NODE, Stops::paused, node);
            turn.standStill();
            turn.afterCommit(() -> throttle.standStill(stop.orElseThrow()));
            return stop;
        }, turn -> turn.jdbc().one(NODE, Stops::paused, node));
    }

    /** Lets calls of this node begin again. */
    public void resumeNode(Deed deed) {
        dispatcher.write(resumingNode(deed)).get();
    }

    Write<Supplier<Integer>> resumingNode(Deed deed) {
        return once(node, deed, turn -> {
            turn.afterCommit(throttle::goOn);
            int resumed = turn.jdbc().update(RESUME_NODE, node);
            if (resumed > 0) {
                Audit.note(turn, Audit.What.RESUME, "node " + node, 0, deed);
            }
            return resumed;
        }, turn -> 0);
    }

    /** The batches that are stopped and not over. */
    public List<Batch> stopped() {
        return database.list(STOPPED, Batches::read);
    }

    /** Does what follows from stops, piece by piece, as long as there is something to do and nobody asks to end. */
    public void sweep(BooleanSupplier isEnding) {
        try {
            boolean more = true;
            while (more && !isEnding.getAsBoolean()) {
                more = piece().map(dispatcher::write).orElse(false);
            }
        } catch (LedgerUnavailable e) {
            LOG.debug("what follows from stops is tried again", e);
        }
    }

    /** The next piece of what follows from stops, which tells whether there is more; empty where there is nothing to do. */
    Optional<Write<Boolean>> piece() {
        Set<Long> before = Set.copyOf(known);
        List<Batch> stopped = stopped();
        List<Long> numbers = stopped.stream().map(Batch::number).toList();
        aside.retainAll(numbers);
        shift.keySet().removeAll(numbers);
        before.stream().filter(number -> !numbers.contains(number)).forEach(known::remove);
        known.addAll(numbers);
        long now = clock.millis();
        for (Batch batch : stopped) {
            switch (batch.stop().kind()) {
                case CANCELLED -> {
                    if (batch.accepted() > batch.done() + batch.sending()) {
                        return Optional.of(rejection(batch));
                    }
                    swept.remove(batch.number());
                }
                case HELD, PAUSED -> {
                    if (batch.stop().until() != null && batch.stop().until().toEpochMilli() <= now) {
                        return Optional.of(new Write.Change<>(turn -> turn.jdbc().update(HOLD_OVER, turn.now()) > 0));
                    }
                    if (!aside.contains(batch.number())) {
                        return Optional.of(stepAside(batch.number()));
                    }
                }
            }
        }
        List<Long> goingOn = database.list(GO_ON, found -> found.getLong(1));
        shift.keySet().retainAll(goingOn);
        return goingOn.stream().findFirst().map(this::stepBack);
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

    private Write<Boolean> stepAside(long batch) {
        return new Write.Change<>(turn -> {
            if (turn.jdbc().update(TURN_ASIDE, batch) == 0) {
                return false;
            }
            List<Long> turns = turn.jdbc().list(stepAside, found -> found.getLong(1) - ASIDE, from(batch), ASIDE,
                    batch, PIECE);
            boolean more = next(turn, batch, turns);
            if (!more) {
                turn.afterCommit(() -> aside.add(batch));
            }
            return more;
        });
    }

    private Write<Boolean> stepBack(long batch) {
        return new Write.Change<>(turn -> {
            if (turn.jdbc().update(LOCK, batch) == 0) {
                return false;
            }
            long back = shift.containsKey(batch) ? shift.get(batch) : shift(turn, batch);
            List<Long> turns = turn.jdbc().list(stepBack, found -> found.getLong(1) + back,
                    Math.max(ASIDE, from(batch)), Long.MAX_VALUE, batch, PIECE, back);
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

    /** By how much the turns of a batch and its rows are lowered, so that the first is the next to be taken. */
    private static long shift(Turn turn, long batch) throws SQLException {
        return turn.jdbc().list(FIRST_ASIDE, found -> found.getLong(1), ASIDE, batch, batch).get(0)
                - turn.virtualTime() - 1;
    }

    private long from(long batch) {
        return swept.getOrDefault(batch, 0L);
    }

    /** Whether there may be more rows of that batch: not once a look that began at the first found none. */
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
