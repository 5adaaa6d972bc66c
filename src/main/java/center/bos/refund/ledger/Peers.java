package center.bos.refund.ledger;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

import org.jboss.logging.Logger;

/**
 * Watches the other nodes of a shared ledger. One that claims rows and gives no sign of life for a whole lease, by this
 * node's own clock, is taken for dead: its epoch ends, so that it can record nothing more, and its claims are in doubt.
 */
final class Peers implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(Peers.class);
    private static final String CLAIMING = """
            SELECT name, epoch, process, commits FROM node WHERE name <> ? AND claims <> ''""";
    private static final String TAKE = """
            UPDATE node SET epoch = epoch + 1 WHERE name = ? AND epoch = ? AND commits = ?""";
    /** Whoever has not looked for so long may have missed signs of life. */
    private static final long LATE = 3 * Heartbeat.INTERVAL.toNanos();

    private final GroupCommit writer;
    private final Epochs epochs;
    private final String self;
    private final ScheduledExecutorService clock;
    private final Map<String, Sight> seen = new HashMap<>();
    private long lastLook = System.nanoTime();

    /** A sign of life, and when it was first seen. */
    private record Sight(long commits, long nanos) {
    }

    Peers(GroupCommit writer, Epochs epochs, String self) {
        this.writer = writer;
        this.epochs = epochs;
        this.self = self;
        clock = Executors.newSingleThreadScheduledExecutor(task -> {
            Thread thread = new Thread(task, "ledger-peers");
            thread.setDaemon(true);
            return thread;
        });
        long interval = Heartbeat.INTERVAL.toMillis();
        clock.scheduleWithFixedDelay(this::look, interval, interval, TimeUnit.MILLISECONDS);
    }

    private void look() {
        try {
            writer.write(new Write.Change<>(this::look));
        } catch (LedgerUnavailable | LedgerRefused e) {
            LOG.debug("looking at the other nodes", e);
        }
    }

    private Void look(Connection connection, Counters counters) throws SQLException {
        long now = System.nanoTime();
        if (now - lastLook > LATE) {
            seen.clear();
        }
        lastLook = now;
        List<Epoch> claiming = claiming(connection);
        seen.keySet().retainAll(claiming.stream().map(Epoch::node).toList());
        for (Epoch peer : claiming) {
            boolean over = peer.process().isEmpty() || isSilent(peer, now);
            if (over && take(connection, peer)) {
                int claims = epochs.doubt(connection, counters, peer.node(), peer.number() + 1);
                if (claims > 0) { // the list may still name rows that had their outcome
                    LOG.warnf("Node %s gives no sign of life; its %d calls in flight are in doubt", peer.node(),
                            claims);
                }
            }
        }
        return null;
    }

    private List<Epoch> claiming(Connection connection) throws SQLException {
        return LedgerDatabase.list(connection, CLAIMING, found -> new Epoch(found.getString(1), found.getString(3),
                found.getLong(2), found.getLong(4)), self);
    }

    private boolean isSilent(Epoch peer, long now) {
        Sight sight = seen.get(peer.node());
        if (sight == null || sight.commits() != peer.commits()) {
            seen.put(peer.node(), new Sight(peer.commits(), now));
            return false;
        }
        return now - sight.nanos() > Heartbeat.LEASE.toNanos();
    }

    /** Fails when the node has shown a sign of life meanwhile, or another node was quicker. */
    private static boolean take(Connection connection, Epoch peer) throws SQLException {
        try (PreparedStatement take = connection.prepareStatement(TAKE)) {
            take.setString(1, peer.node());
            take.setLong(2, peer.number());
            take.setLong(3, peer.commits());
            return take.executeUpdate() == 1;
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
    }
}
