// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import center.bos.refund.database.LedgerUnavailable;

/** A ledger whose tables a newer version has changed. */
class NewerLedgerTest {
    @RegisterExtension
    final LedgerNodes nodes = new LedgerNodes();

    @Test
    void anOlderVersionLeavesItAlone() throws Exception {
        nodes.open().kill();
        try (Connection ledger = DriverManager.getConnection("jdbc:sqlite:" + nodes.folder().resolve("ledger.db"));
                Statement statement = ledger.createStatement()) {
            statement.execute("INSERT INTO flyway_schema_history (installed_rank, version, description, type, script,"
                    + " checksum, installed_by, execution_time, success)"
                    + " VALUES (9, '9', 'of a newer version', 'SQL', 'V9__of_a_newer_version.sql', 1, '', 1, 1)");
        }

        assertThatThrownBy(() -> nodes.another("one")).isInstanceOf(LedgerUnavailable.class)
                .hasMessageContaining("of another version of the ledger");
    }
}
