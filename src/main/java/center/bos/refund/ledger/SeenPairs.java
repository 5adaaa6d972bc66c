// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Optional;

import center.bos.refund.database.Jdbc;
import center.bos.refund.model.Pair;

/**
 * Records where each pair was seen first, so that files of any size can be checked: in a file that has no name any more, so that no
 * kill leaves it.
 */
public final class SeenPairs implements AutoCloseable {
    private static final String[] SET_UP = {"PRAGMA journal_mode = OFF", "PRAGMA synchronous = OFF",
            """
                    CREATE TABLE seen (referenceid TEXT NOT NULL, ackno TEXT NOT NULL, place TEXT NOT NULL,
                                       PRIMARY KEY (referenceid, ackno)) WITHOUT ROWID""",
            "BEGIN"};
    private static final String MEET = "INSERT INTO seen (referenceid, ackno, place) VALUES (?, ?, ?) ON CONFLICT DO NOTHING";
    private static final String FIRST = "SELECT place FROM seen WHERE referenceid = ? AND ackno = ?";

    private static final String NAME = "refund-check-";

    private final Connection connection;
    private final Jdbc jdbc;

    private SeenPairs(Path file) throws SQLException {
        connection = DriverManager.getConnection("jdbc:sqlite:" + file);
        jdbc = new Jdbc(connection);
        for (String sql : SET_UP) {
            jdbc.run(sql);
        }
    }

    /**
     * Starts empty.
     *
     * @param folder where the file is made, if it may be: the folder for temporary files of a container has no room for many pairs
     */
    public static SeenPairs none(Path folder) throws IOException {
        Path file = Files.isWritable(folder)
                ? Files.createTempFile(folder, NAME, null)
                : Files.createTempFile(NAME, null);
        try {
            return new SeenPairs(file);
        } catch (SQLException e) {
            throw new IOException(e);
        } finally {
            Files.delete(file);
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
