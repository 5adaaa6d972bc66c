// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.util.List;

import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.model.Batch;

/** The batches whose results must be uploaded to the server that their file came from. */
public final class Deliveries {
    private static final String OWE = "INSERT INTO delivery (batch) VALUES (?) ON CONFLICT (batch) DO NOTHING";
    private static final String DUE = Batches.SELECT + """
            JOIN delivery ON delivery.batch = batch.id
            WHERE node = ? AND state <> 'open' AND delivered <> finished_at ORDER BY finished_at""";
    private static final String EARLIER = "SELECT delivered FROM delivery WHERE batch = ?";
    private static final String DELIVERED = "UPDATE delivery SET delivered = ? WHERE batch = ?";

    private final LedgerDatabase database;
    private final Dispatcher dispatcher;
    private final String node;

    Deliveries(LedgerDatabase database, Dispatcher dispatcher, String node) {
        this.database = database;
        this.dispatcher = dispatcher;
        this.node = node;
    }

    /** Records that results must be uploaded; called before the batch is registered, so that a crash cannot lose it. */
    public void owe(String batch) {
        dispatcher.change(turn -> turn.jdbc().update(OWE, batch));
    }

    /** Finished batches of this node whose present results were not uploaded; the oldest first. */
    public List<Batch> due() {
        return database.list(DUE, Batches::read, node);
    }

    /** Whether earlier results of this batch were uploaded. */
    public boolean wasDelivered(Batch batch) {
        return database.one(EARLIER, found -> found.getLong(1) > 0, batch.id()).orElse(false);
    }

    /** Records that the results of this batch, as it was read, were uploaded. */
    public void delivered(Batch batch) {
        dispatcher.change(
                turn -> turn.jdbc().update(DELIVERED, batch.finishedAt().toEpochMilli(), batch.id()));
    }
}
