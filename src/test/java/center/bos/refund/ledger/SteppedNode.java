// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.LongUnaryOperator;

import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.database.Dialect;
import center.bos.refund.database.LedgerClock;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.model.Batch;
import center.bos.refund.model.BosAnswer;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.NewRow;
import center.bos.refund.model.RowOutcome;
import center.bos.refund.model.Stop;
import center.bos.refund.model.Submission;
import center.bos.refund.model.Verdict;
import center.bos.refund.throttle.Throttle;

/** One process: its ledger, dispatcher, throttle and verdicts, without a thread: it does what it is asked for, and nothing else. */
public final class SteppedNode {
    private static final Deed DEED = new Deed("a person", "why", null);

    private final Ledger ledger;
    private final Verdicts verdicts;
    private final Dispatcher dispatcher;

    /** Where connections come from. */
    @FunctionalInterface
    public interface Connections {
        Connection open() throws SQLException;
    }

    /** What the process knows of the time, and how it lets time pass. */
    public interface Time extends InstantSource {
        long nanos();

        void sleep(long millis);
    }

    /** Something that was handed in to be made durable. */
    public static final class Pending<T> {
        private final Write<T> write;

        private Pending(Write<T> write) {
            this.write = write;
        }

        /** Whether {@link #result()} can be asked for. */
        public boolean isOver() {
            return write.isOver();
        }

        /** What came of it, or why it failed. */
        public T result() {
            return write.await();
        }
    }

    /** An undelivered outcome; without an outcome it is a reply. */
    public record Message(long number, RowOutcome outcome, String batch) {
    }

    /**
     * Starts a process.
     *
     * @param shared whether it is one of several nodes
     * @param calls told of each row that was taken
     * @throws LedgerUnavailable if it cannot
     */
    public SteppedNode(RefundConfig config, boolean shared, Connections writers, Connections readers, Time time,
            LongUnaryOperator random, ObjectMapper json, Consumer<DueRow> calls) {
        LongSupplier nanos = time::nanos;
        Throttle throttle = new Throttle(config.concurrency(), config.rate(), nanos, time, null);
        LedgerDatabase database = new LedgerDatabase(shared ? Dialect.POSTGRES : Dialect.SQLITE, writers::open,
                readers::open, () -> {
                });
        ledger = new Ledger(config, () -> {
        }, throttle, json);
        dispatcher = ledger.begin(database, new LedgerClock(time, nanos, time::sleep));
        verdicts = new Verdicts(ledger, throttle, config, random);
        ledger.callWith(calls);
    }

    /** One turn; false when the database refused. */
    public boolean turn() {
        return dispatcher.turn();
    }

    /** Nanoseconds until a turn is due although nobody wrote anything; not positive when one is due now. */
    public long nanosToTurn() {
        return dispatcher.isAnythingLeft() ? 0 : dispatcher.nanosToTurn();
    }

    /** From now on rows are handed to that one, or with null none are taken. */
    public void callWith(Consumer<DueRow> calls) {
        ledger.callWith(calls);
    }

    private <T> Pending<T> handIn(Write<T> write) {
        dispatcher.handIn(write);
        return new Pending<>(write);
    }

    public Pending<Boolean> accept(Submission submission, List<NewRow> piece) {
        return handIn(new Write.Accept(submission, piece));
    }

    /** Registers a file, or goes on with its batch. */
    public Pending<Batch> register(String id, String sha256, int rows, boolean again) {
        return handIn(
                ledger.batches().registration(id, id + ".csv", new Batches.Content(sha256, 1, rows, "asha"), again,
                        same -> true));
    }

    /** The ids of files of this node whose rows are all done and that are not complete. */
    public List<String> finished() {
        return ledger.batches().finished().stream().map(Batch::id).toList();
    }

    public Pending<Integer> complete(String id, Instant at) {
        return handIn(new Write.Change<>(turn -> Batches.markComplete(turn, id, at)));
    }

    public Pending<Boolean> resend(String id, Set<Long> lines) {
        return handIn(Doubts.resending(id, lines, DEED));
    }

    public Pending<Optional<Batch>> pause(String id) {
        return handIn(ledger.stops().changing(Audit.What.PAUSE, id, DEED));
    }

    public Pending<Optional<Batch>> resume(String id) {
        return handIn(ledger.stops().changing(Audit.What.RESUME, id, DEED));
    }

    public Pending<Optional<Batch>> cancel(String id) {
        return handIn(ledger.stops().changing(Audit.What.CANCEL, id, DEED));
    }

    public Pending<Optional<Stop>> pauseNode() {
        return handIn(ledger.stops().pausingNode(DEED));
    }

    public Pending<Integer> resumeNode() {
        return handIn(ledger.stops().resumingNode(DEED));
    }

    /** The next piece of applying stops to rows, if there is one. */
    public Optional<Pending<Boolean>> sweep() {
        return ledger.stoppedRows().piece().map(this::handIn);
    }

    /** Right before the request is written. */
    public boolean holds(DueRow row) {
        return ledger.holds(row) && !ledger.isStopped(row);
    }

    public void settle(DueRow row, BosAnswer answer, Verdict verdict) {
        verdicts.settle(row, answer, verdict);
    }

    /** The names of the channels. */
    public static List<String> channels() {
        return List.of(Outbox.Channel.SUCCESS.name(), Outbox.Channel.ERROR.name(), Outbox.Channel.REPLY.name());
    }

    /** Asks for the lease of a channel. */
    public Pending<Boolean> lease(String channel) {
        return handIn(new Write.Change<>(turn -> Owed.lease(turn, Outbox.Channel.valueOf(channel))));
    }

    public List<Message> owed(String channel, int limit) {
        return ledger.owed().next(Outbox.Channel.valueOf(channel), 0, limit).stream()
                .map(owed -> new Message(owed.number(), owed.outcome(), owed.batch())).toList();
    }

    public Optional<List<RowOutcome>> outcomes(String batch) {
        return ledger.owed().outcomes(batch);
    }

    public Pending<int[]> delivered(List<Long> numbers) {
        return handIn(Owed.delivery(numbers));
    }

    /** Whether another process has taken the node's name. */
    public boolean isReplaced() {
        return ledger.isReplaced();
    }
}
