package center.bos.refund.ledger;

import java.sql.PreparedStatement;
import java.util.List;

/** The batches whose results are owed to where their file was fetched from. */
public final class Deliveries {
    private static final String OWE = "INSERT INTO delivery (batch) VALUES (?) ON CONFLICT (batch) DO NOTHING";
    private static final String DUE = "SELECT " + Batches.COLUMNS + """
             FROM batch JOIN delivery ON delivery.batch = batch.id
            WHERE node = ? AND state <> 'open' AND delivered <> finished_at ORDER BY finished_at""";
    private static final String DELIVERED = "UPDATE delivery SET delivered = ? WHERE batch = ?";

    private final LedgerDatabase database;
    private final GroupCommit writer;
    private final String node;

    Deliveries(LedgerDatabase database, GroupCommit writer, String node) {
        this.database = database;
        this.writer = writer;
        this.node = node;
    }

    /** Notes that results are owed; called before the batch is registered, so that no crash forgets it. */
    public void owe(String batch) {
        writer.write(new Write.Change<Void>((connection, counters) -> {
            try (PreparedStatement owe = connection.prepareStatement(OWE)) {
                owe.setString(1, batch);
                owe.executeUpdate();
            }
            return null;
        }));
    }

    /** Batches of this node that are over and whose results, as they are now, were not delivered; oldest first. */
    public List<Batch> due() {
        return database.list(DUE, Batches::read, node);
    }

    /** Notes that the results of this batch, as it was read, were delivered. */
    public void delivered(Batch batch) {
        writer.write(new Write.Change<Void>((connection, counters) -> {
            try (PreparedStatement update = connection.prepareStatement(DELIVERED)) {
                update.setLong(1, batch.finishedAt().toEpochMilli());
                update.setString(2, batch.id());
                update.executeUpdate();
            }
            return null;
        }));
    }
}
