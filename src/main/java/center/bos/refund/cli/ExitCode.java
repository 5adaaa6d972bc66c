// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

/** The exit codes. */
final class ExitCode {
    /** Every row ended SUCCESS, or DUPLICATE of one that did. */
    static final int DONE = 0;
    /** Some row ended otherwise. */
    static final int SOME_ROWS_FAILED = 1;
    /** Bad usage, a missing setting or a file that cannot be read; nothing was sent. */
    static final int USAGE = 2;
    /** BOS, the token endpoint or the ledger could not be reached, or the command was stopped; run it again to continue. */
    static final int NOT_FINISHED = 3;

    private ExitCode() {
    }
}
