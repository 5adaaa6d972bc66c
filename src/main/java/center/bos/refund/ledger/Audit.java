// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

import org.apache.commons.codec.digest.DigestUtils;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;

import center.bos.refund.database.Jdbc;
import center.bos.refund.database.LedgerDatabase;

/**
 * The audit log: who did what, when and why. An entry is written in the transaction of its action, so neither exists without the
 * other. It holds the hash of the entry before (a hash chain): an entry that is changed or removed later breaks the chain.
 * Entries that are cut off at the end are detected by the summaries of batches, each of which holds the newest hash of its time.
 */
public final class Audit {
    private static final int SALT_BYTES = 16;
    private static final SecureRandom RANDOM = new SecureRandom();

    /** Serializes the writers of all nodes. */
    private static final String NEXT = """
            UPDATE audit_head SET number = number + 1 WHERE one = 1 RETURNING number, hash""";
    private static final String MOVE = "UPDATE audit_head SET hash = ? WHERE one = 1";
    private static final String HEAD = "SELECT number, hash FROM audit_head WHERE one = 1 AND number > 0";
    private static final String WRITE = """
            INSERT INTO deed (number, done_at, what, subject, row_count, done_by, reason, salt, personal, hash)
            VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)""";
    private static final String SELECT = """
            SELECT number, done_at, what, subject, row_count, done_by, reason, salt, personal, hash FROM deed\s""";
    private static final String BEFORE = SELECT + "WHERE number < ? ORDER BY number DESC LIMIT ?";
    private static final String FROM = SELECT + "WHERE number > ? ORDER BY number LIMIT ?";
    private static final String UP_TO = "entries up to ";
    private static final String ERASED = "SELECT subject FROM deed WHERE what = 'erase'";
    private static final int PAGE = 1_000;

    private final LedgerDatabase database;
    private final Dispatcher dispatcher;

    Audit(LedgerDatabase database, Dispatcher dispatcher) {
        this.database = database;
        this.dispatcher = dispatcher;
    }

    /** The kinds of actions. */
    public enum What {
        PAUSE, RESUME, CANCEL,
        /** A batch or a resend waits for another person's release. */
        ASK,
        /** Another person released it. */
        RELEASE,
        /** Another person refused it. */
        REFUSE,
        /** Rows in doubt are sent again. */
        RESEND,
        /** Pairs that were sent before are sent again. */
        AGAIN,
        /** A login failed. */
        LOGIN_REFUSED,
        /** Names and reasons of old entries were erased. */
        ERASE;

        /** As it is stored and shown. */
        @JsonValue
        public String text() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }

        static What of(String text) {
            return valueOf(text.toUpperCase(Locale.ROOT).replace('-', '_'));
        }
    }

    /** The number and hash of an entry, by which the chain is checked. */
    public record Anchor(long number, String hash) {
    }

    /**
     * An entry of the audit log.
     *
     * @param by who did it, or null if erased
     * @param salt the salt of {@code personal}, so that nobody guesses name and reason from their hash; erased with them
     * @param personal the hash of name and reason
     * @param hash the hash of this entry and of the hash before
     */
    public record Entry(long number, Instant at, What what, String of, long rows, String by, String reason,
            @JsonIgnore String salt, @JsonIgnore String personal, @JsonProperty("hash") String hash) {

        private String expectedHash(String before) {
            return sha256(before, Long.toString(number), Long.toString(at.toEpochMilli()), what.text(), of,
                    Long.toString(rows), personal);
        }
    }

    /** The subject of an {@link What#ERASE}: the entries up to that number. */
    static String upTo(long number) {
        return UP_TO + number;
    }

    /** Writes an entry in the turn of its action. */
    static void note(Turn turn, What what, String of, long rows, Deed deed) throws SQLException {
        Jdbc jdbc = turn.jdbc();
        Anchor next = jdbc.one(NEXT, Audit::anchor).orElseThrow();
        byte[] random = new byte[SALT_BYTES];
        RANDOM.nextBytes(random);
        String salt = HexFormat.of().formatHex(random);
        Entry entry = new Entry(next.number(), Instant.ofEpochMilli(turn.now()), what, of, rows, deed.by(),
                deed.reason(), salt, personal(salt, deed.by(), deed.reason()), null);
        String hash = entry.expectedHash(next.hash());
        jdbc.update(WRITE, entry.number(), turn.now(), what.text(), of, rows, deed.by(), deed.reason(), salt,
                entry.personal(), hash);
        jdbc.update(MOVE, hash);
    }

    /** Writes an entry before its action; returns after the commit. */
    public void note(What what, String of, long rows, Deed deed) {
        dispatcher.write(noting(what, of, rows, deed));
    }

    /** Writes an entry without waiting for the commit. */
    public void noteLater(What what, String of, Deed deed) {
        dispatcher.handIn(noting(what, of, 0, deed));
    }

    private static Write<Void> noting(What what, String of, long rows, Deed deed) {
        return new Write.Change<>(turn -> {
            note(turn, what, of, rows, deed);
            return null;
        });
    }

    /** The number and hash of the newest entry, or empty if there is none. */
    public Optional<Anchor> newest() {
        return database.one(HEAD, Audit::anchor);
    }

    /** The entries before a number, the newest first. */
    public List<Entry> before(long number, int limit) {
        return database.query(jdbc -> before(jdbc, number, limit));
    }

    /** The same on the caller's connection. */
    public static List<Entry> before(Jdbc jdbc, long number, int limit) throws SQLException {
        return jdbc.list(BEFORE, Audit::entry, number, limit);
    }

    /**
     * Checks the whole chain.
     *
     * @param anchors hashes that are kept outside the ledger, each of the newest entry at its time
     * @return what is wrong, one sentence each; empty if nothing is
     */
    public static List<String> verify(Jdbc jdbc, List<Kept> anchors) throws SQLException {
        List<String> wrong = new ArrayList<>();
        java.util.Map<Long, List<Kept>> kept = new java.util.TreeMap<>();
        anchors.forEach(anchor -> kept.computeIfAbsent(anchor.anchor().number(), number -> new ArrayList<>())
                .add(anchor));
        Anchor last = new Anchor(0, "");
        Anchor head;
        List<Entry> page;
        do { // entries may be added, and names erased, meanwhile
            head = jdbc.one(HEAD, Audit::anchor).orElse(new Anchor(0, ""));
            page = jdbc.list(FROM, Audit::entry, last.number(), PAGE);
            long erased = erasedUpTo(jdbc);
            for (Entry entry : page) {
                if (entry.number() != last.number() + 1) {
                    wrong.add("entries " + (last.number() + 1) + " to " + (entry.number() - 1) + " were removed");
                } else if (!entry.hash().equals(entry.expectedHash(last.hash()))) {
                    wrong.add("entry " + entry.number() + " was changed, or one before it");
                }
                if (entry.salt() == null && entry.number() > erased) {
                    wrong.add("the name or reason of entry " + entry.number()
                            + " was removed, and not by refund.retention");
                }
                if (entry.salt() != null
                        && !entry.personal().equals(personal(entry.salt(), entry.by(), entry.reason()))) {
                    wrong.add("the name or reason of entry " + entry.number() + " was changed");
                }
                for (Kept anchor : kept.getOrDefault(entry.number(), List.of())) {
                    if (!anchor.anchor().hash().equals(entry.hash())) {
                        wrong.add("entry " + entry.number() + " differs from " + anchor.where());
                    }
                }
                kept.remove(entry.number());
                last = new Anchor(entry.number(), entry.hash());
            }
        } while (!page.isEmpty());
        Anchor end = last;
        kept.forEach((number, missing) -> wrong.add("entry " + number + ", which " + missing.get(0).where()
                + " names, was " + (number > end.number() ? "cut off" : "removed")));
        if (!head.equals(end)) {
            wrong.add("the end of the chain is not entry " + end.number());
        }
        return wrong;
    }

    private static long erasedUpTo(Jdbc jdbc) throws SQLException {
        return jdbc.list(ERASED, found -> found.getString(1)).stream()
                .filter(text -> text.matches(UP_TO + "[0-9]{1,18}"))
                .mapToLong(text -> Long.parseLong(text.substring(UP_TO.length()))).max().orElse(0);
    }

    /** An anchor that is kept outside the ledger, and where. */
    public record Kept(Anchor anchor, String where) {
    }

    private static Anchor anchor(ResultSet found) throws SQLException {
        return new Anchor(found.getLong(1), found.getString(2));
    }

    private static Entry entry(ResultSet found) throws SQLException {
        return new Entry(found.getLong(1), Jdbc.instant(found, 2), What.of(found.getString(3)),
                found.getString(4), found.getLong(5), found.getString(6), found.getString(7), found.getString(8),
                found.getString(9), found.getString(10));
    }

    private static String personal(String salt, String by, String reason) {
        return sha256(salt, String.valueOf(by), String.valueOf(reason));
    }

    /** The hash of the parts and their lengths: no text can move from one part to the next unnoticed. */
    private static String sha256(String... parts) {
        MessageDigest digest = DigestUtils.getSha256Digest();
        for (String part : parts) {
            byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
            digest.update((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
            digest.update(bytes);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
