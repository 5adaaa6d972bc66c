package center.bos.refund.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/** What the Idempotency-Keys of callers stand for. */
public final class IdempotencyKeys {
    private static final String TAKE = """
            INSERT INTO idempotency (caller, name, request, reference, created_at) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (caller, name) DO NOTHING""";
    private static final String STANDS_FOR = "SELECT request, reference FROM idempotency WHERE caller = ? AND name = ?";

    private final GroupCommit writer;

    IdempotencyKeys(GroupCommit writer) {
        this.writer = writer;
    }

    /**
     * Takes a key for a request, or finds what it was taken for; of two at the same moment one takes it.
     *
     * @param request what identifies the request: its SHA-256
     * @param reference what the request is to be known by if the key is free
     * @return what the request is known by, or empty when the key stands for another request
     */
    public Optional<String> take(String caller, String key, String request, String reference) {
        return writer.write(new Write.Change<>((connection, counters) -> {
            try (PreparedStatement take = connection.prepareStatement(TAKE)) {
                take.setString(1, caller);
                take.setString(2, key);
                take.setString(3, request);
                take.setString(4, reference);
                take.setLong(5, System.currentTimeMillis());
                take.executeUpdate();
            }
            return standsFor(connection, caller, key, request);
        }));
    }

    private static Optional<String> standsFor(Connection connection, String caller, String key, String request)
            throws SQLException {
        try (PreparedStatement select = connection.prepareStatement(STANDS_FOR)) {
            select.setString(1, caller);
            select.setString(2, key);
            try (ResultSet found = select.executeQuery()) {
                found.next();
                return request.equals(found.getString(1)) ? Optional.of(found.getString(2)) : Optional.empty();
            }
        }
    }
}
