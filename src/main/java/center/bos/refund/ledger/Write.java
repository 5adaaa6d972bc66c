// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

import center.bos.refund.model.DueRow;
import center.bos.refund.model.NewRow;
import center.bos.refund.model.Submission;

/** A write for the dispatcher, and the future of its result. */
public abstract sealed class Write<T> {
    private final CompletableFuture<T> done = new CompletableFuture<>();
    private T result;

    /** Accepts rows; those that the ledger has already are skipped. The result is false if another request has the id. */
    static final class Accept extends Write<Boolean> {
        final Submission submission;
        final List<NewRow> rows;

        /** Accepts these rows of the submission. */
        Accept(Submission submission, List<NewRow> rows) {
            this.submission = submission;
            this.rows = rows;
        }
    }

    /** Settles a row that was called; the result is false if this process no longer owned the row. */
    public static final class Settle extends Write<Boolean> {
        final DueRow row;
        final Settlement settlement;

        Settle(DueRow row, Settlement settlement) {
            this.row = row;
            this.settlement = settlement;
        }
    }

    /** Any other change. */
    public static final class Change<T> extends Write<T> {
        private final Statements<T> statements;
        private RuntimeException refusal;

        Change(Statements<T> statements) {
            this.statements = statements;
        }

        void apply(Turn turn) throws SQLException {
            refusal = null;
            try {
                result(statements.run(turn));
            } catch (IdempotencyKeys.StandsForAnother e) { // nothing was changed, and the other writes of the turn go on
                refusal = e;
            }
        }

        @Override
        void durable() {
            if (refusal == null) {
                super.durable();
            } else {
                failed(refusal);
            }
        }
    }

    /** The statements of a {@link Change}. They may run more than once, each time from a rolled back state. */
    @FunctionalInterface
    public interface Statements<T> {
        T run(Turn turn) throws SQLException;
    }

    /** Sets what {@link #await()} returns once the write is durable. */
    final void result(T value) {
        this.result = value;
    }

    /** What was set last. */
    final T result() {
        return result;
    }

    void durable() {
        done.complete(result);
    }

    final void failed(RuntimeException cause) {
        done.completeExceptionally(cause);
    }

    /** Whether {@link #await()} returns at once. */
    final boolean isOver() {
        return done.isDone();
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
