package center.bos.refund.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** The writer's statements on rows and pairs, prepared once for a connection and run in batches. */
final class RowStatements implements AutoCloseable {
    private static final String INSERT = """
            INSERT INTO refund (batch, line, referenceid, ackno, state, node, epoch, sends, claimed_at, answered_at, message)
            VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?) ON CONFLICT (batch, line) DO NOTHING""";
    // A pair is taken over only from a row that is final: from an ERROR of another batch at once, else when the window has
    // passed. A person who asks for pairs again means those of other batches, too.
    private static final String TAKE_PAIR = """
            INSERT INTO pair (operation, referenceid, ackno, batch, line) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (operation, referenceid, ackno) DO UPDATE SET batch = excluded.batch, line = excluded.line
            WHERE EXISTS (SELECT 1 FROM refund r WHERE r.batch = pair.batch AND r.line = pair.line
                AND (r.state = 'ERROR' AND r.batch <> excluded.batch OR r.state IN ('SUCCESS', 'IN_DOUBT', 'ERROR')
                    AND r.answered_at <= CASE WHEN r.batch = excluded.batch THEN ? ELSE ? END))""";
    private static final String PAIR_HOLDER = """
            SELECT batch, line FROM pair WHERE operation = ? AND referenceid = ? AND ackno = ?""";
    private static final String MARK_DUPLICATE = """
            UPDATE refund SET state = 'DUPLICATE', answered_at = ?, message = ? WHERE batch = ? AND line = ?""";
    private static final String REOPEN = """
            UPDATE refund SET state = 'SENDING', node = ?, epoch = ?, claimed_at = ?
            WHERE batch = ? AND line = ? AND state = 'OPEN'""";
    private static final String SETTLE = """
            UPDATE refund SET state = ?, response_code = ?, http_status = ?, message = ?, attempts = ?, answered_at = ?,
                   answer = ?
            WHERE batch = ? AND line = ? AND state = 'SENDING' AND node = ? AND epoch = ?""";
    private static final String RELEASE = """
            UPDATE refund SET state = 'OPEN', attempts = ?, sends = sends + ?
            WHERE batch = ? AND line = ? AND state = 'SENDING' AND node = ? AND epoch = ?""";

    private final Connection connection;
    private final String operation;
    private final Epoch epoch;
    private final Duration duplicateWindow;
    private final PreparedStatement insert;
    private final PreparedStatement takePair;
    private final PreparedStatement settle;
    private final PreparedStatement release;

    RowStatements(Connection connection, String operation, Epoch epoch, Duration duplicateWindow) throws SQLException {
        this.connection = connection;
        this.operation = operation;
        this.epoch = epoch;
        this.duplicateWindow = duplicateWindow;
        insert = connection.prepareStatement(INSERT);
        takePair = connection.prepareStatement(TAKE_PAIR);
        settle = connection.prepareStatement(SETTLE);
        release = connection.prepareStatement(RELEASE);
    }

    /** Claims each row that may be sent and settles each that may not. */
    void claim(List<Write.ClaimRow> claims, Counters counters) throws SQLException {
        if (claims.isEmpty()) {
            return;
        }
        for (Write.ClaimRow claim : claims) {
            bindInsert(claim);
        }
        int[] inserted = insert.executeBatch();
        List<Write.ClaimRow> takers = new ArrayList<>(claims.size());
        for (int i = 0; i < inserted.length; i++) {
            Write.ClaimRow claim = claims.get(i);
            if (inserted[i] == 0) {
                claim.result(claimAgain(claim));
            } else if (claim.row.rejection() != null) {
                counters.add(claim.row.batch(), Outcome.REJECTED, 1);
                claim.result(new Claim.Settled(find(claim.row).outcome(), false));
            } else {
                takers.add(claim);
            }
        }
        takePairs(takers, counters);
    }

    private void bindInsert(Write.ClaimRow claim) throws SQLException {
        RefundRow row = claim.row;
        boolean rejected = row.rejection() != null;
        insert.setString(1, row.batch());
        insert.setLong(2, row.line());
        insert.setString(3, row.referenceid());
        insert.setString(4, row.ackno());
        insert.setString(5, rejected ? Outcome.REJECTED.name() : "SENDING");
        insert.setString(6, epoch.node());
        insert.setLong(7, epoch.number());
        insert.setLong(8, claim.at);
        insert.setObject(9, rejected ? claim.at : null);
        insert.setString(10, row.rejection());
        insert.addBatch();
    }

    private void takePairs(List<Write.ClaimRow> takers, Counters counters) throws SQLException {
        if (takers.isEmpty()) {
            return;
        }
        for (Write.ClaimRow claim : takers) {
            takePair.setString(1, operation);
            takePair.setString(2, claim.row.pair().referenceid());
            takePair.setString(3, claim.row.pair().ackno());
            takePair.setString(4, claim.row.batch());
            takePair.setLong(5, claim.row.line());
            long limit = claim.at - duplicateWindow.toMillis();
            takePair.setLong(6, limit);
            takePair.setLong(7, claim.row.again() ? Long.MAX_VALUE : limit);
            takePair.addBatch();
        }
        int[] taken = takePair.executeBatch();
        for (int i = 0; i < taken.length; i++) {
            Write.ClaimRow claim = takers.get(i);
            claim.result(taken[i] == 0 ? duplicate(claim, counters) : new Claim.Granted(1, 0, epoch.number()));
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
        return StoredRow.find(connection, row.batch(), row.line());
    }

    /** Records outcomes of rows that this process has claimed. */
    void settle(List<Write.SettleRow> settles, Counters counters) throws SQLException {
        if (settles.isEmpty()) {
            return;
        }
        for (Write.SettleRow write : settles) {
            RowOutcome outcome = write.outcome;
            settle.setString(1, outcome.outcome().name());
            settle.setString(2, outcome.responseCode());
            settle.setObject(3, outcome.httpStatus());
            settle.setString(4, outcome.message());
            settle.setInt(5, outcome.attempts());
            settle.setLong(6, outcome.answeredAt().toEpochMilli());
            settle.setString(7, write.answer);
            settle.setString(8, outcome.batch());
            settle.setLong(9, outcome.line());
            settle.setString(10, epoch.node());
            settle.setLong(11, epoch.number());
            settle.addBatch();
        }
        int[] settled = settle.executeBatch();
        for (int i = 0; i < settled.length; i++) {
            Write.SettleRow write = settles.get(i);
            RowOutcome outcome = write.outcome;
            if (settled[i] == 1) {
                counters.add(outcome.batch(), outcome.outcome(), 1);
            }
            write.result(settled[i] == 1);
        }
    }

    /** Gives claims back, so that the rows can be claimed again. */
    void release(List<Write.ReleaseRow> releases) throws SQLException {
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

    @Override
    public void close() throws SQLException {
        insert.close();
        takePair.close();
        settle.close();
        release.close();
    }
}
