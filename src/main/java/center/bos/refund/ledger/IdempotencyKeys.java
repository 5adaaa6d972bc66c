// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.SQLException;
import java.util.Optional;

/** The Idempotency-Keys of callers, each with the request that it belongs to. */
public final class IdempotencyKeys {
    private static final String TAKE = """
            INSERT INTO idempotency (caller, name, request, reference, created_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (caller, name) DO NOTHING""";
    private static final String REQUEST = "SELECT request FROM idempotency WHERE caller = ? AND name = ?";
    private static final String REFERENCE = "SELECT reference FROM idempotency WHERE caller = ? AND name = ?";

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

    /** Thrown if a key belongs to another request. */
    public static final class StandsForAnother extends RuntimeException {
        private static final long serialVersionUID = 1L;

        StandsForAnother() {
            super("this Idempotency-Key stands for another request");
        }
    }

    /** The result of taking a key. */
    enum Use {
        /** The key was free, or there is no key. */
        NEW,
        /** The key belongs to the same request. */
        REPEATED,
        /** The key belongs to another request. */
        OTHER
    }

    /** Takes a key in the turn of its request; without a key (null) each request is new. */
    static Use use(Turn turn, Key key, String reference) throws SQLException {
        if (key == null
                || turn.jdbc().update(TAKE, key.caller(), key.name(), key.request(), reference, turn.now()) == 1) {
            return Use.NEW;
        }
        return turn.jdbc().one(REQUEST, found -> found.getString(1), key.caller(), key.name())
                .filter(key.request()::equals).isPresent() ? Use.REPEATED : Use.OTHER;
    }

    /**
     * Takes a key for a request, or finds the reference under which it was taken before; of two concurrent requests one takes it.
     *
     * @param reference the id of the request if the key is free
     * @return the id of the request that has the key
     */
    public String take(Key key, String reference) {
        return dispatcher.change(turn -> use(turn, key, reference) == Use.OTHER
                ? Optional.<String>empty()
                : turn.jdbc().one(REFERENCE, found -> found.getString(1), key.caller(), key.name()))
                .orElseThrow(StandsForAnother::new);
    }
}
