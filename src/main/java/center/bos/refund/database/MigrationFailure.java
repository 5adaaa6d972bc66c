// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.database;

import java.sql.SQLException;
import java.util.Optional;

import org.flywaydb.core.api.CoreErrorCode;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.exception.FlywayValidateException;

/** Says what to do if the ledger's tables cannot be created in the configured database. */
final class MigrationFailure {
    private static final String OWN = ": give the ledger a schema of its own, or a database"
            + " (refund.ledger.url=jdbc:postgresql://host/database?currentSchema=refund; a role that may not make it:"
            + " CREATE SCHEMA refund AUTHORIZATION that_role)";

    private MigrationFailure() {
    }

    /** What to do, or empty where the failure is of another kind. */
    static Optional<String> advice(Exception failure) {
        if (failure instanceof FlywayValidateException) {
            return Optional
                    .of("its place holds the tables of another program, or of another version of the ledger, which is then the"
                            + " one to start" + OWN);
        }
        if (failure instanceof FlywayException flyway
                && flyway.getErrorCode() == CoreErrorCode.NON_EMPTY_SCHEMA_WITHOUT_SCHEMA_HISTORY_TABLE) {
            return Optional.of("its place is not empty and holds no ledger" + OWN);
        }
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && "42501".equals(sql.getSQLState())) {
                return Optional
                        .of("refund.ledger.user may not make tables there (" + LedgerUnavailable.reason(sql) + ")"
                                + OWN);
            }
        }
        return Optional.empty();
    }
}
