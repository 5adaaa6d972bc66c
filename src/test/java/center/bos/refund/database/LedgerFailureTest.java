// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Properties;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.sqlite.JDBC;

/** What is said of a database that fails, and whether a supervisor should try again. */
class LedgerFailureTest {
    @TempDir
    Path folder;

    @Test
    void aFullDiskIsWhatIsSaidAndMayPass() throws SQLException {
        Connection connection = connect(folder.resolve("full.db"));
        Jdbc jdbc = new Jdbc(connection);
        jdbc.update("CREATE TABLE filler (content BLOB)");
        jdbc.list("PRAGMA max_page_count = 3", found -> true);
        connection.setAutoCommit(false);
        SQLException full = catchThrowableOfType(SQLException.class, () -> {
            try {
                jdbc.update("INSERT OR ROLLBACK INTO filler VALUES (zeroblob(100000))");
            } finally {
                jdbc.abandon(); // of a transaction that SQLite has rolled back
            }
        });

        LedgerUnavailable said = LedgerUnavailable.of("the ledger cannot be written", full);
        assertThat(said).hasMessageContaining("[SQLITE_FULL]");
        assertThat(said.mayPass()).isTrue();
        assertThat(connection.isClosed()).isTrue();
    }

    @Test
    void aFileThatIsNoLedgerStaysOne() throws Exception {
        Path file = Files.writeString(folder.resolve("text.db"), "this is a text, and no database\n".repeat(100));
        try (Connection connection = connect(file); Jdbc jdbc = new Jdbc(connection)) {
            SQLException refused = catchThrowableOfType(SQLException.class,
                    () -> jdbc.update("CREATE TABLE pair (id INT)"));
            assertThat(LedgerUnavailable.of("the ledger cannot be opened", refused).mayPass()).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource({"08001, true", "40P01, true", "57P03, true", "53300, true", "25006, true", "55P03, true",
            "28P01, false", "3D000, false",
            "42501, false"})
    void aServerThatIsAwayComesBackAndALoginThatIsWrongStaysWrong(String state, boolean mayPass) {
        SQLException refused = new SQLException("said", state);
        assertThat(LedgerUnavailable.of("the ledger cannot be opened", refused).mayPass()).isEqualTo(mayPass);
    }

    private static Connection connect(Path file) throws SQLException {
        return JDBC.createConnection("jdbc:sqlite:" + file, new Properties());
    }
}
