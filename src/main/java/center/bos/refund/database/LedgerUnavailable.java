// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.database;

import java.sql.SQLException;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.sqlite.SQLiteErrorCode;
import org.sqlite.SQLiteException;

/** The ledger cannot be opened, read or written; nothing may be sent without it. */
public final class LedgerUnavailable extends RuntimeException {
    /**
     * PostgreSQL's codes (its appendix A) of a standby that is not promoted yet, and the classes: no connection, rollback, no
     * resources, locked, intervention, system error.
     */
    private static final Pattern AWAY = Pattern.compile("25006|(08|40|53|55|57|58)...");
    /** What SQLite says of a file that is no ledger or may not be used. */
    private static final Set<SQLiteErrorCode> BROKEN = Set.of(SQLiteErrorCode.SQLITE_NOTADB,
            SQLiteErrorCode.SQLITE_CORRUPT,
            SQLiteErrorCode.SQLITE_CANTOPEN, SQLiteErrorCode.SQLITE_READONLY, SQLiteErrorCode.SQLITE_PERM);
    private static final String LOGIN = "//[^/\\s]*@|(?<=[?&;])[^=\\s&]*(?i:password|secret)[^=\\s&]*=[^&\\s]*";

    /** Says what failed. */
    public LedgerUnavailable(String message, Throwable cause) {
        super(message, cause);
    }

    /** Whether it may be opened later as it is configured now: the server is away, or the disk is full. */
    public boolean mayPass() {
        return Stream.iterate(getCause(), Objects::nonNull, Throwable::getCause).anyMatch(
                cause -> cause instanceof SQLException sql && (sql instanceof SQLiteException sqlite
                        ? !BROKEN.contains(sqlite.getResultCode())
                        : sql.getSQLState() != null && AWAY.matcher(sql.getSQLState()).matches()));
    }

    /** Adds what the database said, in one line and without the password of an address in it. */
    public static LedgerUnavailable of(String what, Exception cause) {
        return new LedgerUnavailable(what + ": " + reason(cause), cause);
    }

    /** The database's own message, safe for a terminal and a log. */
    public static String reason(Throwable failure) {
        Throwable said = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            said = cause instanceof SQLException ? cause : said;
        }
        return String.valueOf(said.getMessage()).replaceAll("\\s+", " ").replaceAll(LOGIN, "…");
    }
}
