// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/** A real PostgreSQL server on the loopback interface; its data outlives a restart. */
public final class PostgresServer implements AutoCloseable {

    /** The servers that the build puts into {@code target/postgres}, of the machine's own platform. */
    public enum Version {
        /** The oldest that the product supports. */
        OLDEST,
        /** The newest that the product supports. */
        NEWEST;

        private String fileName() {
            return name().toLowerCase(Locale.ROOT);
        }

        private InputStream archive() throws IOException {
            try (JarFile jar = new JarFile(PROGRAMS.resolve(fileName() + ".jar").toFile())) {
                return new ByteArrayInputStream(jar.getInputStream(archiveIn(jar)).readAllBytes());
            }
        }

        private static JarEntry archiveIn(JarFile jar) {
            return jar.stream().filter(entry -> entry.getName().endsWith(".txz")).findFirst().orElseThrow();
        }

        /** The data of a server that nobody has used: the first to ask makes it, which takes longer than to copy it. */
        private synchronized Path unused() throws IOException {
            Path unused;
            try (JarFile jar = new JarFile(PROGRAMS.resolve(fileName() + ".jar").toFile())) {
                unused = PROGRAMS.toAbsolutePath()
                        .resolve(fileName() + "-data-" + Long.toHexString(archiveIn(jar).getCrc()));
            }
            try (FileChannel file = FileChannel.open(PROGRAMS.resolve(fileName() + ".lock"), StandardOpenOption.CREATE,
                    StandardOpenOption.WRITE); FileLock held = file.lock()) {
                if (!Files.isDirectory(unused)) {
                    Path made = Files.createTempDirectory(PROGRAMS.toAbsolutePath(), "data-");
                    run(made, RestService.freePort()).close();
                    Files.move(made, unused);
                }
            }
            return unused;
        }

        private EmbeddedPostgres run(Path data, int port) throws IOException {
            return EmbeddedPostgres.builder().setPort(port).setCleanDataDirectory(false).setPGStartupWait(START)
                    .setDataDirectory(data)
                    // unpacked by whoever is first, under a lock
                    .setOverrideWorkingDirectory(
                            Files.createDirectories(PROGRAMS.resolve(fileName()).toAbsolutePath()).toFile())
                    .setPgBinaryResolver((system, architecture) -> archive()).start();
        }
    }

    private static final Path PROGRAMS = Path.of("target", "postgres");
    private static final Duration START = Duration.ofSeconds(60);

    private final Version version;
    private final Path folder;
    private final int port = RestService.freePort();
    private final AtomicInteger databases = new AtomicInteger();
    private EmbeddedPostgres server;

    private PostgresServer(Version version, Path folder) {
        this.version = version;
        this.folder = folder;
    }

    /** Starts a server whose data is in that folder. */
    public static PostgresServer start(Version version, Path folder) {
        PostgresServer postgres = new PostgresServer(version, folder);
        postgres.start();
        return postgres;
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : (Iterable<Path>) files::iterator) {
                Files.copy(file, to.resolve(from.relativize(file)), StandardCopyOption.COPY_ATTRIBUTES);
            }
        }
    }

    /** Starts it again after a stop, on the same port and with its data. */
    public void start() {
        Path data = folder.resolve("data");
        try {
            if (!Files.isDirectory(data)) {
                Files.createDirectories(folder);
                copy(version.unused(), data);
            }
            server = version.run(data, port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stops it as an administrator does who does not wait for its clients, and starts it again on the same port. */
    public void restart() {
        stop();
        start();
    }

    /** Stops it; connections are cut. */
    public void stop() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Its port. */
    public int port() {
        return port;
    }

    /** The address for {@code refund.ledger.url}, with the user. */
    public String url() {
        return server.getJdbcUrl("postgres", "postgres");
    }

    /** The address of a new, empty database on it. */
    public String newDatabaseUrl() {
        return newDatabaseUrl("template1");
    }

    /** The address of a new database that is a copy of the one of that address, to which nobody may be connected. */
    public String copyOf(String url) {
        return newDatabaseUrl(url.replaceFirst(".*/", "").replaceFirst("\\?.*", ""));
    }

    private String newDatabaseUrl(String template) {
        String name = "refunds" + databases.incrementAndGet();
        try (Connection connection = DriverManager.getConnection(url());
                Statement statement = connection.createStatement()) {
            statement.execute("CREATE DATABASE " + name + " TEMPLATE " + template);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return server.getJdbcUrl("postgres", name);
    }

    /** The address, without a user, of a new, empty database of a new user who has to give that password. */
    public String databaseUrlFor(String user, String password) {
        String name = "refunds" + databases.incrementAndGet();
        try (Connection connection = DriverManager.getConnection(url());
                Statement statement = connection.createStatement()) {
            Path access = folder.resolve("data").resolve("pg_hba.conf");
            Files.writeString(access, "host all " + user + " 127.0.0.1/32 scram-sha-256\n" + Files.readString(access));
            statement.execute("CREATE USER " + user + " PASSWORD '" + password + "'");
            statement.execute("CREATE DATABASE " + name + " OWNER " + user);
            statement.execute("SELECT pg_reload_conf()");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + name;
    }

    @Override
    public void close() {
        stop();
    }
}
