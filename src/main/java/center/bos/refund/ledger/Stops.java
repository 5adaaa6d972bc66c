// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

import center.bos.refund.database.Jdbc;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.model.Batch;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.Stop;
import center.bos.refund.throttle.Throttle;

/**
 * Stops and resumes batches and this node, as a person requests. After a stop no row of the batch is taken: the statement that
 * takes rows skips it. A turn of another node may have taken rows under an older snapshot. It returns them when it counts them,
 * because both turns update the batch's own row. {@link StoppedRows} applies the stop to the rows.
 */
public final class Stops {
    /** From this turn on rows are aside: no take searches them. */
    static final long ASIDE = 1L << 60;
    /** Selects the numbers of the batches whose rows are not taken. */
    static final String NUMBERS = "SELECT number FROM batch WHERE stopped IS NOT NULL AND state = 'open'";
    /** A finished batch keeps only a cancel. */
    static final String OVER = "stopped = CASE WHEN stopped = 'cancelled' THEN stopped END";

    /** Batches that are cancelled in one turn. */
    private static final int PIECE = 200;

    private static final String UNFINISHED = """
            \sAND state = 'open' AND row_count > success + error + in_doubt + duplicate + rejected""";
    private static final String PAUSE = """
            UPDATE batch SET stopped = 'paused', stopped_at = ?, stopped_by = ?, stop_reason = ?
            WHERE id = ? AND (stopped IS NULL OR stopped = 'held')""" + UNFINISHED;
    /** Ends a stop, or holds the batch again if its hold is not over; the caller appends which stop. */
    static final String END = """
            UPDATE batch SET stopped = CASE WHEN stopped <> 'held' AND held_until > ? THEN 'held' END,
                   stopped_at = CASE WHEN stopped <> 'held' AND held_until > ? THEN ? END,
                   stopped_by = CASE WHEN stopped <> 'held' AND held_until > ? THEN ? END, stop_reason = NULL,
                   held_until = CASE WHEN stopped <> 'held' THEN held_until END
            WHERE id = ? AND state = 'open' AND stopped\s""";
    private static final String RESUME = END + "IN ('held', 'paused')";
    private static final String CANCEL = """
            UPDATE batch SET stopped = 'cancelled', stopped_at = ?, stopped_by = ?, stop_reason = ?
            WHERE id = ? AND (stopped IS NULL OR stopped <> 'cancelled')""" + UNFINISHED;
    private static final String OF_NODE = """
            SELECT id FROM batch WHERE node = ? AND (stopped IS NULL OR stopped <> 'cancelled')""" + UNFINISHED
            + " ORDER BY number";
    private static final String PAUSE_NODE = """
            INSERT INTO paused_node (node, paused_at, paused_by, reason) VALUES (?, ?, ?, ?)
            ON CONFLICT (node) DO NOTHING""";
    private static final String RESUME_NODE = "DELETE FROM paused_node WHERE node = ?";
    private static final String STOPPED = Batches.SELECT
            + "WHERE stopped IS NOT NULL AND state = 'open' ORDER BY number";
    private static final String NODE = "SELECT paused_at, paused_by, reason FROM paused_node WHERE node = ?";

    private final LedgerDatabase database;
    private final Dispatcher dispatcher;
    private final Throttle throttle;
    private final String node;
    /** The stopped batches that this process knows: it sends none of their rows. */
    private final Set<Long> known = ConcurrentHashMap.newKeySet();

    Stops(LedgerDatabase database, Dispatcher dispatcher, Throttle throttle, String node) {
        this.database = database;
        this.dispatcher = dispatcher;
        this.throttle = throttle;
        this.node = node;
    }

    /** Restores the pause of this node after a restart. */
    void restore() {
        database.one(NODE, Stops::paused, node).ifPresent(throttle::standStill);
    }

    static Stop paused(ResultSet found) throws SQLException {
        return new Stop(Stop.Kind.PAUSED, Jdbc.instant(found, 1), found.getString(2),
                found.getString(3), null);
    }

    /** Whether a taken row must not be sent, because its batch or this node was stopped since. */
    boolean isStopped(DueRow row) {
        return known.contains(row.number()) || throttle.standstill().isPresent();
    }

    /** Records that a row was taken, so its batch is not stopped any more: another node may have resumed it. */
    void taken(DueRow row) {
        known.remove(row.number());
    }

    /**
     * Pauses a batch; once this returns, no further row of it is taken.
     *
     * @return the batch then, with the number of rows being sent; not stopped if it is finished, empty if there is none
     */
    public Optional<Batch> pause(String id, Deed deed) {
        return dispatcher.write(changing(Audit.What.PAUSE, id, deed));
    }

    /** Resumes a paused or held batch. */
    public Optional<Batch> resume(String id, Deed deed) {
        return dispatcher.write(changing(Audit.What.RESUME, id, deed));
    }

    /** Cancels a batch: its rows that were not sent end REJECTED, piece by piece after this returned. */
    public Optional<Batch> cancel(String id, Deed deed) {
        return dispatcher.write(changing(Audit.What.CANCEL, id, deed));
    }

    /** An action that changes nothing gets no audit entry. */
    Write<Optional<Batch>> changing(Audit.What what, String id, Deed deed) {
        return once(id, deed, turn -> {
            boolean done = change(turn, what, id, deed) > 0;
            Optional<Batch> now = now(turn, id);
            if (done) {
                Audit.note(turn, what, id, now.orElseThrow().waiting(), deed);
            }
            return now;
        }, turn -> turn.jdbc().one(Batches.BY_ID, Batches::read, id));
    }

    private static int change(Turn turn, Audit.What what, String id, Deed deed) throws SQLException {
        return what == Audit.What.RESUME
                ? turn.jdbc().update(RESUME, turn.now(), turn.now(), turn.now(), turn.now(), Batches.HOLD, id)
                : turn.jdbc().update(what == Audit.What.PAUSE ? PAUSE : CANCEL, turn.now(), deed.by(), deed.reason(),
                        id);
    }

    /** Runs the action; for a repeated key only reads the present state. */
    private static <T> Write<T> once(String id, Deed deed, Write.Statements<T> statements, Write.Statements<T> look) {
        return new Write.Change<>(
                turn -> (IdempotencyKeys.take(turn, deed.key(), id).isEmpty() ? statements : look).run(turn));
    }

    /** The batch as this turn leaves it; updates {@link #known} after the commit. */
    Optional<Batch> now(Turn turn, String id) throws SQLException {
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

    /** Cancels all unfinished batches that this node accepted, in pieces: no turn may last as long as a lease. */
    public void cancelAll(Deed deed) {
        List<String> ids = database.list(OF_NODE, found -> found.getString(1), node);
        int from = 0;
        do {
            int to = Math.min(ids.size(), from + PIECE);
            List<String> piece = ids.subList(from, to);
            dispatcher.change(turn -> cancel(turn, piece, deed, to == ids.size()));
            from = to;
        } while (from < ids.size());
    }

    /** The last piece takes the key, so that a repetition does what was left undone. */
    private Void cancel(Turn turn, List<String> ids, Deed deed, boolean isLast) throws SQLException {
        boolean isDone = isLast
                ? IdempotencyKeys.take(turn, deed.key(), node).isPresent()
                : IdempotencyKeys.taken(turn.jdbc(), deed.key()).isPresent();
        for (String id : isDone ? List.<String>of() : ids) {
            if (change(turn, Audit.What.CANCEL, id, deed) > 0) { // else it is over, or another node has just done it
                Audit.note(turn, Audit.What.CANCEL, id, now(turn, id).orElseThrow().waiting(), deed);
            }
        }
        return null;
    }

    /** Pauses this node; once this returns, no further call begins. Returns the pause. */
    public Optional<Stop> pauseNode(Deed deed) {
        return dispatcher.write(pausingNode(deed));
    }

    Write<Optional<Stop>> pausingNode(Deed deed) {
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

    /** Resumes this node. */
    public void resumeNode(Deed deed) {
        dispatcher.write(resumingNode(deed));
    }

    Write<Integer> resumingNode(Deed deed) {
        return once(node, deed, turn -> {
            turn.afterCommit(throttle::goOn);
            int resumed = turn.jdbc().update(RESUME_NODE, node);
            if (resumed > 0) {
                Audit.note(turn, Audit.What.RESUME, "node " + node, 0, deed);
            }
            return resumed;
        }, turn -> 0);
    }

    /** The stopped batches; this process sends none of their rows any more. */
    List<Batch> stopped() {
        Set<Long> before = Set.copyOf(known);
        List<Batch> stopped = database.list(STOPPED, Batches::read);
        List<Long> numbers = stopped.stream().map(Batch::number).toList();
        before.stream().filter(number -> !numbers.contains(number)).forEach(known::remove);
        known.addAll(numbers);
        return stopped;
    }
}
