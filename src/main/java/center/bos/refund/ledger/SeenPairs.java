// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.io.IOException;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;

import center.bos.refund.database.Jdbc;
import center.bos.refund.model.Pair;

/** Records where each pair was seen first, in a temporary file of SQLite without a name, so that files of any size can be checked. */
public final class SeenPairs implements AutoCloseable {
    private static final String[] SET_UP = {"PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF",
            """
                    CREATE TABLE seen (referenceid TEXT NOT NULL, ackno TEXT NOT NULL, place TEXT NOT NULL,
                                       PRIMARY KEY (referenceid, ackno)) WITHOUT ROWID""",
            "BEGIN"};
    private static final String MEET = "INSERT INTO seen (referenceid, ackno, place) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
    private static final String FIRST = "SELECT place FROM seen WHERE referenceid = ? AND ackno = ?";

    private final Connection connection;
    private final Jdbc jdbc;

    private SeenPairs() throws SQLException {
        connection = DriverManager.getConnection("jdbc:sqlite:");
        jdbc = new Jdbc(connection);
        for (String sql : SET_UP) {
            jdbc.run(sql);
        }
    }

    /** Starts empty. */
    public static SeenPairs none() throws IOException {
        try {
            return new SeenPairs();
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    /**
     * Records a pair.
     *
     * @param place where it stands, as a person reads it
     * @return where it was seen first, or empty if it is new
     */
    public Optional<String> meet(Pair pair, String place) throws IOException {
        try {
            boolean isNew = jdbc.update(MEET, pair.referenceid(), pair.ackno(), place) == 1;
            return isNew
                    ? Optional.empty()
                    : jdbc.one(FIRST, found -> found.getString(1), pair.referenceid(), pair.ackno());
        } catch (SQLException e) {
            throw new IOException("the temporary file of the check cannot be used: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() throws IOException {
        try {
            connection.close();
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }
}
