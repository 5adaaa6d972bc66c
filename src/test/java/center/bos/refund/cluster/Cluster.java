// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cluster;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.Map;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.PostgresServer;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;

/** What nodes share: a PostgreSQL server, and a BOS that counts. */
final class Cluster implements AutoCloseable {
    static final int CONCURRENCY = 16;

    private final Path folder;
    private final BosServer bos = BosServer.start();
    private final PostgresServer postgres;
    private final Map<String, Node> nodes = new LinkedHashMap<>();

    Cluster(PostgresServer.Version version, Path folder) {
        this.folder = folder;
        postgres = PostgresServer.start(version, folder.resolve("postgres"));
    }

    BosServer bos() {
        return bos;
    }

    PostgresServer postgres() {
        return postgres;
    }

    /** The node of that name, made when it is first asked for. */
    Node node(String name) {
        return nodes.computeIfAbsent(name, n -> new Node(n, folder.resolve(n)));
    }

    /** Makes the inbox of a node that has not been started the one that all of them watch. */
    void shareInbox(Node node) {
        try {
            Path shared = Files.createDirectories(folder.resolve("shared-inbox"));
            Files.createDirectories(node.data());
            Files.createSymbolicLink(node.data().resolve("inbox"), shared);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Rows of a batch by the node that sent them. */
    Map<String, Integer> rowsByNode(String batch) throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.url());
                PreparedStatement select = connection.prepareStatement(
                        """
                                SELECT epoch.node, count(*) FROM refund JOIN epoch ON epoch.number = refund.epoch
                                JOIN batch ON batch.number = refund.batch WHERE batch.id = ? GROUP BY epoch.node""")) {
            select.setString(1, batch);
            try (ResultSet found = select.executeQuery()) {
                Map<String, Integer> rows = new LinkedHashMap<>();
                while (found.next()) {
                    rows.put(found.getString(1), found.getInt(2));
                }
                return rows;
            }
        }
    }

    /** The token that the nodes share, as the ledger keeps it. */
    String sealedToken() throws SQLException {
        try (Connection connection = DriverManager.getConnection(postgres.url());
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery("SELECT sealed FROM token")) {
            found.next();
            return found.getString(1);
        }
    }

    /** The run of a node, by which the others know it. */
    String run(String node) {
        return query("SELECT run FROM node WHERE name = '" + node + "'");
    }

    /** The first value that a query finds. */
    String query(String sql) {
        try (Connection connection = DriverManager.getConnection(postgres.url());
                Statement statement = connection.createStatement();
                ResultSet found = statement.executeQuery(sql)) {
            return found.next() ? found.getString(1) : null;
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Changes the ledger by hand. */
    void update(String sql) {
        try (Connection connection = DriverManager.getConnection(postgres.url());
                Statement statement = connection.createStatement()) {
            statement.executeUpdate(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        nodes.values().forEach(Node::stop);
        postgres.close();
        bos.close();
    }

    /** One process of the packaged application with a data folder of its own. */
    final class Node {
        private final String name;
        private final Path folder;
        private int concurrency = CONCURRENCY;
        private RestService rest;

        private Node(String name, Path folder) {
            this.name = name;
            this.folder = folder;
        }

        Path data() {
            return folder.resolve("data");
        }

        Path outbox() {
            return data().resolve("outbox");
        }

        /** Sets how many calls it makes at once, from its next start on. */
        Node concurrency(int calls) {
            concurrency = calls;
            return this;
        }

        /** Starts it as a service, after a kill too. */
        Node serve() {
            rest = RestService.launch(launch(), folder);
            return this;
        }

        RefundProcess.Launch launch() {
            return RefundProcess.in(folder).archived().against(bos).env("REFUND_NODE", name)
                    .env("REFUND_LEDGER_URL", postgres.url())
                    .env("REFUND_CONCURRENCY", Integer.toString(concurrency)).env("REFUND_HTTP_PORT", "0");
        }

        /** The service that was started last, or null. */
        RestService rest() {
            return rest;
        }

        RefundProcess process() {
            return rest.process();
        }

        /** Drops a file into its inbox as writers should: under another name first. */
        void drop(Path file) {
            try {
                Path inbox = data().resolve("inbox");
                if (Files.notExists(inbox)) {
                    Files.createDirectories(inbox);
                }
                Path part = inbox.resolve(file.getFileName() + ".part");
                Files.copy(file, part, StandardCopyOption.REPLACE_EXISTING);
                Files.move(part, inbox.resolve(file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private void stop() {
            if (rest != null) {
                rest.close();
            }
        }
    }
}
