// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.node;

import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

import org.jboss.logging.Logger;

import center.bos.refund.database.Jdbc;
import center.bos.refund.database.LedgerClock;

/**
 * Watches the other nodes of a shared ledger. One without a heartbeat for a whole lease, by this node's own clock, is taken for
 * dead: its epoch ends, so that it can record nothing more, and its rows in flight are in doubt.
 */
public final class Peers {
    private static final Logger LOG = Logger.getLogger(Peers.class);
    private static final String RUNNING = """
            SELECT number, node, commits FROM epoch WHERE ended_at IS NULL AND number <> ?""";
    /** One whose turn is under way holds its epoch's row: it lives, and nobody waits for the end of that turn. */
    private static final String END = """
            UPDATE epoch SET ended_at = ? WHERE number = (
                SELECT number FROM epoch WHERE number = ? AND commits = ? AND ended_at IS NULL FOR UPDATE SKIP LOCKED)""";
    /** After such a pause this node may have missed heartbeats, and the end of an epoch. */
    private static final long LATE = 3 * Epoch.INTERVAL.toNanos();

    private final LedgerClock clock;
    private final Map<Long, Sight> seen = new HashMap<>();
    private long lastLook;

    /** A heartbeat, and when it was first seen. */
    private record Sight(long commits, long nanos) {
    }

    private record Peer(long number, String node, long commits) {
    }

    public Peers(LedgerClock clock) {
        this.clock = clock;
        this.lastLook = clock.nanos();
    }

    /** Whether the next check is due. */
    public boolean isDue() {
        return clock.nanos() - lastLook >= Epoch.INTERVAL.toNanos();
    }

    /**
     * Checks all of them.
     *
     * @param own the number of this process' epoch
     * @param millis the time at which the epochs of silent ones end, since 1970
     * @return whether an epoch has ended, or may have
     */
    public boolean look(Jdbc jdbc, long own, long millis) throws SQLException {
        long now = clock.nanos();
        boolean late = now - lastLook > LATE;
        if (late) {
            seen.clear();
        }
        lastLook = now;
        List<Peer> running = jdbc.list(RUNNING,
                found -> new Peer(found.getLong(1), found.getString(2), found.getLong(3)), own);
        boolean ended = seen.keySet().retainAll(running.stream().map(Peer::number).toList()) || late;
        for (Peer peer : running) {
            if (isSilent(peer, now) && jdbc.update(END, millis, peer.number(), peer.commits()) == 1) {
                LOG.warnf("Node %s sends no heartbeat; its calls in flight are in doubt", peer.node());
                ended = true;
            }
        }
        return ended;
    }

    private boolean isSilent(Peer peer, long now) {
        Sight sight = seen.get(peer.number());
        if (sight == null || sight.commits() != peer.commits()) {
            seen.put(peer.number(), new Sight(peer.commits(), now));
            return false;
        }
        return now - sight.nanos() > Epoch.LEASE.toNanos();
    }
}
