// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import com.fasterxml.jackson.annotation.JsonProperty;

import center.bos.refund.database.Jdbc;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.model.Batch;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.RowOutcome;

/**
 * Why rows of a batch did not succeed. Reasons are counted while the results are written, which reads all rows anyway: settling a
 * row costs no more, and nobody waits for the count.
 */
public final class Reasons {
    /** Reasons that are stored for a batch; rows with other reasons are counted as one. */
    private static final int MOST = 1_000;
    /** The most rows of an open batch that are read. */
    private static final int LOOKED_AT = 50_000;
    /** The name of the remaining reasons. */
    public static final String OTHERS = "other reasons";

    private static final String FORGET = "DELETE FROM reason WHERE batch = ?";
    private static final String KEEP = """
            INSERT INTO reason (batch, place, outcome, response_code, message, row_count, first_at, last_at, first_line)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)""";
    private static final String KEPT = """
            SELECT outcome, response_code, message, row_count, first_at, last_at, first_line FROM reason
            WHERE batch = ? ORDER BY place LIMIT ?""";
    private static final String COUNTED = """
            SELECT outcome, response_code, message, count(*) AS row_count, min(answered_at), max(answered_at), min(line)
            FROM (SELECT outcome, response_code, message, answered_at, line FROM refund
                  WHERE batch = ? ORDER BY line LIMIT ?) AS looked_at
            WHERE outcome IS NOT NULL AND outcome <> 'SUCCESS'
            GROUP BY outcome, response_code, message ORDER BY row_count DESC, message LIMIT ?""";

    private final Map<Kind, Count> counts = new LinkedHashMap<>();

    private record Kind(Outcome outcome, String code, String message) {
    }

    private static final class Count {
        private final long firstLine;
        private long rows;
        private Instant first = Instant.MAX;
        private Instant last = Instant.MIN;

        Count(long firstLine) {
            this.firstLine = firstLine;
        }
    }

    /**
     * Why rows did not succeed.
     *
     * @param message what BOS said, or why they ended so; null for rows that repeat others
     */
    public record Reason(Outcome outcome, @JsonProperty("response_code") String responseCode, String message, long rows,
            Instant first, Instant last, @JsonProperty("first_line") long firstLine) {
    }

    /** The message of a reason: what BOS said, or why a row ended so; null for rows that repeat others. */
    public static String name(Outcome outcome, String message) {
        return outcome == Outcome.DUPLICATE && message != null && message.startsWith("repeats ") ? null : message;
    }

    /** Counts a row. */
    public void add(RowOutcome row) {
        if (row.outcome() == Outcome.SUCCESS) {
            return;
        }
        Kind kind = new Kind(row.outcome(), row.responseCode(), name(row.outcome(), row.message()));
        if (counts.size() >= MOST && !counts.containsKey(kind)) {
            kind = new Kind(row.outcome(), null, OTHERS);
        }
        Count count = counts.computeIfAbsent(kind, k -> new Count(row.line()));
        count.rows++;
        count.first = count.first.isBefore(row.answeredAt()) ? count.first : row.answeredAt();
        count.last = count.last.isAfter(row.answeredAt()) ? count.last : row.answeredAt();
    }

    /** The most frequent first. */
    private List<Reason> all() {
        List<Reason> all = new ArrayList<>();
        counts.forEach((kind, count) -> all.add(new Reason(kind.outcome(), kind.code(), kind.message(), count.rows,
                count.first, count.last, count.firstLine)));
        all.sort(Comparator.comparingLong(Reason::rows).reversed().thenComparingLong(Reason::firstLine));
        return all;
    }

    void keep(Turn turn, long batch) throws SQLException {
        turn.jdbc().update(FORGET, batch);
        List<Reason> all = all();
        turn.jdbc().batch(KEEP, IntStream.range(0, all.size()).boxed().toList(), place -> {
            Reason reason = all.get(place);
            return new Object[]{batch, place, reason.outcome().name(), reason.responseCode(), reason.message(),
                    reason.rows(), reason.first().toEpochMilli(), reason.last().toEpochMilli(), reason.firstLine()};
        });
    }

    /** The reasons of a batch: of all its rows if it is complete, otherwise of the first {@value #LOOKED_AT}. */
    static List<Reason> of(LedgerDatabase database, Batch batch, int limit) {
        boolean complete = batch.state() == Batch.State.COMPLETE;
        Object[] values = complete
                ? new Object[]{batch.number(), limit}
                : new Object[]{batch.number(), LOOKED_AT, limit};
        return database.list(complete ? KEPT : COUNTED,
                found -> new Reason(Outcome.valueOf(found.getString(1)), found.getString(2), found.getString(3),
                        found.getLong(4), Jdbc.instant(found, 5),
                        Jdbc.instant(found, 6), found.getLong(7)),
                values);
    }
}
