// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.SQLException;
import java.util.Optional;

/** What the Idempotency-Keys of callers stand for. */
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
     * @param request what identifies the request: its SHA-256
     */
    public record Key(String caller, String name, String request) {
    }

    /** Thrown where a key stands for another request. */
    public static final class StandsForAnother extends RuntimeException {
        private static final long serialVersionUID = 1L;

        StandsForAnother() {
            super("this Idempotency-Key stands for another request");
        }
    }

    /** What a key is met for in a turn. */
    enum Use {
        /** It was free, or there is none. */
        NEW,
        /** The same request once more. */
        REPEATED,
        /** Another request. */
        OTHER
    }

    /** Takes a key, or null, in the turn that does what it is for. */
    static Use use(Turn turn, Key key, String reference) throws SQLException {
        if (key == null
                || turn.jdbc().update(TAKE, key.caller(), key.name(), key.request(), reference, turn.now()) == 1) {
            return Use.NEW;
        }
        return turn.jdbc().one(REQUEST, found -> found.getString(1), key.caller(), key.name())
                .filter(key.request()::equals).isPresent() ? Use.REPEATED : Use.OTHER;
    }

    /**
     * Takes a key for a request, or finds what it was taken for; of two at the same moment one takes it.
     *
     * @param reference what the request is to be known by if the key is free
     * @return what the request is known by
     */
    public String take(Key key, String reference) {
        return dispatcher.change(turn -> use(turn, key, reference) == Use.OTHER
                ? Optional.<String>empty()
                : turn.jdbc().one(REFERENCE, found -> found.getString(1), key.caller(), key.name()))
                .orElseThrow(StandsForAnother::new);
    }
}
