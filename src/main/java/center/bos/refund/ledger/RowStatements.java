package center.bos.refund.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The writer's statements on rows and pairs, prepared once for a connection. How rows are settled and claimed differs
 * with the database: {@link RowByRow}, {@link RowArrays}.
 */
abstract class RowStatements {
    /**
     * Whether a pair may be taken over from row r, which holds it: that must be final, an ERROR of another batch at once,
     * else when the window has passed. To be formatted with {@link #limit} and {@link #limitOfOthers}.
     */
    static final String PAIR_IS_FREE = """
            r.batch = pair.batch AND r.line = pair.line
            AND (r.state = 'ERROR' AND r.batch <> excluded.batch OR r.state IN ('SUCCESS', 'IN_DOUBT', 'ERROR')
                AND r.answered_at <= CASE WHEN r.batch = excluded.batch THEN %s ELSE %s END)""";
    /** How it is taken over; the row that it came with stays known. */
    static final String TAKE_OVER = """
            ON CONFLICT (operation, referenceid, ackno) DO UPDATE SET batch = excluded.batch, line = excluded.line,
                first_batch = coalesce(pair.first_batch, pair.batch), first_line = coalesce(pair.first_line, pair.line)
            WHERE EXISTS (SELECT 1 FROM %s)""";
    private static final String PAIR_HOLDER = """
            SELECT batch, line FROM pair WHERE operation = ? AND referenceid = ? AND ackno = ?""";
    private static final String MARK_DUPLICATE = """
            UPDATE refund SET state = 'DUPLICATE', repeats = 1, answered_at = ?, message = ?
            WHERE batch = ? AND line = ?""";
    private static final String REOPEN = """
            UPDATE refund SET state = 'SENDING', node = ?, epoch = ?, claimed_at = ?
            WHERE batch = ? AND line = ? AND state = 'OPEN'""";
    private static final String RELEASE = """
            UPDATE refund SET state = 'OPEN', attempts = ?, sends = sends + ?
            WHERE batch = ? AND line = ? AND state = 'SENDING' AND node = ? AND epoch = ?""";

    final Connection connection;
    final String operation;
    final Epoch epoch;
    private final Duration duplicateWindow;
    private final PreparedStatement release;
    private final PreparedStatement count;

    RowStatements(Connection connection, String operation, Epoch epoch, Duration duplicateWindow) throws SQLException {
        this.connection = connection;
        this.operation = operation;
        this.epoch = epoch;
        this.duplicateWindow = duplicateWindow;
        release = connection.prepareStatement(RELEASE);
        count = connection.prepareStatement(Counters.ADD);
    }

    /**
     * Begins a transaction with the node's sign of life. Then records outcomes of rows that this process has claimed, and
     * last, because an outcome may free a pair, claims each row that may be sent and settles each that may not.
     *
     * @return whether the node's row was as expected; if not, nothing of this transaction counts
     */
    abstract boolean begin(Heartbeat heartbeat, List<Write.SettleRow> settles, List<Write.ClaimRow> claims,
            Counters counters) throws SQLException;

    /** Before this time the holder of a pair must have ended for the row to have it, in a row of the same batch. */
    final long limit(Write.ClaimRow claim) {
        return claim.at - duplicateWindow.toMillis();
    }

    /** The same for a holder of another batch: a person who asks for pairs again means those. */
    final long limitOfOthers(Write.ClaimRow claim) {
        return claim.row.again() ? Long.MAX_VALUE : limit(claim);
    }

    /** Adds to the counters and makes the transaction durable. */
    void commit(Counters counters) throws SQLException {
        counters.write(count);
        connection.commit();
    }

    final void settled(Write.SettleRow write, boolean done, Counters counters) {
        if (done) {
            counters.add(write.outcome.batch(), write.outcome.outcome(), 1);
        }
        write.result(done);
    }

    /**
     * What became of a row that asked to be sent.
     *
     * @param inserted whether the ledger did not have it yet
     * @param taken whether it got its pair
     */
    final void claimed(Write.ClaimRow claim, boolean inserted, boolean taken, Counters counters) throws SQLException {
        if (!inserted) {
            claim.result(claimAgain(claim));
        } else if (claim.row.rejection() != null) {
            counters.add(claim.row.batch(), Outcome.REJECTED, 1);
            claim.result(new Claim.Settled(find(claim.row).outcome(), false));
        } else {
            claim.result(taken ? new Claim.Granted(1, 0, epoch.number()) : duplicate(claim, counters));
        }
    }

    private Claim duplicate(Write.ClaimRow claim, Counters counters) throws SQLException {
        String message = "the same pair is held by another row";
        try (PreparedStatement holder = connection.prepareStatement(PAIR_HOLDER)) {
            holder.setString(1, operation);
            holder.setString(2, claim.row.pair().referenceid());
            holder.setString(3, claim.row.pair().ackno());
            try (ResultSet found = holder.executeQuery()) {
                if (found.next()) {
                    message = "repeats batch " + found.getString(1) + " line " + found.getLong(2);
                }
            }
        }
        try (PreparedStatement mark = connection.prepareStatement(MARK_DUPLICATE)) {
            mark.setLong(1, claim.at);
            mark.setString(2, message);
            mark.setString(3, claim.row.batch());
            mark.setLong(4, claim.row.line());
            mark.executeUpdate();
        }
        counters.add(claim.row.batch(), Outcome.DUPLICATE, 1);
        return new Claim.Settled(new RowOutcome(claim.row.batch(), claim.row.line(), claim.row.referenceid(),
                claim.row.ackno(), Outcome.DUPLICATE, null, null, message, 0, Instant.ofEpochMilli(claim.at)), false);
    }

    /** The row stands in the ledger, so it was delivered before. */
    private Claim claimAgain(Write.ClaimRow claim) throws SQLException {
        StoredRow stored = find(claim.row);
        if (stored.outcome() != null) {
            return new Claim.Settled(stored.outcome(), true);
        }
        if (!stored.open()) {
            return new Claim.Busy();
        }
        try (PreparedStatement reopen = connection.prepareStatement(REOPEN)) {
            reopen.setString(1, epoch.node());
            reopen.setLong(2, epoch.number());
            reopen.setLong(3, claim.at);
            reopen.setString(4, claim.row.batch());
            reopen.setLong(5, claim.row.line());
            return reopen.executeUpdate() == 1
                    ? new Claim.Granted(stored.sends(), stored.attempts(), epoch.number())
                    : new Claim.Busy();
        }
    }

    private StoredRow find(RefundRow row) throws SQLException {
        return StoredRow.find(connection, row.batch(), row.line()).orElseThrow();
    }

    /** Gives claims back, so that the rows can be claimed again. */
    final void release(List<Write.ReleaseRow> releases) throws SQLException {
        if (releases.isEmpty()) {
            return;
        }
        for (Write.ReleaseRow write : releases) {
            release.setInt(1, write.attempts);
            release.setInt(2, write.doubted ? 1 : 0);
            release.setString(3, write.row.batch());
            release.setLong(4, write.row.line());
            release.setString(5, epoch.node());
            release.setLong(6, epoch.number());
            release.addBatch();
        }
        int[] released = release.executeBatch();
        for (int i = 0; i < released.length; i++) {
            releases.get(i).result(released[i] == 1);
        }
    }
}
