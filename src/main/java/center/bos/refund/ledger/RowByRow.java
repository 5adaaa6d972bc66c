package center.bos.refund.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** One row a statement, for a database inside this process, where a statement is a call. */
final class RowByRow extends RowStatements {
    private static final String INSERT = """
            INSERT INTO refund (batch, line, referenceid, ackno, state, node, epoch, sends, claimed_at, answered_at, message,
                                repeats)
            VALUES (?, ?, ?, ?, ?, ?, ?, 1, ?, ?, ?,
                    (SELECT count(*) FROM pair WHERE operation = ? AND referenceid = ? AND ackno = ?))
            ON CONFLICT (batch, line) DO NOTHING""";
    private static final String TAKE_PAIR = """
            INSERT INTO pair (operation, referenceid, ackno, batch, line) VALUES (?, ?, ?, ?, ?)
            """ + TAKE_OVER.formatted("refund r WHERE " + PAIR_IS_FREE.formatted("?", "?"));
    private static final String SETTLE = """
            UPDATE refund SET state = ?, response_code = ?, http_status = ?, message = ?, attempts = ?, answered_at = ?,
                   answer = ?
            WHERE batch = ? AND line = ? AND state = 'SENDING' AND node = ? AND epoch = ?""";

    /** Of a rejected row, whose ids may come out as those of a pair: 19 digits, most of them zeros. */
    private static final RefundRow.Pair NO_PAIR = RefundRow.Pair.of("", "");

    private final PreparedStatement beat;
    private final PreparedStatement settle;
    private final PreparedStatement insert;
    private final PreparedStatement takePair;

    RowByRow(Connection connection, String operation, Epoch epoch, Duration duplicateWindow) throws SQLException {
        super(connection, operation, epoch, duplicateWindow);
        beat = connection.prepareStatement(Heartbeat.BEAT);
        settle = connection.prepareStatement(SETTLE);
        insert = connection.prepareStatement(INSERT);
        takePair = connection.prepareStatement(TAKE_PAIR);
    }

    @Override
    boolean begin(Heartbeat heartbeat, List<Write.SettleRow> settles, List<Write.ClaimRow> claims, Counters counters)
            throws SQLException {
        heartbeat.bind(beat);
        if (beat.executeUpdate() == 0) {
            return false;
        }
        if (!settles.isEmpty()) {
            settle(settles, counters);
        }
        if (!claims.isEmpty()) {
            claim(claims, counters);
        }
        return true;
    }

    private void settle(List<Write.SettleRow> settles, Counters counters) throws SQLException {
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
            settled(settles.get(i), settled[i] == 1, counters);
        }
    }

    private void claim(List<Write.ClaimRow> claims, Counters counters) throws SQLException {
        for (Write.ClaimRow claim : claims) {
            bindInsert(claim);
        }
        int[] inserted = insert.executeBatch();
        List<Write.ClaimRow> takers = new ArrayList<>(claims.size());
        for (int i = 0; i < inserted.length; i++) {
            Write.ClaimRow claim = claims.get(i);
            if (inserted[i] == 1 && claim.row.rejection() == null) {
                takers.add(claim);
            } else {
                claimed(claim, inserted[i] == 1, false, counters);
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
        insert.setString(11, operation);
        RefundRow.Pair pair = rejected ? NO_PAIR : row.pair();
        insert.setString(12, pair.referenceid());
        insert.setString(13, pair.ackno());
        insert.addBatch();
    }

    private void takePairs(List<Write.ClaimRow> takers, Counters counters) throws SQLException {
        if (takers.isEmpty()) {
            return;
        }
        for (Write.ClaimRow claim : takers) {
            RefundRow.Pair pair = claim.row.pair();
            takePair.setString(1, operation);
            takePair.setString(2, pair.referenceid());
            takePair.setString(3, pair.ackno());
            takePair.setString(4, claim.row.batch());
            takePair.setLong(5, claim.row.line());
            takePair.setLong(6, limit(claim));
            takePair.setLong(7, limitOfOthers(claim));
            takePair.addBatch();
        }
        int[] taken = takePair.executeBatch();
        for (int i = 0; i < taken.length; i++) {
            claimed(takers.get(i), true, taken[i] == 1, counters);
        }
    }
}
