// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.database;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashSet;
import java.util.Properties;
import java.util.Set;

import org.postgresql.PGConnection;

/**
 * Detects a connection pool that gives each transaction another server connection, such as PgBouncer with
 * {@code pool_mode=transaction}. Behind it, a session's settings and prepared statements are not this process' own.
 */
final class Pooler {
    private static final int LOOKS = 10;

    private Pooler() {
    }

    /** For connections that prepare nothing on the server. */
    static Properties properties(Properties login) {
        Properties simple = new Properties();
        simple.putAll(login);
        simple.setProperty("preferQueryMode", "simple");
        return simple;
    }

    /**
     * Refuses such a pool.
     *
     * @throws LedgerUnavailable if there is one
     */
    static void refuse(LedgerDatabase.Connections connections) throws SQLException {
        try (Connection one = connections.open()) {
            if (process(one) == one.unwrap(PGConnection.class).getBackendPID()) {
                return; // the server itself
            }
            try (Connection two = connections.open()) {
                if (isShared(one, two)) {
                    throw new LedgerUnavailable(
                            "the ledger cannot be opened: refund.ledger.url leads to a connection pool"
                                    + " that gives each transaction another connection (PgBouncer: pool_mode=transaction), which a"
                                    + " ledger cannot rely on: write PostgreSQL's own address, or use pool_mode=session",
                            null);
                }
            }
        }
    }

    private static boolean isShared(Connection one, Connection two) throws SQLException {
        Set<Integer> ones = new HashSet<>();
        Set<Integer> twos = new HashSet<>();
        for (int look = 0; look < LOOKS; look++) {
            ones.add(process(one));
            twos.add(process(two));
        }
        int both = ones.size() + twos.size();
        ones.addAll(twos);
        return both > 2 || ones.size() < both;
    }

    private static int process(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("SELECT pg_backend_pid()")) {
            found.next();
            return found.getInt(1);
        }
    }
}
