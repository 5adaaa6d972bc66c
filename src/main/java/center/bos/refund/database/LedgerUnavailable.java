// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.database;

import java.sql.SQLException;

/** The ledger cannot be opened, read or written; nothing may be sent without it. */
public final class LedgerUnavailable extends RuntimeException {
    private static final String LOGIN = "//[^/\\s]*@|(?<=[?&;])[^=\\s&]*(?i:password|secret)[^=\\s&]*=[^&\\s]*";

    /** Says what failed. */
    public LedgerUnavailable(String message, Throwable cause) {
        super(message, cause);
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
