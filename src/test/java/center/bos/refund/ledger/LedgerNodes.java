// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.ledger;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.StoreScope;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.testkit.HeldClock;
import center.bos.refund.testkit.PostgresServer;

/** Nodes on one new, empty ledger a test, and one clock for all of them. A server is started once for all tests of a JVM. */
final class LedgerNodes implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
    private final Database database;
    private final HeldClock clock = new HeldClock();
    private final List<LedgerNode> nodes = new ArrayList<>();
    private final FaultyCommits commits = new FaultyCommits();
    private Runnable whileAsleep = () -> {
    };
    private ExtensionContext context;
    private Path folder;
    private String url;

    /** Where the ledger is. */
    enum Database {
        /** In a SQLite file. */
        FILE(null),
        /** At the oldest PostgreSQL that the product supports. */
        OLDEST(PostgresServer.Version.OLDEST),
        /** At the newest PostgreSQL that the product supports. */
        NEWEST(PostgresServer.Version.NEWEST);

        private final PostgresServer.Version version;

        Database(PostgresServer.Version version) {
            this.version = version;
        }
    }

    /**
     * A server for all tests.
     *
     * @param empty the address of a ledger without rows: to copy it takes less than to make its tables
     */
    private record Server(PostgresServer postgres, Path folder, String empty) implements AutoCloseable {
        static Server start(PostgresServer.Version version) {
            Path folder = newFolder();
            PostgresServer postgres = PostgresServer.start(version, folder);
            String empty = postgres.newDatabaseUrl();
            LedgerDatabase.open(LedgerNode.config(Map.of("refund.data", folder.toString(), "refund.node", "one",
                    "refund.ledger.url", empty))).close();
            return new Server(postgres, folder, empty);
        }

        @Override
        public void close() throws IOException {
            postgres.close();
            delete(folder);
        }
    }

    /** Nodes on a ledger in a file. */
    LedgerNodes() {
        this(Database.FILE);
    }

    LedgerNodes(Database database) {
        this.database = database;
    }

    HeldClock clock() {
        return clock;
    }

    /** The faults of all nodes' commits. */
    FaultyCommits commits() {
        return commits;
    }

    /** What goes on in the other nodes while one sleeps. */
    void whileOneSleeps(Runnable others) {
        whileAsleep = others;
    }

    private void sleep(long millis) {
        clock.pass(Duration.ofMillis(millis));
        whileAsleep.run();
    }

    /** The server that the ledger is at. */
    PostgresServer server() {
        return server(database.version).postgres();
    }

    private Server server(PostgresServer.Version version) {
        return context.getStore(StoreScope.LAUNCHER_SESSION, Namespace.create(LedgerNodes.class))
                .computeIfAbsent(version, Server::start, Server.class);
    }

    /** The folder of the test's files. */
    Path folder() {
        return folder;
    }

    /** A node named {@code one} on an empty ledger. */
    LedgerNode open(String... settings) {
        return open(database, settings);
    }

    /** A node named {@code one} on an empty ledger there. */
    LedgerNode open(Database where, String... settings) {
        if (where.version == null) {
            return at("jdbc:sqlite:" + folder.resolve("ledger.db"), settings);
        }
        Server server = server(where.version);
        return at(server.postgres().copyOf(server.empty()), settings);
    }

    /** A node named {@code one} at that address. */
    LedgerNode at(String address, String... settings) {
        url = address;
        return another("one", settings);
    }

    /** Another process on the ledger of the one before, with settings as key, value, key, value. */
    LedgerNode another(String name, String... settings) {
        Map<String, String> all = new HashMap<>(Map.of("refund.data", folder.toString(), "refund.node", name,
                "refund.ledger.url", url));
        for (int i = 0; i < settings.length; i += 2) {
            all.put(settings[i], settings[i + 1]);
        }
        LedgerNode node = LedgerNode.start(all, clock, this::sleep, commits::around);
        nodes.add(node);
        return node;
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext test) {
        Class<?> type = parameter.getParameter().getType();
        return type == LedgerNode.class || type == LedgerNodes.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext test) {
        return parameter.getParameter().getType() == LedgerNodes.class ? this : open();
    }

    @Override
    public void beforeEach(ExtensionContext test) {
        context = test;
        folder = newFolder();
    }

    @Override
    public void afterEach(ExtensionContext test) throws IOException {
        nodes.forEach(LedgerNode::kill);
        delete(folder);
    }

    private static Path newFolder() {
        try {
            return Files.createTempDirectory("refund-ledger-");
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (Stream<Path> files = Files.walk(folder)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        }
    }
}
