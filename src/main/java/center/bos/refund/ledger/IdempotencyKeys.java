// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

import center.bos.refund.database.Jdbc;

/** The Idempotency-Keys of callers, each with the request that it belongs to. */
public final class IdempotencyKeys {
    private static final String TAKE = """
            INSERT INTO idempotency (caller, name, request, reference, created_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (caller, name) DO NOTHING""";
    private static final String TAKEN = "SELECT request, reference, created_at FROM idempotency WHERE caller = ? AND name = ?";

    private final Dispatcher dispatcher;

    IdempotencyKeys(Dispatcher dispatcher) {
        this.dispatcher = dispatcher;
    }

    /**
     * A caller's key.
     *
     * @param request the SHA-256 that identifies the request
     */
    public record Key(String caller, String name, String request) {
    }

    /** Thrown if a key belongs to another request, before anything is changed for this one. */
    public static final class StandsForAnother extends RuntimeException {
        StandsForAnother() {
            super("this Idempotency-Key stands for another request");
        }
    }

    /** When a key was taken, and the reference that it was taken for. */
    record Taken(String request, String reference, Instant at) {
    }

    /**
     * What a key was taken for before, or empty.
     *
     * @throws StandsForAnother if that is another request
     */
    static Optional<Taken> taken(Jdbc jdbc, Key key) throws SQLException {
        if (key == null) {
            return Optional.empty();
        }
        Optional<Taken> taken = jdbc.one(TAKEN,
                found -> new Taken(found.getString(1), found.getString(2), Jdbc.instant(found, 3)), key.caller(),
                key.name());
        if (taken.filter(before -> !before.request().equals(key.request())).isPresent()) {
            throw new StandsForAnother();
        }
        return taken;
    }

    /**
     * Takes a key in the turn of its request; without a key (null) each request is new.
     *
     * @return what it was taken for before, or empty if the request is new
     * @throws StandsForAnother if that is another request
     */
    static Optional<Taken> take(Turn turn, Key key, String reference) throws SQLException {
        return take(turn, key, reference, turn.now());
    }

    /** The same as of that time. */
    static Optional<Taken> take(Turn turn, Key key, String reference, long at) throws SQLException {
        return isFree(turn, key, reference, at) ? Optional.empty() : taken(turn.jdbc(), key);
    }

    /** Takes a key in the turn of its request; false if it was taken before, for whatever request. */
    static boolean isFree(Turn turn, Key key, String reference) throws SQLException {
        return isFree(turn, key, reference, turn.now());
    }

    private static boolean isFree(Turn turn, Key key, String reference, long at) throws SQLException {
        return key == null
                || turn.jdbc().update(TAKE, key.caller(), key.name(), key.request(), reference, at) == 1;
    }

    /**
     * Takes a key for a request, or finds the reference under which it was taken before; of two concurrent requests one takes it.
     *
     * @param reference the id of the request if the key is free
     * @return the id of the request that has the key
     */
    public String take(Key key, String reference) {
        return dispatcher.change(turn -> take(turn, key, reference)).map(Taken::reference).orElse(reference);
    }

    /**
     * The same for a request that also sends pairs that were sent before; a new one enters the audit log in the same turn.
     *
     * @param key the key, or null if the caller gave none
     * @param rows how many pairs it has
     */
    public String takeAgain(Key key, String reference, long rows, Deed deed) {
        return dispatcher.change(turn -> {
            Optional<Taken> before = take(turn, key, reference);
            if (before.isEmpty()) {
                Audit.note(turn, Audit.What.AGAIN, reference, rows, deed);
            }
            return before.map(Taken::reference).orElse(reference);
        });
    }
}
