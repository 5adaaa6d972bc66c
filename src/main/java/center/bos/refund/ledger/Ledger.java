// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.SQLException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
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
import center.bos.refund.node.Epochs;
import center.bos.refund.node.Ownership;
import center.bos.refund.node.Peers;
import center.bos.refund.throttle.Throttle;

/**
 * What is to be sent, what was sent, and how it ended: the queue and the record in one. Every method that changes something
 * returns when the change is durable, and waits while the database refuses; it throws {@link LedgerUnavailable} only when
 * the ledger is closed under it.
 */
@ApplicationScoped
public class Ledger {
    /** Rows that are accepted in one turn: enough for an efficient turn, few enough not to delay others. */
    public static final int PIECE = 500;
    /** Another node may settle a row that is waited for here. */
    private static final Duration LOOK = Duration.ofMillis(100);

    private final RefundConfig config;
    private final Ownership ownership;
    private final Throttle throttle;
    private final ObjectMapper json;
    private final Map<String, CompletableFuture<RowOutcome>> waiting = new ConcurrentHashMap<>();
    private LedgerDatabase database;
    private LedgerClock clock;
    private Dispatcher dispatcher;
    private Batches batches;
    private Stops stops;
    private StoppedRows stoppedRows;
    private Releases releases;
    private Deliveries deliveries;
    private Owed owed;

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

    /** Begins an epoch over that database; the dispatcher is still to be started, or to be asked for each turn. */
    Dispatcher begin(LedgerDatabase opened, LedgerClock clock) {
        database = opened;
        this.clock = clock;
        Outbox outbox = new Outbox(config.channel().success().isPresent(), config.channel().error().isPresent(), json);
        Epochs epochs = new Epochs(database, clock);
        long releaseAbove = config.releaseAbove().orElse(Long.MAX_VALUE);
        Rows rows = new Rows(database.dialect());
        Turns turns = new Turns(database, epochs, database.dialect().isShared() ? new Peers(clock) : null,
                new Acceptance(config.node(), config.duplicateWindow(), releaseAbove, outbox), rows,
                new Abandoned(rows, config.inDoubt() == RefundConfig.InDoubt.RESEND), outbox,
                epochs.begin(config.node()), this::replaced);
        List<Duration> pauses;
        try {
            pauses = turns.begin();
        } catch (SQLException e) {
            throw LedgerUnavailable.of("the ledger cannot be written", e);
        }
        dispatcher = new Dispatcher(turns, throttle, clock, pauses, this::tell);
        batches = new Batches(database, dispatcher, config.node(), config.hold(), releaseAbove);
        stops = new Stops(database, dispatcher, throttle, config.node());
        stops.restore();
        stoppedRows = new StoppedRows(database, dispatcher, stops, clock);
        releases = new Releases(database, dispatcher, stops, config.node(), releaseAbove);
        deliveries = new Deliveries(database, dispatcher, config.node());
        owed = new Owed(database, dispatcher, outbox);
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
     * Accepts rows; returns when all of them are durable. Those that were accepted before are passed over.
     *
     * @throws IdInUse if the ledger has another request of that id
     */
    public void accept(Submission submission) throws IdInUse {
        List<NewRow> rows = submission.rows();
        List<Write.Accept> pieces = new ArrayList<>();
        for (int from = 0; from < rows.size(); from += PIECE) {
            pieces.add(new Write.Accept(submission, rows.subList(from, Math.min(rows.size(), from + PIECE))));
        }
        for (Write.Accept piece : pieces) {
            if (!dispatcher.write(piece)) {
                // a request that is told by what it asks asks for the same
                throw new IdInUse(submission.batch(), submission.isRepeatable()
                        ? List.of()
                        : owed.outcomes(submission.batch()).orElse(List.of()));
            }
        }
    }

    /**
     * From now on rows are taken as they may be called.
     *
     * @param begin begins the call of a row, on another thread; or null, and no more rows are taken
     */
    void callWith(Consumer<DueRow> begin) {
        dispatcher.callWith(begin == null ? null : row -> {
            stops.taken(row);
            begin.accept(row);
        });
    }

    /** From now on only rows of these batches are taken, so that nobody is texted because of another file. */
    public void only(Set<Batch> some) {
        dispatcher.only(some.stream().map(Batch::number).collect(Collectors.toSet()));
    }

    /** Settles a row that was called; it is durable with the next turn. */
    void settle(DueRow row, Settlement settlement) {
        dispatcher.handIn(new Write.Settle(row, settlement));
    }

    /**
     * Whether a row that was taken is still this process' own. Asked for right before the request is written: a process that
     * was paused for longer than its lease must not send what others take for in doubt.
     */
    public boolean holds(DueRow row) {
        return dispatcher.holds(row.epoch());
    }

    /** Whether a row that was taken must not leave any more: since then its batch was stopped, or the node. */
    boolean isStopped(DueRow row) {
        return stops.isStopped(row);
    }

    /**
     * Waits for the outcome of a request of one row, whichever node calls it.
     *
     * @return empty when it is not known in time, or while the ledger cannot be read
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
        } catch (LedgerUnavailable e) { // it was accepted, and must not be answered as if it was not
            return Optional.empty();
        }
    }

    /** Whether another process has taken this node's name; then this one can do no more. */
    public boolean isReplaced() {
        return dispatcher.trouble().isReplaced();
    }

    /** The batches. */
    public Batches batches() {
        return batches;
    }

    /** What waits, and what needs a person. */
    public Workload workload() {
        return database.query(Workload::read);
    }

    /** What erases all that is older. */
    public Retention retention(Duration age) {
        return new Retention(database, dispatcher, clock, config.node(), age);
    }

    /** Who did what, when and why. */
    public Audit audit() {
        return new Audit(database, dispatcher);
    }

    /** The rows in doubt. */
    public Doubts doubts() {
        return new Doubts(database, dispatcher);
    }

    /** What stops batches, and this node. */
    public Stops stops() {
        return stops;
    }

    /** What follows from stops. */
    StoppedRows stoppedRows() {
        return stoppedRows;
    }

    /** What waits for another person. */
    public Releases releases() {
        return releases;
    }

    /** The batches whose results are owed to where their file was fetched from. */
    public Deliveries deliveries() {
        return deliveries;
    }

    /** What is owed to channels and to senders. */
    Owed owed() {
        return owed;
    }

    /** Outcomes that are not yet handed over to their channels and senders. */
    public long owedOutcomes() {
        return owed.count();
    }

    /** What callers ask about rows, pairs and the list of batches. */
    public Lookups lookups() {
        return new Lookups(database);
    }

    /** The newest bearer tokens, where nodes share the ledger. */
    public SharedTokens tokens() {
        return new SharedTokens(database);
    }

    /** The nodes that share the ledger. */
    public Nodes nodes() {
        return new Nodes(database, dispatcher, clock);
    }

    /** What the Idempotency-Keys of callers stand for. */
    public IdempotencyKeys idempotencyKeys() {
        return new IdempotencyKeys(dispatcher);
    }

    /** Throws if the ledger cannot be written now. */
    public void requireWritable() {
        trouble().ifPresent(text -> {
            throw new LedgerUnavailable(text, null);
        });
    }

    /** Why nothing can be written at this moment, or empty when all is well. */
    public Optional<String> trouble() {
        return Optional.ofNullable(dispatcher.trouble().text());
    }
}
