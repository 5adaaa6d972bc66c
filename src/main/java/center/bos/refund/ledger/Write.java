package center.bos.refund.ledger;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Something that the writer is asked to make durable, and the promise of its result. */
abstract sealed class Write<T> {
    private final CompletableFuture<T> done = new CompletableFuture<>();
    private T result;

    /** Asks for a row's claim. */
    static final class ClaimRow extends Write<Claim> {
        final RefundRow row;
        final long at = System.currentTimeMillis();
        private boolean added;

        ClaimRow(RefundRow row) {
            this.row = row;
        }

        /** Lists the row, before it is claimed. */
        void addTo(ClaimedRows claimed) {
            added |= claimed.add(row);
        }

        /** Takes the row from the list again, unless another claim of it stands there. */
        void removeFrom(ClaimedRows claimed) {
            if (added) {
                claimed.remove(row.batch(), row.line());
            }
        }

        @Override
        void unlist(ClaimedRows claimed) {
            if (!(result() instanceof Claim.Granted)) {
                removeFrom(claimed);
            }
        }
    }

    /** Records a row's outcome; the result is false when the claim was no longer this process' own. */
    static final class SettleRow extends Write<Boolean> {
        final RowOutcome outcome;
        final String answer;

        SettleRow(RowOutcome outcome, String answer) {
            this.outcome = outcome;
            this.answer = answer;
        }

        @Override
        void unlist(ClaimedRows claimed) {
            claimed.remove(outcome.batch(), outcome.line());
        }
    }

    /** Gives a claim back, because BOS did not act on the call; the result is false as in {@link SettleRow}. */
    static final class ReleaseRow extends Write<Boolean> {
        final RefundRow row;
        final int attempts;
        final boolean doubted;

        ReleaseRow(RefundRow row, int attempts, boolean doubted) {
            this.row = row;
            this.attempts = attempts;
            this.doubted = doubted;
        }

        @Override
        void unlist(ClaimedRows claimed) {
            claimed.remove(row.batch(), row.line());
        }
    }

    /** Any other change, in the same transaction as the rest of its group. */
    static final class Change<T> extends Write<T> {
        private final Statements<T> statements;

        Change(Statements<T> statements) {
            this.statements = statements;
        }

        void apply(Connection connection, Counters counters) throws SQLException {
            result(statements.run(connection, counters));
        }
    }

    /** The statements of a {@link Change}. They may run more than once, each time from a rolled back state. */
    @FunctionalInterface
    interface Statements<T> {
        T run(Connection connection, Counters counters) throws SQLException;
    }

    /** Sets what {@link #await()} returns once the group is durable. */
    final void result(T result) {
        this.result = result;
    }

    final T result() {
        return result;
    }

    /** Takes from the list the row that is no longer claimed, now that the write is durable. */
    void unlist(ClaimedRows claimed) {
    }

    final void durable() {
        done.complete(result);
    }

    final void failed(RuntimeException cause) {
        done.completeExceptionally(cause);
    }

    /** Waits until the write is durable. */
    final T await() {
        try {
            return done.join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }
}
