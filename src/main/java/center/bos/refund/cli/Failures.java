// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.folder.DataFolder;
import center.bos.refund.model.FileTrouble;

/** Explains in one line why something could not start. */
final class Failures {
    private Failures() {
    }

    /** The message of the most helpful cause: one of our own, else the innermost. */
    static String text(Throwable failure) {
        Throwable last = failure;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof DataFolder.Unusable || cause instanceof LedgerUnavailable || namesSetting(cause)) {
                return cause.getMessage();
            }
            last = cause;
        }
        return FileTrouble.text(last);
    }

    private static boolean namesSetting(Throwable cause) {
        return cause instanceof IllegalArgumentException && cause.getMessage() != null
                && (cause.getMessage().startsWith("bos.") || cause.getMessage().startsWith("refund."));
    }
}
