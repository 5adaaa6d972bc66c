// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.util.List;

import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.model.Batch;

/** The batches whose results are owed to where their file was fetched from. */
public final class Deliveries {
    private static final String OWE = "INSERT INTO delivery (batch) VALUES (?) ON CONFLICT (batch) DO NOTHING";
    private static final String DUE = Batches.SELECT + """
            JOIN delivery ON delivery.batch = batch.id
            WHERE node = ? AND state <> 'open' AND delivered <> finished_at ORDER BY finished_at""";
    private static final String DELIVERED = "UPDATE delivery SET delivered = ? WHERE batch = ?";

    private final LedgerDatabase database;
    private final Dispatcher dispatcher;
    private final String node;

    Deliveries(LedgerDatabase database, Dispatcher dispatcher, String node) {
        this.database = database;
        this.dispatcher = dispatcher;
        this.node = node;
    }

    /** Notes that results are owed; called before the batch is registered, so that no crash forgets it. */
    public void owe(String batch) {
        dispatcher.change(turn -> turn.jdbc().update(OWE, batch));
    }

    /** Batches of this node that are over and whose results, as they are now, were not delivered; oldest first. */
    public List<Batch> due() {
        return database.list(DUE, Batches::read, node);
    }

    /** Notes that the results of this batch, as it was read, were delivered. */
    public void delivered(Batch batch) {
        dispatcher.change(
                turn -> turn.jdbc().update(DELIVERED, batch.finishedAt().toEpochMilli(), batch.id()));
    }
}
