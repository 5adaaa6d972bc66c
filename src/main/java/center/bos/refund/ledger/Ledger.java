package center.bos.refund.ledger;

import java.util.Optional;
import java.util.function.Supplier;

import jakarta.annotation.PostConstruct;
import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;

import center.bos.refund.config.RefundConfig;

/**
 * What was sent, and how it ended. Every method that changes something returns when the change is durable, and waits
 * while the database refuses; it throws {@link LedgerUnavailable} only when the ledger is closed under it.
 */
@ApplicationScoped
public class Ledger {
    /** The remote operation whose pairs are guarded. */
    static final String OPERATION = "RefundOTP";

    private final RefundConfig config;
    private final Ownership ownership;
    private LedgerDatabase database;
    private GroupCommit writer;
    private Peers peers;
    private Batches batches;
    private Deliveries deliveries;

    Ledger(RefundConfig config, Ownership ownership) {
        this.config = config;
        this.ownership = ownership;
    }

    @PostConstruct
    void open() {
        ownership.take();
        database = LedgerDatabase.open(config);
        Epochs epochs = new Epochs(database, config.inDoubt());
        writer = new GroupCommit(database, epochs, OPERATION, config.node(), config.duplicateWindow(),
                config.concurrency(), ownership::lost);
        if (database.isShared()) {
            peers = new Peers(writer, epochs, config.node());
        }
        batches = new Batches(database, writer, config.node());
        deliveries = new Deliveries(database, writer, config.node());
    }

    @PreDestroy
    void close() {
        if (peers != null) {
            peers.close();
        }
        writer.close();
        database.close();
    }

    /** Asks to send a row; a malformed row is settled as REJECTED, a repeated pair as DUPLICATE. */
    public Claim claim(RefundRow row) {
        return writer.write(new Write.ClaimRow(row));
    }

    /**
     * Records how a claimed row ended and moves the batch's counters with it.
     *
     * @param answer what BOS said, capped, for an operator to read; may be null
     * @return false when the row was taken from this process, and the outcome does not count
     */
    public boolean settle(RowOutcome outcome, String answer) {
        return handIn(outcome, answer).get();
    }

    /**
     * As {@link #settle}, in two steps. Whatever is claimed after the first of them becomes durable together with the
     * outcome or later, so at no time more rows are claimed than are between their claim and that step.
     *
     * @return waits until the outcome is durable
     */
    public Supplier<Boolean> handIn(RowOutcome outcome, String answer) {
        Write.SettleRow write = new Write.SettleRow(outcome, answer);
        writer.handIn(write);
        return write::await;
    }

    /**
     * Gives a claimed row back, so that it can be claimed again.
     *
     * @param attempts POSTs made for the row so far
     * @param doubted whether it is given back although BOS may have acted
     * @return false when the row was taken from this process
     */
    public boolean release(RefundRow row, int attempts, boolean doubted) {
        return writer.write(new Write.ReleaseRow(row, attempts, doubted));
    }

    /**
     * Whether a claim still keeps other nodes from the row. Asked for right before the request is written: a process that
     * was paused for longer than its lease must not send what others take for in doubt.
     */
    public boolean holds(Claim.Granted claim) {
        return writer.holds(claim.epoch());
    }

    /** Whether another process has taken this node's name; then this one can do no more. */
    public boolean isReplaced() {
        return writer.isReplaced();
    }

    /** The batches. */
    public Batches batches() {
        return batches;
    }

    /** The batches whose results are owed to where their file was fetched from. */
    public Deliveries deliveries() {
        return deliveries;
    }

    /** What callers ask about rows, pairs and the list of batches. */
    public Lookups lookups() {
        return new Lookups(database);
    }

    /** What the Idempotency-Keys of callers stand for. */
    public IdempotencyKeys idempotencyKeys() {
        return new IdempotencyKeys(writer);
    }

    /** Whether other nodes may use the configured ledger at the same time. */
    public static boolean isShared(RefundConfig config) {
        return LedgerDatabase.isShared(config);
    }

    /**
     * Lets those pass who would not have to wait until it can be written again.
     *
     * @throws LedgerUnavailable if nothing can be written at this moment
     */
    public void requireWritable() {
        trouble().ifPresent(text -> {
            throw new LedgerUnavailable(text, null);
        });
    }

    /** Why nothing can be written at this moment, or empty when all is well. */
    public Optional<String> trouble() {
        return Optional.ofNullable(writer.trouble());
    }
}
