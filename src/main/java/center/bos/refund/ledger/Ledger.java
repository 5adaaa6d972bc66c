package center.bos.refund.ledger;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;

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
    private Batches batches;
    private Deliveries deliveries;
    private Epoch epoch;

    Ledger(RefundConfig config, Ownership ownership) {
        this.config = config;
        this.ownership = ownership;
    }

    @PostConstruct
    void open() {
        ownership.take();
        database = LedgerDatabase.open(config);
        String node = config.node().orElseGet(Ledger::hostName);
        Epochs epochs = new Epochs(database, config.inDoubt());
        epoch = epochs.begin(node);
        writer = new GroupCommit(database, OPERATION, epoch, config.duplicateWindow());
        batches = new Batches(database, writer, node);
        deliveries = new Deliveries(database, writer, node);
    }

    @PreDestroy
    void close() {
        writer.close();
        database.close();
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return "localhost";
        }
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
        return writer.write(new Write.SettleRow(outcome, answer));
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

    /** Why nothing can be written at this moment, or empty when all is well. */
    public Optional<String> trouble() {
        return Optional.ofNullable(writer.trouble());
    }
}
