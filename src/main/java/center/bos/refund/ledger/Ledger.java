// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.database.LedgerClock;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.database.LedgerUnavailable;
import center.bos.refund.model.Batch;
import center.bos.refund.model.DueRow;
import center.bos.refund.model.NewRow;
import center.bos.refund.model.RowOutcome;
import center.bos.refund.model.Submission;
import center.bos.refund.node.Ownership;
import center.bos.refund.throttle.Throttle;

/**
 * What is to be sent, what was sent, and how it ended: the queue and the record in one. Methods that change the ledger return
 * after the commit, and wait while the database cannot be written. They throw {@link LedgerUnavailable} only if the ledger is
 * closed meanwhile.
 */
@ApplicationScoped
public class Ledger {
    /** Rows that are accepted in one turn: enough for an efficient turn, few enough not to delay others. */
    public static final int PIECE = 500;
    /** How often a waiting caller reads the ledger, because another node may settle its row. */
    private static final Duration LOOK = Duration.ofMillis(100);

    private final RefundConfig config;
    private final Ownership ownership;
    private final Throttle throttle;
    private final ObjectMapper json;
    private final Map<String, CompletableFuture<RowOutcome>> waiting = new ConcurrentHashMap<>();
    private LedgerDatabase database;
    private LedgerClock clock;
    private Dispatcher dispatcher;
    private Stops stops;
    private StoppedRows stoppedRows;
    private Owed owed;
    private Doubts doubts;

    Ledger(RefundConfig config, Ownership ownership, Throttle throttle, ObjectMapper json) {
        this.config = config;
        this.ownership = ownership;
        this.throttle = throttle;
        this.json = json;
    }

    @PostConstruct
    void open() {
        ownership.take();
        begin(LedgerDatabase.open(config), new LedgerClock(InstantSource.system(), System::nanoTime, Thread::sleep))
                .start();
    }

    /** Begins an epoch on that database; the caller starts the dispatcher, or runs each turn. */
    Dispatcher begin(LedgerDatabase opened, LedgerClock clock) {
        database = opened;
        this.clock = clock;
        Turns turns = new Turns(config, database, clock, new Outbox(config, json), this::replaced);
        List<Duration> pauses;
        try {
            pauses = turns.begin();
        } catch (SQLException e) {
            throw LedgerUnavailable.of("the ledger cannot be written", e);
        }
        dispatcher = new Dispatcher(turns, throttle, clock, pauses, this::tell);
        stops = new Stops(database, dispatcher, throttle, config.node());
        stops.restore();
        stoppedRows = new StoppedRows(database, dispatcher, stops, clock);
        owed = new Owed(database, dispatcher, json);
        doubts = new Doubts(database, dispatcher);
        return dispatcher;
    }

    private void replaced() {
        dispatcher.replaced();
        ownership.lost();
    }

    private void tell(Turn turn) {
        if (!waiting.isEmpty()) {
            for (Turn.Settled settled : turn.settled()) {
                CompletableFuture<RowOutcome> waits = waiting.get(settled.outcome().batch());
                if (waits != null) {
                    waits.complete(settled.outcome());
                }
            }
        }
        if (!turn.settled().isEmpty()) {
            owed.wake();
        }
    }

    @PreDestroy
    void close() {
        dispatcher.close();
        database.close();
    }

    /**
     * Accepts rows; returns once all of them are committed. Rows that were accepted before are skipped.
     *
     * @throws IdInUse if the ledger has another request of that id
     */
    public void accept(Submission submission) throws IdInUse {
        List<NewRow> rows = submission.rows();
        for (int from = 0; from < rows.size(); from += PIECE) {
            List<NewRow> piece = rows.subList(from, Math.min(rows.size(), from + PIECE));
            if (!dispatcher.write(new Write.Accept(submission, piece))) {
                // the id of a request that is not repeatable is made from its content, so the content is the same
                throw new IdInUse(submission.batch(), submission.isRepeatable()
                        ? List.of()
                        : owed.outcomes(submission.batch()).orElse(List.of()));
            }
        }
    }

    /**
     * Starts taking rows, or stops it.
     *
     * @param begin starts the call of a row on another thread; null stops taking rows
     */
    void callWith(Consumer<DueRow> begin) {
        dispatcher.callWith(begin == null ? null : row -> {
            stops.taken(row);
            begin.accept(row);
        });
    }

    /** Takes only rows of these batches from now on: a command must not send rows of other files. */
    public void only(Set<Batch> some) {
        dispatcher.only(some.stream().map(Batch::number).collect(Collectors.toSet()));
    }

    /** Settles a row that was called; the next turn commits it. */
    void settle(DueRow row, Settlement settlement) {
        dispatcher.handIn(new Write.Settle(row, settlement));
    }

    /**
     * Whether this process still owns a row that it took. Asked right before the request is written: a process that was paused
     * for longer than its lease must not send a row that other nodes count as IN_DOUBT.
     */
    public boolean holds(DueRow row) {
        return dispatcher.holds(row.epoch());
    }

    /** Whether a taken row must not be sent, because its batch or this node was stopped since. */
    boolean isStopped(DueRow row) {
        return stops.isStopped(row);
    }

    /**
     * Waits for the outcome of a request of one row, whichever node calls it.
     *
     * @return empty if it is not known in time, or the ledger cannot be read
     */
    public Optional<RowOutcome> await(String batch, Duration time, BooleanSupplier givenUp)
            throws InterruptedException {
        CompletableFuture<RowOutcome> outcome = waiting.computeIfAbsent(batch, b -> new CompletableFuture<>());
        try {
            long end = System.nanoTime() + time.toNanos();
            Optional<RowOutcome> known = lookUp(batch);
            while (known.isEmpty() && System.nanoTime() - end < 0 && !givenUp.getAsBoolean()) {
                known = next(outcome).or(() -> lookUp(batch));
            }
            return known;
        } finally {
            waiting.remove(batch, outcome);
        }
    }

    private static Optional<RowOutcome> next(CompletableFuture<RowOutcome> outcome) throws InterruptedException {
        try {
            return Optional.of(outcome.get(LOOK.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException | ExecutionException e) {
            return Optional.empty();
        }
    }

    private Optional<RowOutcome> lookUp(String batch) {
        try {
            return lookups().outcome(batch, 1);
        } catch (LedgerUnavailable e) { // the request was accepted, so it must not be answered as refused
            return Optional.empty();
        }
    }

    /** Whether another process has taken this node's name; then this process can write no more. */
    public boolean isReplaced() {
        return dispatcher.trouble().isReplaced();
    }

    /** The batches. */
    public Batches batches() {
        return new Batches(database, dispatcher, config);
    }

    /** What waits, and what needs a person. */
    public Workload workload() {
        return database.query(Workload::read);
    }

    /** Erases what is older than that age. */
    public Retention retention(Duration age) {
        return new Retention(database, dispatcher, clock, config.node(), age);
    }

    /** The audit log. */
    public Audit audit() {
        return new Audit(database, dispatcher);
    }

    /** The rows in doubt. */
    public Doubts doubts() {
        return doubts;
    }

    /** Stops and resumes batches, and this node. */
    public Stops stops() {
        return stops;
    }

    /** Applies stops to rows. */
    StoppedRows stoppedRows() {
        return stoppedRows;
    }

    /** The batches and resends that wait for another person's release. */
    public Releases releases() {
        return new Releases(database, dispatcher, stops, config);
    }

    /** The batches whose results must be uploaded to the server that their file came from. */
    public Deliveries deliveries() {
        return new Deliveries(database, dispatcher, config.node());
    }

    /** The outbox, as the consumers that deliver it use it. */
    Owed owed() {
        return owed;
    }

    /** How many outcomes and replies are not delivered yet. */
    public long owedOutcomes() {
        return owed.count();
    }

    /** Queries for rows, pairs and the list of batches. */
    public Lookups lookups() {
        return new Lookups(database);
    }

    /** The newest bearer tokens, for nodes that share the ledger. */
    public SharedTokens tokens() {
        return new SharedTokens(database);
    }

    /** The nodes that share the ledger. */
    public Nodes nodes() {
        return new Nodes(database, dispatcher, clock);
    }

    /** The Idempotency-Keys of callers. */
    public IdempotencyKeys idempotencyKeys() {
        return new IdempotencyKeys(dispatcher);
    }

    /** Throws if the ledger cannot be written now. */
    public void requireWritable() {
        trouble().ifPresent(text -> {
            throw new LedgerUnavailable(text, null);
        });
    }

    /** Why the ledger cannot be written now, or empty if it can. */
    public Optional<String> trouble() {
        return Optional.ofNullable(dispatcher.trouble().text());
    }
}
