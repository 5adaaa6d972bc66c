package center.bos.refund.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.IntFunction;

/** All rows in one statement, as arrays, and the statements of a transaction in one message, for a server: PostgreSQL. */
final class RowArrays extends RowStatements {
    private static final String SETTLE = """
            UPDATE refund r SET state = u.state, response_code = u.response_code, http_status = u.http_status,
                   message = u.message, attempts = u.attempts, answered_at = u.answered_at, answer = u.answer
            FROM unnest(?::text[], ?::bigint[], ?::text[], ?::text[], ?::int[], ?::text[], ?::int[], ?::bigint[], ?::text[])
                   AS u (batch, line, state, response_code, http_status, message, attempts, answered_at, answer)
            WHERE r.batch = u.batch AND r.line = u.line AND r.state = 'SENDING' AND r.node = ? AND r.epoch = ?
            RETURNING r.batch, r.line""";
    /** The ids of {@link RefundRow.Pair} of a row u. */
    private static final String PAIR = """
            coalesce(nullif(ltrim(u.referenceid, '0'), ''), '0'), coalesce(nullif(ltrim(u.ackno, '0'), ''), '0')""";
    // Returned is each row that got its pair; the others that were inserted only where there are such.
    private static final String CLAIM = """
            WITH claim AS MATERIALIZED (
                SELECT * FROM unnest(?::text[], ?::bigint[], ?::text[], ?::text[], ?::text[], ?::bigint[], ?::bigint[],
                                     ?::bigint[])
                AS u (batch, line, referenceid, ackno, rejection, at, own_limit, others_limit)),
            inserted AS (
                INSERT INTO refund (batch, line, referenceid, ackno, state, node, epoch, sends, claimed_at, answered_at,
                                    message)
                SELECT batch, line, referenceid, ackno, CASE WHEN rejection IS NULL THEN 'SENDING' ELSE 'REJECTED' END,
                       ?, ?, 1, at, CASE WHEN rejection IS NULL THEN NULL ELSE at END, rejection
                FROM claim u ON CONFLICT (batch, line) DO NOTHING RETURNING batch, line, referenceid, ackno, state),
            taken AS (
                INSERT INTO pair (operation, referenceid, ackno, batch, line)
                SELECT ?, %1$s, batch, line FROM inserted u WHERE state = 'SENDING'
                %2$s
                RETURNING batch, line, first_batch IS NOT NULL AS repeats)
            SELECT batch, line, true, repeats FROM taken
            UNION ALL SELECT batch, line, false, false FROM inserted
            WHERE (SELECT count(*) FROM inserted) <> (SELECT count(*) FROM taken)""".formatted(
            PAIR, TAKE_OVER.formatted("claim c, refund r WHERE c.line = excluded.line AND c.batch = excluded.batch AND "
                    + PAIR_IS_FREE.formatted("c.own_limit", "c.others_limit")));
    private static final String MARK_REPEAT = "UPDATE refund SET repeats = 1 WHERE batch = ? AND line = ?";
    /**
     * The planner would read a table that it saw while it was empty from end to end, long after it has grown; and without
     * these ways it takes the others for so costly that it would compile them each time.
     */
    private static final List<String> BY_KEY = List.of("SET enable_seqscan = off", "SET enable_bitmapscan = off",
            "SET enable_hashjoin = off", "SET enable_mergejoin = off", "SET jit = off");

    private static final Column<String> TEXT = new Column<>("text", String[]::new);
    private static final Column<Long> BIGINT = new Column<>("int8", Long[]::new);
    private static final Column<Integer> INT = new Column<>("int4", Integer[]::new);

    private final PreparedStatement begin;
    private final PreparedStatement claim;
    private final PreparedStatement countAndCommit;

    /** A type of the database, and the array that the driver takes for it. */
    private record Column<C>(String name, IntFunction<C[]> array) {
    }

    /** A row's place in the ledger. */
    private record Key(String batch, long line) {
        static Key of(RefundRow row) {
            return new Key(row.batch(), row.line());
        }
    }

    RowArrays(Connection connection, String operation, Epoch epoch, Duration duplicateWindow) throws SQLException {
        super(connection, operation, epoch, duplicateWindow);
        try (Statement settings = connection.createStatement()) {
            for (String setting : BY_KEY) {
                settings.execute(setting);
            }
        }
        connection.commit(); // a rollback would take the settings back
        begin = connection.prepareStatement(String.join(";\n", Heartbeat.BEAT, SETTLE, CLAIM));
        claim = connection.prepareStatement(CLAIM);
        countAndCommit = connection.prepareStatement(Counters.ADD + "; COMMIT");
    }

    @Override
    boolean begin(Heartbeat heartbeat, List<Write.SettleRow> settles, List<Write.ClaimRow> claims, Counters counters)
            throws SQLException {
        List<Write.ClaimRow> others = new ArrayList<>();
        List<Write.ClaimRow> first = apart(claims, others);
        int next = heartbeat.bind(begin);
        next = bindSettles(next, settles);
        bindClaims(begin, next, first);
        begin.execute();
        if (begin.getUpdateCount() == 0) {
            return false;
        }
        begin.getMoreResults();
        settled(settles, begin.getResultSet(), counters);
        begin.getMoreResults();
        claimed(first, begin.getResultSet(), counters);
        while (!others.isEmpty()) {
            List<Write.ClaimRow> waiting = others;
            others = new ArrayList<>();
            List<Write.ClaimRow> some = apart(waiting, others);
            bindClaims(claim, 1, some);
            claimed(some, claim.executeQuery(), counters);
        }
        return true;
    }

    @Override
    void commit(Counters counters) throws SQLException {
        if (counters.areOfOneBatch()) {
            counters.writeOne(countAndCommit);
        } else {
            super.commit(counters);
        }
    }

    /** No statement may meet a row or a pair twice: of those that are the same, the first, and into {@code others} the others. */
    private static List<Write.ClaimRow> apart(List<Write.ClaimRow> claims, List<Write.ClaimRow> others) {
        List<Write.ClaimRow> first = new ArrayList<>(claims.size());
        Set<Object> met = new HashSet<>();
        for (Write.ClaimRow write : claims) {
            boolean rowIsNew = met.add(Key.of(write.row));
            boolean pairIsNew = write.row.rejection() != null || met.add(write.row.pair());
            (rowIsNew && pairIsNew ? first : others).add(write);
        }
        return first;
    }

    private int bindSettles(int from, List<Write.SettleRow> settles) throws SQLException {
        int next = from;
        next = bind(begin, next, TEXT, settles, write -> write.outcome.batch());
        next = bind(begin, next, BIGINT, settles, write -> write.outcome.line());
        next = bind(begin, next, TEXT, settles, write -> write.outcome.outcome().name());
        next = bind(begin, next, TEXT, settles, write -> write.outcome.responseCode());
        next = bind(begin, next, INT, settles, write -> write.outcome.httpStatus());
        next = bind(begin, next, TEXT, settles, write -> write.outcome.message());
        next = bind(begin, next, INT, settles, write -> write.outcome.attempts());
        next = bind(begin, next, BIGINT, settles, write -> write.outcome.answeredAt().toEpochMilli());
        next = bind(begin, next, TEXT, settles, write -> write.answer);
        begin.setString(next++, epoch.node());
        begin.setLong(next++, epoch.number());
        return next;
    }

    private void bindClaims(PreparedStatement statement, int from, List<Write.ClaimRow> claims) throws SQLException {
        int next = from;
        next = bind(statement, next, TEXT, claims, write -> write.row.batch());
        next = bind(statement, next, BIGINT, claims, write -> write.row.line());
        next = bind(statement, next, TEXT, claims, write -> write.row.referenceid());
        next = bind(statement, next, TEXT, claims, write -> write.row.ackno());
        next = bind(statement, next, TEXT, claims, write -> write.row.rejection());
        next = bind(statement, next, BIGINT, claims, write -> write.at);
        next = bind(statement, next, BIGINT, claims, this::limit);
        next = bind(statement, next, BIGINT, claims, this::limitOfOthers);
        statement.setString(next++, epoch.node());
        statement.setLong(next++, epoch.number());
        statement.setString(next, operation);
    }

    /**
     * Binds one column of many rows, as an array of its own type, which the driver need not turn into text.
     *
     * @return the number of the parameter behind it
     */
    private <T, C> int bind(PreparedStatement statement, int parameter, Column<C> type, List<T> rows,
            Function<T, C> column) throws SQLException {
        C[] values = rows.stream().map(column).toArray(type.array());
        statement.setArray(parameter, connection.createArrayOf(type.name(), values));
        return parameter + 1;
    }

    private void settled(List<Write.SettleRow> settles, ResultSet returned, Counters counters) throws SQLException {
        Set<Key> done = new HashSet<>();
        try (returned) {
            while (returned.next()) {
                done.add(new Key(returned.getString(1), returned.getLong(2)));
            }
        }
        for (Write.SettleRow write : settles) {
            settled(write, done.contains(new Key(write.outcome.batch(), write.outcome.line())), counters);
        }
    }

    private void claimed(List<Write.ClaimRow> claims, ResultSet returned, Counters counters) throws SQLException {
        Map<Key, Boolean> taken = new HashMap<>();
        List<Key> repeats = new ArrayList<>();
        try (returned) {
            while (returned.next()) {
                Key key = new Key(returned.getString(1), returned.getLong(2));
                taken.merge(key, returned.getBoolean(3), Boolean::logicalOr);
                if (returned.getBoolean(4)) {
                    repeats.add(key);
                }
            }
        }
        markRepeats(repeats);
        for (Write.ClaimRow write : claims) {
            Boolean pairTaken = taken.get(Key.of(write.row));
            claimed(write, pairTaken != null, Boolean.TRUE.equals(pairTaken), counters);
        }
    }

    private void markRepeats(List<Key> repeats) throws SQLException {
        if (repeats.isEmpty()) {
            return;
        }
        try (PreparedStatement mark = connection.prepareStatement(MARK_REPEAT)) {
            for (Key repeat : repeats) {
                mark.setString(1, repeat.batch());
                mark.setLong(2, repeat.line());
                mark.addBatch();
            }
            mark.executeBatch();
        }
    }
}
