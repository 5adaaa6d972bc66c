// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.node;

import java.sql.SQLException;
import java.util.List;
import java.util.UUID;

import org.jboss.logging.Logger;

import center.bos.refund.database.Jdbc;
import center.bos.refund.database.LedgerClock;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.database.LedgerUnavailable;

/** Begins and ends the epochs of this node. */
public final class Epochs {
    private static final Logger LOG = Logger.getLogger(Epochs.class);

    private static final String RUNNING = "SELECT number, commits FROM epoch WHERE node = ? AND ended_at IS NULL";
    private static final String END_OF_NODE = "UPDATE epoch SET ended_at = ? WHERE node = ? AND ended_at IS NULL";
    private static final String END_ALL = "UPDATE epoch SET ended_at = ? WHERE ended_at IS NULL";
    private static final String LAST = "SELECT coalesce(max(number), 0) FROM epoch";
    private static final String BEGIN = "INSERT INTO epoch (number, node, process, alive_at) VALUES (?, ?, ?, ?)"
            + " ON CONFLICT (number) DO NOTHING";
    private static final String ADOPT = "UPDATE batch SET node = ? WHERE node <> ?";
    private static final String ADOPT_PAUSE = "UPDATE OR REPLACE paused_node SET node = ?";
    private static final String END = "UPDATE epoch SET ended_at = ? WHERE number = ? AND ended_at IS NULL";

    private final LedgerDatabase database;
    private final LedgerClock clock;
    private final String process = UUID.randomUUID().toString();

    public Epochs(LedgerDatabase database, LedgerClock clock) {
        this.database = database;
        this.clock = clock;
    }

    private record Sight(long number, long commits) {
    }

    /**
     * Begins a new epoch of a node; its earlier ones have ended with it.
     *
     * @throws LedgerUnavailable if another process runs under the node's name
     */
    public Epoch begin(String node) {
        try {
            if (database.dialect().isShared()) {
                refuseANameInUse(node);
            }
            return begun(node);
        } catch (SQLException e) {
            throw LedgerUnavailable.of("the ledger cannot be written", e);
        }
    }

    /** Begins another epoch of a node that was wrongly taken for dead. */
    public Epoch beginAgain(Epoch ended) throws SQLException {
        return begun(ended.node());
    }

    private Epoch begun(String node) throws SQLException {
        Jdbc jdbc = new Jdbc(database.writer());
        try {
            long now = clock.millis();
            if (database.dialect().isShared()) {
                jdbc.update(END_OF_NODE, now, node);
            } else { // a file has one process: whatever runs there is this node's own past, under whatever name
                jdbc.update(END_ALL, now);
                jdbc.update(ADOPT, node, node);
                jdbc.update(ADOPT_PAUSE, node);
            }
            long number;
            do { // another node may begin at the same moment
                number = jdbc.list(LAST, found -> found.getLong(1)).get(0) + 1;
            } while (jdbc.update(BEGIN, number, node, process, now) == 0);
            jdbc.commit();
            return new Epoch(node, number, database.dialect(), clock);
        } finally {
            jdbc.abandon();
        }
    }

    /** Ends this epoch. */
    public void end(Jdbc jdbc, Epoch epoch) throws SQLException {
        jdbc.update(END, clock.millis(), epoch.number());
        jdbc.commit();
    }

    /**
     * Two processes under one name would each take the other for its own past. One without a heartbeat is ended once it may send no
     * more, even if it is only frozen.
     */
    private void refuseANameInUse(String node) throws SQLException {
        List<Sight> before = running(node);
        if (before.isEmpty()) {
            return;
        }
        LOG.infof("Node %s was not shut down cleanly; checking whether it still runs", node);
        try {
            clock.sleep(Epoch.SENDS.plusMillis(500));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Sight after : running(node)) {
            if (!before.contains(after)) {
                throw new LedgerUnavailable("another process runs as node " + node
                        + ": set refund.node to a name of its own for each node", null);
            }
        }
    }

    private List<Sight> running(String node) {
        return database.list(RUNNING, found -> new Sight(found.getLong(1), found.getLong(2)), node);
    }
}
