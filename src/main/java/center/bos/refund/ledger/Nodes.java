// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

import center.bos.refund.database.LedgerClock;
import center.bos.refund.database.LedgerDatabase;

/** The nodes that serve: the URL of each, and the public key of the requests that it signs. */
public final class Nodes {
    private static final String ANNOUNCE = """
            INSERT INTO node (name, url, run, public_key) VALUES (?, ?, ?, ?)
            ON CONFLICT (name) DO UPDATE SET url = excluded.url, run = excluded.run, public_key = excluded.public_key""";
    private static final String RUNNING = """
            SELECT name, url, run, public_key FROM node
            WHERE name = ? AND EXISTS (SELECT 1 FROM epoch WHERE epoch.node = node.name AND ended_at IS NULL)""";
    private static final String NAMES = "SELECT name FROM node";

    private final LedgerDatabase database;
    private final Dispatcher dispatcher;
    private final LedgerClock clock;

    Nodes(LedgerDatabase database, Dispatcher dispatcher, LedgerClock clock) {
        this.database = database;
        this.dispatcher = dispatcher;
        this.clock = clock;
    }

    /**
     * A node.
     *
     * @param url the URL for other nodes, without a slash at its end
     * @param run the id of its present run
     * @param publicKey the public key of that run, in Base64
     */
    public record Node(String name, String url, String run, String publicKey) {

        static Node read(ResultSet found) throws SQLException {
            return new Node(found.getString(1), found.getString(2), found.getString(3), found.getString(4));
        }
    }

    /** Whether other nodes can share the ledger. */
    public boolean isShared() {
        return database.dialect().isShared();
    }

    /** Stores this node's URL and key for the other nodes. */
    public void announce(Node self) {
        dispatcher.change(turn -> turn.jdbc().update(ANNOUNCE, self.name(), self.url(), self.run(),
                self.publicKey()));
    }

    /** The node of that name, if it runs. */
    public Optional<Node> running(String name) {
        return database.list(RUNNING, Node::read, name).stream().findFirst();
    }

    /** The names of all nodes that ever served. */
    public List<String> names() {
        return database.list(NAMES, found -> found.getString(1));
    }

    /** The time of the ledger's clock, which all nodes share, in milliseconds since 1970. */
    public long millis() {
        return database.millis(clock);
    }
}
