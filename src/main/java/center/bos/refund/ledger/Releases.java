// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

import com.fasterxml.jackson.annotation.JsonProperty;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.database.Jdbc;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.model.Source;

/**
 * Four eyes: a batch of more rows than {@code refund.release-above}, or a resend of more rows, waits until a person other than
 * its submitter releases it. A batch waits as a stopped batch. The rows of a waiting resend stay IN_DOUBT.
 */
public final class Releases {
    /** Why a batch waits. */
    static final String REASON = "more rows than refund.release-above: another person must release it";

    private static final String WAITING = """
            SELECT id, kind, file, row_count, asked_by, asked_at, reason FROM (
                SELECT id, 'batch' AS kind, file, row_count, stopped_by AS asked_by, stopped_at AS asked_at, NULL AS reason
                FROM batch WHERE stopped = 'unreleased' AND state = 'open'
                UNION ALL SELECT id, 'resend', '', row_count, asked_by, asked_at, reason FROM release WHERE decision IS NULL
            ) AS waiting\s""";
    private static final String ALL_WAITING = WAITING + "ORDER BY asked_at, id LIMIT ? OFFSET ?";
    private static final String ONE_WAITING = WAITING + "WHERE id = ?";
    private static final String KNOWN = "SELECT id FROM batch WHERE id = ? UNION ALL SELECT id FROM release WHERE id = ?";
    private static final String PARTS = """
            SELECT r.batch, b.source, count(*) AS row_count, min(r.line)
            FROM release_row r JOIN batch b ON b.id = r.batch WHERE r.id = ?
            GROUP BY r.batch, b.source ORDER BY row_count DESC, r.batch LIMIT 10""";
    private static final String ASKED_ROWS = "SELECT DISTINCT batch, line FROM release_row";
    private static final String RELEASE_BATCH = Stops.END + "= 'unreleased'";
    private static final String REFUSE_BATCH = """
            UPDATE batch SET stopped = 'cancelled', stopped_at = ?, stopped_by = ?, stop_reason = ?
            WHERE id = ? AND stopped = 'unreleased' AND state = 'open'""";
    private static final String DECIDE = """
            UPDATE release SET decision = ?, decided_at = ?, decided_by = ? WHERE id = ? AND decision IS NULL""";
    private static final String ASK = """
            INSERT INTO release (id, node, asked_at, asked_by, reason, row_count) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (id) DO NOTHING""";
    private static final String ASKED = "SELECT id FROM release WHERE id = ?";
    private static final String ASK_ROW = "INSERT INTO release_row (id, batch, line) VALUES (?, ?, ?)";
    private static final String GRANTED = """
            SELECT id, asked_at, asked_by, decided_by, reason, node FROM release
            WHERE decision = 'released' AND done_at IS NULL ORDER BY asked_at""";
    /** The node that took a file opens its rows; any node opens the others, so that none waits for a node that is lost. */
    private static final String ROWS = """
            SELECT r.batch, r.line FROM release_row r LEFT JOIN batch b ON b.id = r.batch
            WHERE r.id = ? AND (b.source IS NULL OR b.source <> 'FILE' OR b.node = ?) ORDER BY r.batch, r.line""";
    private static final String DONE = """
            UPDATE release SET done_at = ?
            WHERE id = ? AND NOT EXISTS (SELECT 1 FROM release_row WHERE release_row.id = release.id)""";
    private static final String FORGET_ROW = "DELETE FROM release_row WHERE id = ? AND batch = ? AND line = ?";
    private static final String FORGET_ROWS = "DELETE FROM release_row WHERE id = ?";

    private final LedgerDatabase database;
    private final Dispatcher dispatcher;
    private final Stops stops;
    private final String node;
    private final long above;

    Releases(LedgerDatabase database, Dispatcher dispatcher, Stops stops, RefundConfig config) {
        this.database = database;
        this.dispatcher = dispatcher;
        this.stops = stops;
        this.node = config.node();
        this.above = above(config);
    }

    /** The number of rows above which a batch or a resend waits for a release. */
    static long above(RefundConfig config) {
        return config.releaseAbove().orElse(Long.MAX_VALUE);
    }

    /**
     * A batch or a resend that waits for another person's release.
     *
     * @param kind batch or resend
     * @param file the batch's file, or empty
     * @param rows the most customers that it texts
     * @param askedBy who submitted it, and so cannot release it
     * @param reason why rows are to be sent again, or null
     * @param parts the batches with most rows of a resend, which has rows of other batches too if these are fewer
     */
    public record Waiting(String id, String kind, String file, long rows, @JsonProperty("asked_by") String askedBy,
            @JsonProperty("asked_at") Instant askedAt, String reason, List<Part> parts) {

        static Waiting read(ResultSet found) throws SQLException {
            return new Waiting(found.getString(1), found.getString(2), found.getString(3), found.getLong(4),
                    found.getString(5), Jdbc.instant(found, 6), found.getString(7), List.of());
        }

        private Waiting with(List<Part> of) {
            return new Waiting(id, kind, file, rows, askedBy, askedAt, reason, of);
        }
    }

    /** The rows of one batch in a resend that waits. */
    public record Part(String batch, Source source, long rows, @JsonProperty("first_line") long firstLine) {
    }

    /** The result of a decision. */
    public enum Result {
        /** Released or refused, as requested. */
        DONE,
        /** The submitter cannot release. */
        SAME_PERSON,
        /** It does not wait for a release. */
        NOT_WAITING,
        /** There is no batch and no resend of that id. */
        UNKNOWN
    }

    /**
     * A released resend whose rows are not all opened yet.
     *
     * @param askedAt the time of the request, which covers the rows that were in doubt then
     * @param deed who asked, and why
     * @param rows the rows that this node is to open; empty if it has none left
     */
    public record Granted(String id, Instant askedAt, Deed deed, List<Doubts.RowName> rows) {
        /** The same without rows that cannot be opened yet. */
        public Granted but(List<Doubts.Skipped> later) {
            Set<Doubts.RowName> kept = later.stream().map(row -> new Doubts.RowName(row.batch(), row.line()))
                    .collect(Collectors.toSet());
            return new Granted(id, askedAt, deed, rows.stream().filter(row -> !kept.contains(row)).toList());
        }
    }

    /** Whether a resend of so many rows needs another person's release. */
    public boolean isNeeded(long rows) {
        return rows > above;
    }

    /** What waits, the oldest first. */
    public List<Waiting> waiting(int limit, int offset) {
        return database.list(ALL_WAITING, Waiting::read, limit, offset).stream()
                .map(of -> of.kind().equals("batch")
                        ? of
                        : of.with(database.list(PARTS,
                                found -> new Part(found.getString(1), Source.valueOf(found.getString(2)),
                                        found.getLong(3),
                                        found.getLong(4)),
                                of.id())))
                .toList();
    }

    /** The rows of resends that wait, or that are released and not opened yet. */
    public Set<Doubts.RowName> rows() {
        return Set.copyOf(database.list(ASKED_ROWS, found -> new Doubts.RowName(found.getString(1), found.getLong(2))));
    }

    /**
     * Stores a resend until another person releases it.
     *
     * @param at the time of the request, which covers the rows that were in doubt then
     * @return its id; a repeated key gives the same
     * @throws IdempotencyKeys.StandsForAnother if the key belongs to another request
     */
    public String ask(List<Doubts.RowName> rows, Deed deed, Instant at) {
        String id = id(deed.key());
        return dispatcher.change(turn -> {
            IdempotencyKeys.take(turn, deed.key(), id);
            if (turn.jdbc().update(ASK, id, node, at.toEpochMilli(), deed.by(), deed.reason(), rows.size()) == 1) {
                turn.jdbc().batch(ASK_ROW, rows, row -> new Object[]{id, row.batch(), row.line()});
                Audit.note(turn, Audit.What.ASK, id, rows.size(), deed);
            }
            return id;
        });
    }

    private static String id(IdempotencyKeys.Key key) {
        return "resend-" + (key == null
                ? UUID.randomUUID()
                : UUID.nameUUIDFromBytes((key.caller() + "\n" + key.name()).getBytes(StandardCharsets.UTF_8)));
    }

    /** The id of the resend that was stored under a key, or empty if it needed no release. */
    public Optional<String> asked(IdempotencyKeys.Key key) {
        return database.one(ASKED, found -> found.getString(1), id(key));
    }

    /** Releases a batch or a resend. */
    public Result release(String id, Deed deed) {
        return decide(id, deed, true);
    }

    /** Refuses it: the rows of a batch end REJECTED, the rows of a resend stay IN_DOUBT. */
    public Result refuse(String id, Deed deed) {
        return decide(id, deed, false);
    }

    private Result decide(String id, Deed deed, boolean released) {
        return dispatcher.change(turn -> {
            Optional<Waiting> waiting = turn.jdbc().one(ONE_WAITING, Waiting::read, id);
            if (released && waiting.filter(of -> deed.isBy(of.askedBy())).isPresent()) {
                return Result.SAME_PERSON;
            }
            if (waiting.isEmpty() && turn.jdbc().one(KNOWN, row -> true, id, id).isEmpty()) {
                return Result.UNKNOWN;
            }
            if (IdempotencyKeys.take(turn, deed.key(), id).isEmpty()) {
                if (waiting.isEmpty() || !decide(turn, waiting.get(), deed, released)) {
                    return Result.NOT_WAITING;
                }
                Audit.note(turn, released ? Audit.What.RELEASE : Audit.What.REFUSE, id, waiting.get().rows(), deed);
            }
            return Result.DONE;
        });
    }

    private boolean decide(Turn turn, Waiting of, Deed deed, boolean released) throws SQLException {
        long now = turn.now();
        int changed;
        if (!of.kind().equals("batch")) {
            changed = turn.jdbc().update(DECIDE, released ? "released" : "refused", now, deed.by(), of.id());
            if (!released && changed == 1) {
                turn.jdbc().update(FORGET_ROWS, of.id());
            }
        } else {
            changed = released
                    ? turn.jdbc().update(RELEASE_BATCH, now, now, now, now, Batches.HOLD, of.id())
                    : turn.jdbc().update(REFUSE_BATCH, now, deed.by(), "not released: " + deed.reason(), of.id());
            stops.now(turn, of.id());
        }
        return changed == 1;
    }

    /** The released resends whose rows this node is to open, and those that it received until they are done. */
    public List<Granted> granted() {
        List<Granted> all = new ArrayList<>();
        for (Map.Entry<Granted, String> head : database.list(GRANTED, found -> Map.entry(new Granted(found.getString(1),
                Jdbc.instant(found, 2),
                new Deed(found.getString(3) + ", released by " + found.getString(4), found.getString(5), null),
                List.of()), found.getString(6)))) {
            Granted of = head.getKey();
            List<Doubts.RowName> rows = database.list(ROWS,
                    found -> new Doubts.RowName(found.getString(1), found.getLong(2)), of.id(), node);
            if (!rows.isEmpty() || head.getValue().equals(node)) {
                all.add(new Granted(of.id(), of.askedAt(), of.deed(), rows));
            }
        }
        return all;
    }

    /** Records that these rows of a resend were opened, or cannot be; after the last rows of all nodes the resend is done. */
    public void done(Granted granted) {
        dispatcher.change(turn -> {
            turn.jdbc().batch(FORGET_ROW, granted.rows(), row -> new Object[]{granted.id(), row.batch(), row.line()});
            return turn.jdbc().update(DONE, turn.now(), granted.id());
        });
    }
}
