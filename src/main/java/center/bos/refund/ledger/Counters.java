package center.bos.refund.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.EnumMap;
import java.util.Map;
import java.util.TreeMap;

/** What one transaction adds to the counters of each batch. */
final class Counters {
    static final String ADD = """
            UPDATE batch SET success = success + ?, error = error + ?, in_doubt = in_doubt + ?,
                   duplicate = duplicate + ?, rejected = rejected + ? WHERE id = ?""";

    /** In the order of their ids, so that two nodes cannot wait for each other's. */
    private final Map<String, Map<Outcome, Long>> added = new TreeMap<>();

    void add(String batch, Outcome outcome, long rows) {
        added.computeIfAbsent(batch, b -> new EnumMap<>(Outcome.class)).merge(outcome, rows, Long::sum);
    }

    void write(Connection connection) throws SQLException {
        try (PreparedStatement add = connection.prepareStatement(ADD)) {
            write(add);
        }
    }

    /**
     * Writes what was added.
     *
     * @param add {@link #ADD}, prepared
     */
    void write(PreparedStatement add) throws SQLException {
        if (added.isEmpty()) {
            return;
        }
        for (Map.Entry<String, Map<Outcome, Long>> batch : added.entrySet()) {
            bind(add, batch);
            add.addBatch();
        }
        add.executeBatch();
    }

    /** Whether one batch is concerned, and no other. */
    boolean areOfOneBatch() {
        return added.size() == 1;
    }

    /**
     * Writes what was added to the one batch that is concerned.
     *
     * @param add {@link #ADD}, prepared, alone or before another statement
     */
    void writeOne(PreparedStatement add) throws SQLException {
        bind(add, added.entrySet().iterator().next());
        add.execute();
    }

    private static void bind(PreparedStatement add, Map.Entry<String, Map<Outcome, Long>> batch) throws SQLException {
        for (Outcome outcome : Outcome.values()) {
            add.setLong(outcome.ordinal() + 1, batch.getValue().getOrDefault(outcome, 0L));
        }
        add.setString(Outcome.values().length + 1, batch.getKey());
    }
}
