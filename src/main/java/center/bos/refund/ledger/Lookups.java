// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;

import com.fasterxml.jackson.annotation.JsonProperty;

import center.bos.refund.database.Jdbc;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.model.Batch;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.Pair;
import center.bos.refund.model.RowOutcome;
import center.bos.refund.model.Source;

/** Queries for rows, pairs and the list of batches. */
public final class Lookups {
    private static final String ROW = StoredRow.SELECT + "WHERE b.id = ? AND r.line = ?";
    /** A join, because SQLite scans all rows for two columns that are IN a list. */
    private static final String HISTORY = StoredRow.SELECT
            + """
                    JOIN (
                        SELECT batch, line FROM refund
                        WHERE ltrim(referenceid, '0') = ltrim(?, '0') AND ltrim(ackno, '0') = ltrim(?, '0') AND pair_known = 1
                        UNION SELECT batch, line FROM pair WHERE operation = ? AND referenceid = ? AND ackno = ?
                        UNION SELECT first_batch, first_line FROM pair WHERE operation = ? AND referenceid = ? AND ackno = ?) AS ids ON r.batch = ids.batch AND r.line = ids.line
                    ORDER BY r.accepted_at DESC, r.batch DESC, r.line DESC LIMIT ? OFFSET ?""";
    private static final String OF_REFERENCE = StoredRow.SELECT_OF_REFERENCE
            + """
                    ORDER BY r.accepted_at DESC, r.batch DESC, r.line DESC LIMIT ? OFFSET ?""";
    private static final String RESENDS = """
            SELECT asked_by, asked_at, reason, message, answered_at FROM resend
            WHERE batch = (SELECT number FROM batch WHERE id = ?) AND line = ? ORDER BY asked_at DESC""";
    private static final String BATCHES = Batches.SELECT + """
            WHERE source = 'FILE' AND (? = '' OR state = ?) ORDER BY started_at DESC, id LIMIT ? OFFSET ?""";
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
    private static final String ROWS_OF_REFERENCE = StoredRow.SELECT_OF_REFERENCE
            + """
                    WHERE ids.batch + 0 = ? AND ids.line + 0 > ? AND (? = '' OR r.outcome = ?) AND (? = '' OR r.response_code = ?)
                    AND (? = '' OR r.message = ?) ORDER BY r.line LIMIT ?""";
    private static final String RESENT = """
            SELECT asked_by, asked_at, count(*) FROM resend WHERE batch = ? GROUP BY asked_by, asked_at
            ORDER BY asked_at DESC LIMIT 50""";

    private final LedgerDatabase database;

    Lookups(LedgerDatabase database) {
        this.database = database;
    }

    /**
     * One request for a pair.
     *
     * @param source the trigger that it came by
     * @param state OPEN, SENDING, or the outcome
     * @param message what BOS said, or why the row has this outcome, or null
     * @param claimedAt when it was accepted
     * @param resent the requests to send it again while it was in doubt, the newest first
     */
    public record Request(String batch, Source source, long line, String ackno, String state,
            @JsonProperty("response_code") String responseCode, @JsonProperty("http_status") Integer httpStatus,
            String message, int attempts, @JsonProperty("claimed_at") Instant claimedAt,
            @JsonProperty("answered_at") Instant answeredAt, List<ResendRequest> resent) {

        private Request with(List<ResendRequest> resends) {
            return new Request(batch, source, line, ackno, state, responseCode, httpStatus, message, attempts,
                    claimedAt, answeredAt, resends);
        }
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

    /** A person's request to send a row in doubt again, with the row's message and time before. */
    public record ResendRequest(@JsonProperty("asked_by") String askedBy, @JsonProperty("asked_at") Instant askedAt,
            String reason, String message, @JsonProperty("answered_at") Instant answeredAt) {
    }

    /** A person's request to send rows of a batch again. */
    public record Resent(@JsonProperty("asked_by") String askedBy, @JsonProperty("asked_at") Instant askedAt,
            long rows) {
    }

    /** The outcome of a row, or empty if it has none. */
    public Optional<RowOutcome> outcome(String batch, long line) {
        return database.list(ROW, StoredRow::outcome, batch, line).stream().filter(Objects::nonNull).findFirst();
    }

    /** The requests for a pair, the newest first; leading zeros are ignored. */
    public List<Request> history(String referenceid, String ackno, int limit, int offset) {
        Pair pair = Pair.of(referenceid, ackno);
        return requests(HISTORY, pair.referenceid(), pair.ackno(), Acceptance.OPERATION, pair.referenceid(),
                pair.ackno(), Acceptance.OPERATION, pair.referenceid(), pair.ackno(), limit, offset);
    }

    /** The requests for all pairs of a reference id, the newest first; leading zeros are ignored. */
    public List<Request> history(String referenceid, int limit, int offset) {
        String id = Pair.of(referenceid, "").referenceid();
        return requests(OF_REFERENCE, id, Acceptance.OPERATION, id, Acceptance.OPERATION, id, limit, offset);
    }

    private List<Request> requests(String sql, Object... values) {
        return database.query(jdbc -> {
            List<Request> requests = new ArrayList<>();
            for (Request request : jdbc.list(sql, Lookups::request, values)) {
                requests.add(request.with(jdbc.list(RESENDS, Lookups::resendRequest, request.batch(), request.line())));
            }
            return requests;
        });
    }

    private static ResendRequest resendRequest(ResultSet found) throws SQLException {
        return new ResendRequest(found.getString(1), Jdbc.instant(found, 2), found.getString(3), found.getString(4),
                Jdbc.instant(found, 5));
    }

    private static Request request(ResultSet found) throws SQLException {
        RowOutcome outcome = StoredRow.outcome(found);
        Instant acceptedAt = Instant.ofEpochMilli(found.getLong("accepted_at"));
        Source source = Source.valueOf(found.getString("source"));
        return outcome == null
                ? new Request(found.getString("id"), source, found.getLong("line"), found.getString("ackno"),
                        unsettled(found),
                        null, null, null, found.getInt("attempts"), acceptedAt, null, List.of())
                : new Request(outcome.batch(), source, outcome.line(), outcome.ackno(), outcome.outcome().name(),
                        outcome.responseCode(), outcome.httpStatus(), outcome.message(), outcome.attempts(), acceptedAt,
                        outcome.answeredAt(), List.of());
    }

    /** Batches of every node, the newest first, in one state or in all. */
    public List<Batch> batches(Optional<Batch.State> state, int limit, int offset) {
        String name = state.map(s -> s.name().toLowerCase(Locale.ROOT)).orElse("");
        return database.list(BATCHES, Batches::read, name, name, limit, offset);
    }

    /** The newest open batches, read without a service. */
    public static List<Batch> open(Jdbc jdbc, int limit) throws SQLException {
        return jdbc.list(BATCHES, Batches::read, "open", "open", limit, 0);
    }

    /** The matching rows after a line. There can be fewer than the limit although more follow. */
    public Page rows(Batch batch, Wanted wanted, long after, int limit) {
        String outcome = wanted.outcome().map(Outcome::name).orElse("");
        String code = wanted.code().orElse("");
        String message = wanted.message().orElse("");
        return database.query(jdbc -> {
            if (wanted.referenceid().isPresent()) {
                String id = Pair.of(wanted.referenceid().get(), "").referenceid();
                return page(
                        jdbc.list(ROWS_OF_REFERENCE, Lookups::row, id, Acceptance.OPERATION, id, Acceptance.OPERATION,
                                id, batch.number(), after, outcome, outcome, code, code, message, message, limit + 1),
                        limit,
                        null);
            }
            long[] looked = jdbc.list(LAST, found -> new long[]{found.getLong(1), found.getLong(2)}, batch.number(),
                    after, LOOKED_AT).get(0);
            return page(jdbc.list(FOUND, Lookups::row, batch.number(), after, looked[0], outcome, outcome, code, code,
                    message, message, limit + 1), limit, looked[1] == LOOKED_AT ? looked[0] : null);
        });
    }

    private static Page page(List<Row> found, int limit, Long lookedAt) {
        return found.size() > limit
                ? new Page(found.subList(0, limit), found.get(limit - 1).line())
                : new Page(found, lookedAt);
    }

    /** The state of a row without an outcome. */
    private static String unsettled(ResultSet found) throws SQLException {
        return found.getObject("epoch") == null ? "OPEN" : "SENDING";
    }

    private static Row row(ResultSet found) throws SQLException {
        RowOutcome outcome = StoredRow.outcome(found);
        return outcome == null
                ? new Row(found.getLong("line"), found.getString("referenceid"), found.getString("ackno"),
                        unsettled(found), null, null, null, found.getInt("attempts"), null)
                : new Row(outcome.line(), outcome.referenceid(), outcome.ackno(), outcome.outcome().name(),
                        outcome.responseCode(), outcome.httpStatus(), outcome.message(), outcome.attempts(),
                        outcome.answeredAt());
    }

    /** Why rows of a batch did not succeed, the most frequent reason first. */
    public List<Reasons.Reason> reasons(Batch batch, int limit) {
        return Reasons.of(database, batch, limit);
    }

    /** Who asked when to send rows of a batch again, the newest first. */
    public List<Resent> resent(Batch batch) {
        return database.query(jdbc -> resent(jdbc, batch));
    }

    /** The same on the caller's connection. */
    public static List<Resent> resent(Jdbc jdbc, Batch batch) throws SQLException {
        return jdbc.list(RESENT, found -> new Resent(found.getString(1), Jdbc.instant(found, 2), found.getLong(3)),
                batch.number());
    }
}
