package center.bos.refund.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;

/** What one transaction adds to the counters of each batch. */
final class Counters {
    private static final String ADD = """
            UPDATE batch SET success = success + ?, error = error + ?, in_doubt = in_doubt + ?,
                   duplicate = duplicate + ?, rejected = rejected + ? WHERE id = ?""";

    private final Map<String, Map<Outcome, Long>> added = new HashMap<>();

    void add(String batch, Outcome outcome, long rows) {
        added.computeIfAbsent(batch, b -> new EnumMap<>(Outcome.class)).merge(outcome, rows, Long::sum);
    }

    void write(Connection connection) throws SQLException {
        if (added.isEmpty()) {
            return;
        }
        try (PreparedStatement statement = connection.prepareStatement(ADD)) {
            for (Map.Entry<String, Map<Outcome, Long>> batch : added.entrySet()) {
                for (Outcome outcome : Outcome.values()) {
                    statement.setLong(outcome.ordinal() + 1, batch.getValue().getOrDefault(outcome, 0L));
                }
                statement.setString(Outcome.values().length + 1, batch.getKey());
                statement.addBatch();
            }
            statement.executeBatch();
        }
    }
}
