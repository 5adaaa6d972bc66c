package center.bos.refund.queue;

import java.util.BitSet;
import java.util.List;
import java.util.Set;

import jakarta.inject.Singleton;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.RefundRow;

/**
 * Which batches this process works. A service works all; a {@code send} works the files that it was given, so that
 * nobody is texted because of a file that an earlier command left unfinished. On a broker that it shares with other nodes
 * it does its share like any of them, for what it passed over would be lost to them.
 */
@Singleton
public class WorkedBatches {
    private final Ledger ledger;
    private final boolean shared;
    private volatile Set<String> named;

    WorkedBatches(Ledger ledger, RefundConfig config) {
        this.ledger = ledger;
        this.shared = !WorkQueue.isEmbedded(config);
    }

    /** From now on only these batches are worked, where the broker is this process' own. */
    public void only(Set<String> batches) {
        if (!shared) {
            named = Set.copyOf(batches);
        }
    }

    /**
     * The rows of a chunk that this process is to work. Of another's batch those are left whose outcome is known and may
     * not have reached its channel; the rest comes again when that batch is gone on with.
     */
    List<RefundRow> toDo(Chunk chunk) {
        List<RefundRow> rows = chunk.refundRows();
        if (named == null || named.contains(chunk.batch()) || rows.isEmpty()) {
            return rows;
        }
        long first = rows.get(0).line();
        BitSet settled = ledger.batches().settledLines(chunk.batch(), first, rows.get(rows.size() - 1).line());
        return rows.stream().filter(row -> settled.get((int) (row.line() - first))).toList();
    }
}
