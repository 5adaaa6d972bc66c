// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.node;

import java.sql.SQLException;
import java.time.Duration;
import java.util.OptionalLong;

import center.bos.refund.database.Dialect;
import center.bos.refund.database.Jdbc;
import center.bos.refund.database.LedgerClock;

/**
 * One run of this node. The first statement of every turn increments its row in the ledger: the heartbeat for other nodes, the
 * fence against a process that was taken for dead, and the place to look up a commit whose answer was lost.
 */
public final class Epoch {
    /** The interval of heartbeats if there is nothing else to write. */
    public static final Duration INTERVAL = Duration.ofSeconds(2);
    /** A node without a heartbeat for so long is taken for dead. */
    public static final Duration LEASE = Duration.ofSeconds(15);

    /** Without a commit for so long, a node sends nothing: well before others take it for dead. */
    public static final Duration SENDS = LEASE.dividedBy(2);

    private static final String BEAT = """
            UPDATE epoch SET commits = commits + 1, alive_at = %s WHERE number = ? AND commits = ? AND ended_at IS NULL
            RETURNING alive_at%s""";
    private static final String LOOK_UP = """
            SELECT commits, ended_at IS NOT NULL AS over,
                   EXISTS (SELECT 1 FROM epoch later WHERE later.node = e.node AND later.number > e.number
                           AND later.process <> e.process) AS replaced
            FROM epoch e WHERE number = ?""";

    private final String node;
    private final long number;
    private final String beat;
    private final LedgerClock clock;
    private long commits;
    private boolean answerLost;
    private long begunNanos;
    private long begunMillis;
    private volatile long lastNanos;
    private volatile long lastMillis;

    /** Why a turn that begins does not find the epoch's row as expected. */
    public enum Miss {
        /** The turn was already committed; the answer was lost. */
        COMMITTED_BEFORE,
        /** Another node took this one for dead and its rows in flight as in doubt. */
        TAKEN_FOR_DEAD,
        /** Another process runs under the node's name. */
        REPLACED,
        /** Turns that were committed are missing: a backup, or a standby that was behind, has taken the ledger's place. */
        LEDGER_WENT_BACK
    }

    private record Stored(long commits, boolean over, boolean replaced) {
    }

    Epoch(String node, long number, Dialect dialect, LedgerClock clock) {
        this.node = node;
        this.number = number;
        this.clock = clock;
        beat = BEAT.formatted(dialect.clock(), dialect.durable());
        lastNanos = clock.nanos() - LEASE.toNanos();
        lastMillis = clock.millis();
    }

    String node() {
        return node;
    }

    /** Counted over all nodes. */
    public long number() {
        return number;
    }

    /**
     * The first statement of a turn.
     *
     * @return the turn's time in milliseconds, or empty if the epoch's row is not as expected
     */
    public OptionalLong beat(Jdbc jdbc) throws SQLException {
        begunNanos = clock.nanos();
        begunMillis = clock.millis();
        OptionalLong now = jdbc.list(beat, found -> found.getLong(1), begunMillis, number, commits).stream()
                .mapToLong(Long::longValue).findFirst();
        if (now.isPresent()) {
            answerLost = false;
        }
        return now;
    }

    /** Why {@link #beat} found no row. */
    public Miss lookUp(Jdbc jdbc) throws SQLException {
        Stored stored = jdbc.one(LOOK_UP, found -> new Stored(found.getLong(1), found.getBoolean(2),
                found.getBoolean(3)), number).orElse(new Stored(-1, true, false));
        if (stored.commits() < commits) {
            return Miss.LEDGER_WENT_BACK;
        }
        if (answerLost && stored.commits() == commits + 1) {
            return Miss.COMMITTED_BEFORE;
        }
        return stored.replaced() ? Miss.REPLACED : Miss.TAKEN_FOR_DEAD;
    }

    /** The turn was committed. */
    public void committed() {
        commits++;
        answerLost = false;
        lastNanos = begunNanos; // the others count from when it took effect, and its answer may come late
        lastMillis = begunMillis;
    }

    /** The turn had been committed at some time since the last one. */
    public void committedBefore() {
        commits++;
        answerLost = false;
    }

    /** The commit was sent and its answer was lost. */
    public void lostAnswer() {
        answerLost = true;
    }

    /**
     * Time since the last turn that was committed began; at least a lease before the first. By whichever clock says more: while a
     * machine is suspended, its monotonic clock stands still.
     */
    public Duration age() {
        Duration monotonic = Duration.ofNanos(clock.nanos() - lastNanos);
        Duration wall = Duration.ofMillis(clock.millis() - lastMillis);
        return monotonic.compareTo(wall) > 0 ? monotonic : wall;
    }
}
