// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

import com.fasterxml.jackson.annotation.JsonProperty;

import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.model.Batch;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.Pair;
import center.bos.refund.model.RowOutcome;

/** Searches the rows of a batch in the order of its lines. A page reads a limited number of rows, so that its answer is quick. */
public final class RowSearch {
    /** Rows that are read for one page. */
    private static final int LOOKED_AT = 20_000;

    private static final String LAST = """
            SELECT max(line), count(*) FROM
                (SELECT line FROM refund WHERE batch = ? AND line > ? ORDER BY line LIMIT ?) AS looked_at""";
    private static final String FOUND = StoredRow.SELECT
            + """
                    WHERE r.batch = ? AND r.line > ? AND r.line <= ? AND (? = '' OR r.outcome = ?) AND (? = '' OR r.response_code = ?)
                    AND (? = '' OR r.message = ?) ORDER BY r.line LIMIT ?""";
    /**
     * The batch is compared on the rows that were found ({@code + 0}): by the key of {@code refund} SQLite would scan all rows of
     * the batch.
     */
    private static final String OF_REFERENCE = StoredRow.SELECT_OF_REFERENCE
            + """
                    WHERE ids.batch + 0 = ? AND ids.line + 0 > ? AND (? = '' OR r.outcome = ?) AND (? = '' OR r.response_code = ?)
                    AND (? = '' OR r.message = ?) ORDER BY r.line LIMIT ?""";

    private final LedgerDatabase database;

    RowSearch(LedgerDatabase database) {
        this.database = database;
    }

    /**
     * A row of a batch.
     *
     * @param state OPEN, SENDING, or the outcome
     * @param answeredAt when the outcome was known, or null
     */
    public record Row(long line, String referenceid, String ackno, String state,
            @JsonProperty("response_code") String responseCode, @JsonProperty("http_status") Integer httpStatus,
            String message, int attempts, @JsonProperty("answered_at") Instant answeredAt) {
    }

    /**
     * The conditions of a search.
     *
     * @param referenceid the customer's; leading zeros are ignored
     */
    public record Wanted(Optional<Outcome> outcome, Optional<String> code, Optional<String> message,
            Optional<String> referenceid) {
    }

    /**
     * A page of the rows that were found.
     *
     * @param next the line after which the next page begins, or null after the last page
     */
    public record Page(List<Row> rows, Long next) {
    }

    /** The matching rows after a line. There can be fewer than the limit although more follow. */
    public Page find(Batch batch, Wanted wanted, long after, int limit) {
        String outcome = wanted.outcome().map(Outcome::name).orElse("");
        String code = wanted.code().orElse("");
        String message = wanted.message().orElse("");
        return database.query(jdbc -> {
            if (wanted.referenceid().isPresent()) {
                String id = Pair.of(wanted.referenceid().get(), "").referenceid();
                return page(jdbc.list(OF_REFERENCE, RowSearch::row, id, Acceptance.OPERATION, id, Acceptance.OPERATION,
                        id, batch.number(), after, outcome, outcome, code, code, message, message, limit + 1), limit,
                        null);
            }
            long[] looked = jdbc.list(LAST, found -> new long[]{found.getLong(1), found.getLong(2)}, batch.number(),
                    after, LOOKED_AT).get(0);
            return page(jdbc.list(FOUND, RowSearch::row, batch.number(), after, looked[0], outcome, outcome, code, code,
                    message, message, limit + 1), limit, looked[1] == LOOKED_AT ? looked[0] : null);
        });
    }

    private static Page page(List<Row> found, int limit, Long lookedAt) {
        return found.size() > limit
                ? new Page(found.subList(0, limit), found.get(limit - 1).line())
                : new Page(found, lookedAt);
    }

    private static Row row(ResultSet found) throws SQLException {
        RowOutcome outcome = StoredRow.outcome(found);
        String state = found.getObject("epoch") == null ? "OPEN" : "SENDING";
        return outcome == null
                ? new Row(found.getLong("line"), found.getString("referenceid"), found.getString("ackno"), state, null,
                        null, null, found.getInt("attempts"), null)
                : new Row(outcome.line(), outcome.referenceid(), outcome.ackno(), outcome.outcome().name(),
                        outcome.responseCode(), outcome.httpStatus(), outcome.message(), outcome.attempts(),
                        outcome.answeredAt());
    }
}
