package center.bos.refund.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Optional;

/** A row as it stands in the ledger; {@code outcome} is null while it is OPEN or SENDING. */
record StoredRow(boolean open, int sends, int attempts, RowOutcome outcome) {
    static final String COLUMNS = """
            batch, line, referenceid, ackno, state, sends, attempts, claimed_at, answered_at,
            response_code, http_status, message""";

    /** The row at that place, or empty where the ledger has none. */
    static Optional<StoredRow> find(Connection connection, String batch, long line) throws SQLException {
        try (PreparedStatement select = connection
                .prepareStatement("SELECT " + COLUMNS + " FROM refund WHERE batch = ? AND line = ?")) {
            select.setString(1, batch);
            select.setLong(2, line);
            try (ResultSet found = select.executeQuery()) {
                return found.next() ? Optional.of(read(found)) : Optional.empty();
            }
        }
    }

    static StoredRow read(ResultSet found) throws SQLException {
        String state = found.getString("state");
        boolean open = "OPEN".equals(state);
        RowOutcome outcome = open || "SENDING".equals(state)
                ? null
                : new RowOutcome(found.getString("batch"), found.getLong("line"), found.getString("referenceid"),
                        found.getString("ackno"), Outcome.valueOf(state), found.getString("response_code"),
                        (Integer) found.getObject("http_status"), found.getString("message"), found.getInt("attempts"),
                        Instant.ofEpochMilli(found.getLong("answered_at")));
        return new StoredRow(open, found.getInt("sends"), found.getInt("attempts"), outcome);
    }
}
