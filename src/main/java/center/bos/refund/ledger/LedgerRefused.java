// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.SQLException;
import java.util.Set;

import center.bos.refund.database.LedgerUnavailable;

/** Thrown for a write that the ledger's database refuses for good, whatever its state. */
public final class LedgerRefused extends RuntimeException {
    /** SQLSTATE classes of errors in the data: invalid data, violated constraints, exceeded limits. */
    private static final Set<String> DATA_STATES = Set.of("21", "22", "23", "54");
    /** SQLite's code for an SQL error. */
    private static final int SQLITE_ERROR = 1;
    /** SQLite's TOOBIG, CONSTRAINT, MISMATCH and RANGE. */
    private static final Set<Integer> DATA_CODES = Set.of(18, 19, 20, 25);

    LedgerRefused(Exception cause) {
        super("the ledger refuses this write: " + LedgerUnavailable.reason(cause), cause);
    }

    /** Whether the database rejects the statement itself, as it does each time. */
    static boolean isSqlError(SQLException failure) {
        String state = failure.getSQLState();
        return state != null && state.length() == 5 ? state.startsWith("42") : failure.getErrorCode() == SQLITE_ERROR;
    }

    /** Whether the write itself is at fault, so that it fails each time. */
    static boolean isPermanent(Exception failure) {
        if (!(failure instanceof SQLException sql)) {
            return true;
        }
        String state = sql.getSQLState();
        return state != null && state.length() == 5
                ? DATA_STATES.contains(state.substring(0, 2))
                : DATA_CODES.contains(sql.getErrorCode());
    }
}
