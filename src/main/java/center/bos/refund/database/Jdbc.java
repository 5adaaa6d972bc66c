// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.database;

import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

import org.jboss.logging.Logger;
import org.postgresql.PGConnection;

/** Statements on one connection, each prepared once. Not thread-safe. */
public final class Jdbc implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Jdbc.class);

    private final Connection connection;
    private final Map<String, PreparedStatement> prepared = new HashMap<>();

    public Jdbc(Connection connection) {
        this.connection = connection;
    }

    /** Reads the current row of a result. */
    @FunctionalInterface
    public interface RowReader<T> {
        T read(ResultSet found) throws SQLException;
    }

    /** The time that a column holds as milliseconds since 1970, or null. */
    public static Instant instant(ResultSet found, int column) throws SQLException {
        long millis = found.getLong(column);
        return found.wasNull() ? null : Instant.ofEpochMilli(millis);
    }

    /** All rows that a statement returns. */
    public <T> List<T> list(String sql, RowReader<T> reader, Object... values) throws SQLException {
        PreparedStatement statement = prepare(sql);
        bind(statement, values);
        try (ResultSet found = statement.executeQuery()) {
            List<T> rows = new ArrayList<>();
            while (found.next()) {
                rows.add(reader.read(found));
            }
            return rows;
        }
    }

    /** The first row that a statement returns; its reader must not return null. */
    public <T> Optional<T> one(String sql, RowReader<T> reader, Object... values) throws SQLException {
        List<T> rows = list(sql, reader, values);
        return rows.isEmpty() ? Optional.empty() : Optional.of(rows.get(0));
    }

    /** Changes rows; returns how many. */
    public int update(String sql, Object... values) throws SQLException {
        PreparedStatement statement = prepare(sql);
        bind(statement, values);
        return statement.executeUpdate();
    }

    /** Runs a statement once for each row, with the values for its question marks; returns how many rows each changed. */
    public <T> int[] batch(String sql, List<T> rows, Function<T, Object[]> values) throws SQLException {
        if (rows.isEmpty()) {
            return new int[0];
        }
        PreparedStatement statement = prepare(sql);
        for (T row : rows) {
            bind(statement, values.apply(row));
            statement.addBatch();
        }
        return statement.executeBatch();
    }

    /** Whether a parameter of a statement can be an array. */
    boolean takesArrays() throws SQLException {
        return connection.isWrapperFor(PGConnection.class);
    }

    /** Values of that type of the database, as one parameter of a statement. */
    Array array(String type, Object[] values) throws SQLException {
        return connection.createArrayOf(type, values);
    }

    /** Runs a statement to its end, whatever it returns. */
    public void run(String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
            try (ResultSet found = statement.getResultSet()) {
                while (found != null && found.next()) {
                    // each step does a part
                }
            }
        }
    }

    public void commit() throws SQLException {
        connection.commit();
    }

    private PreparedStatement prepare(String sql) throws SQLException {
        PreparedStatement statement = prepared.get(sql);
        if (statement == null) {
            statement = connection.prepareStatement(sql);
            prepared.put(sql, statement);
        }
        return statement;
    }

    private static void bind(PreparedStatement statement, Object[] values) throws SQLException {
        for (int i = 0; i < values.length; i++) {
            statement.setObject(i + 1, values[i]);
        }
    }

    /** Closes the statements, not the connection. */
    @Override
    public void close() throws SQLException {
        for (PreparedStatement statement : prepared.values()) {
            statement.close();
        }
    }

    /** Rolls back the transaction, if there is one, and closes the connection. */
    public void abandon() {
        try (connection) {
            connection.rollback();
        } catch (SQLException e) { // the database has done it already, as SQLite does on a full disk, or is away
            LOG.debug("closing a broken connection", e);
        }
    }
}
