package center.bos.refund.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

/**
 * This node's row in the ledger, which the first statement of every transaction moves on. It is a sign of life to the other
 * nodes, it keeps out a process that was taken for dead, it tells whether a commit was made whose answer was lost, and it
 * lists the rows that end in doubt should this process stop.
 */
final class Heartbeat {
    /** From one sign of life to the next, where there is nothing else to write. */
    static final Duration INTERVAL = Duration.ofSeconds(2);
    /** A node without a sign of life for so long is taken for dead. */
    static final Duration LEASE = Duration.ofSeconds(15);

    static final String BEAT = """
            UPDATE node SET commits = commits + 1, alive_at = ?, claims = ?
            WHERE name = ? AND epoch = ? AND process = ? AND commits = ?""";
    private static final String LOOK_UP = "SELECT epoch, process, commits FROM node WHERE name = ?";

    private final Epoch epoch;
    private final ClaimedRows claimed = new ClaimedRows();
    private long commits;
    private boolean answerLost;
    private long begunNanos;
    private volatile long lastNanos = System.nanoTime() - LEASE.toNanos();

    /** Why the node's row is not as a transaction that is about to begin expects it. */
    enum Miss {
        /** It was committed before, by a try whose answer was lost. */
        COMMITTED_BEFORE,
        /** Others took this node for dead, and its claims with it. */
        TAKEN_FOR_DEAD,
        /** Another process runs under the node's name. */
        REPLACED
    }

    Heartbeat(Epoch epoch) {
        this.epoch = epoch;
        this.commits = epoch.commits();
    }

    Epoch epoch() {
        return epoch;
    }

    /** The rows that this process has claimed in its epoch. */
    ClaimedRows claimed() {
        return claimed;
    }

    /**
     * Binds the first statement of a transaction.
     *
     * @param beat {@link #BEAT}, prepared, alone or before others
     * @return the number of the parameter behind it
     */
    int bind(PreparedStatement beat) throws SQLException {
        begunNanos = System.nanoTime();
        beat.setLong(1, System.currentTimeMillis());
        beat.setString(2, claimed.list());
        beat.setString(3, epoch.node());
        beat.setLong(4, epoch.number());
        beat.setString(5, epoch.process());
        beat.setLong(6, commits);
        return 7;
    }

    /** The node's row was as expected. */
    void beaten() {
        answerLost = false;
    }

    /** Why {@link #BEAT} found no row. */
    Miss lookUp(Connection connection) throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(LOOK_UP)) {
            select.setString(1, epoch.node());
            try (ResultSet found = select.executeQuery()) {
                if (!found.next() || !found.getString(2).equals(epoch.process())) {
                    return Miss.REPLACED;
                }
                if (answerLost && found.getLong(3) == commits + 1) {
                    return Miss.COMMITTED_BEFORE;
                }
                return Miss.TAKEN_FOR_DEAD;
            }
        }
    }

    /** The transaction is durable. */
    void committed() {
        commits++;
        answerLost = false;
        lastNanos = begunNanos; // the others count from when it took effect, and its answer may come late
    }

    /** The transaction was durable already, at some time since the last one. */
    void committedBefore() {
        commits++;
        answerLost = false;
    }

    /** The commit was asked for and nobody knows what became of it. */
    void lostAnswer() {
        answerLost = true;
    }

    /** Time since the last transaction that was committed began; at least a lease before the first. */
    Duration age() {
        return Duration.ofNanos(System.nanoTime() - lastNanos);
    }
}
