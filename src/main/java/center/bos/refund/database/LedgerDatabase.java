// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.database;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.resource.LoadableResource;
import org.flywaydb.core.internal.resource.classpath.ClassPathResource;
import org.postgresql.PGConnection;

import center.bos.refund.config.RefundConfig;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.AgroalConnectionPoolConfiguration.ConnectionValidator;
import io.agroal.api.configuration.supplier.AgroalConnectionFactoryConfigurationSupplier;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;

/**
 * The ledger's database: SQLite in a file, or PostgreSQL, as the URL says. Its tables are up to date.
 *
 * @param writers for the one writer, without auto-commit, with commits that reach the disk before they return
 * @param readers for queries
 */
public record LedgerDatabase(Dialect dialect, Connections writers, Connections readers,
        Runnable onClose) implements AutoCloseable {
    /** Names that every JDBC driver knows. */
    private static final String USER = "user";
    private static final String PASSWORD = "password";
    /** No exception from the check that each migration of the ledger is known; Flyway would let a newer version's pass. */
    private static final String[] ALL_KNOWN = {};

    /** The encodings of PostgreSQL that hold every character. */
    private static final Set<String> CHARSETS = Set.of("UTF8", "SQL_ASCII");

    /** Where connections come from. */
    @FunctionalInterface
    public interface Connections {
        Connection open() throws SQLException;
    }

    private static AgroalDataSource pool(String url, Dialect dialect, Properties login) throws SQLException {
        return AgroalDataSource
                .from(new AgroalDataSourceConfigurationSupplier().connectionPoolConfiguration(pool -> {
                    pool.initialSize(0).minSize(0).maxSize(8).acquisitionTimeout(Duration.ofSeconds(10));
                    if (dialect.isShared()) { // a connection may have ended with the server that it was to
                        pool.validateOnBorrow(true).connectionValidator(ConnectionValidator.defaultValidator());
                    }
                    pool.connectionFactoryConfiguration(factory -> {
                        factory.connectionProviderClass(
                                dialect.isShared() ? org.postgresql.Driver.class : org.sqlite.JDBC.class);
                        factory.jdbcUrl(url).initialSql(dialect.isShared() ? "" : "PRAGMA busy_timeout = 5000");
                        login.stringPropertyNames().forEach(key -> setLogin(factory, key, login.getProperty(key)));
                        return factory;
                    });
                    return pool;
                }));
    }

    /** The pool takes user and password separately, and refuses them among the driver's properties. */
    private static void setLogin(AgroalConnectionFactoryConfigurationSupplier factory, String key, String value) {
        switch (key) {
            case USER -> factory.principal(new NamePrincipal(value));
            case PASSWORD -> factory.credential(new SimplePassword(value));
            default -> factory.jdbcProperty(key, value);
        }
    }

    /**
     * Opens the configured database and brings its tables up to date.
     *
     * @throws LedgerUnavailable if it cannot be opened or migrated
     */
    public static LedgerDatabase open(RefundConfig config) {
        String url = url(config);
        Dialect dialect = Dialect.of(url);
        Properties login = login(config.ledger());
        try {
            if (dialect.isShared()) {
                Connections simple = () -> DriverManager.getConnection(url, Pooler.properties(login));
                Pooler.refuse(simple);
                refuseOtherCharset(simple);
            }
            AgroalDataSource readers = pool(url, dialect, login);
            migrate(url, dialect, login, config.retention().isPresent());
            return new LedgerDatabase(dialect, () -> writer(url, dialect, login), readers::getConnection,
                    readers::close);
        } catch (SQLException | FlywayException e) {
            throw new LedgerUnavailable("the ledger cannot be opened: " + MigrationFailure.advice(e)
                    .orElseGet(() -> LedgerUnavailable.reason(e)), e);
        }
    }

    /** An outcome whose message has a character that the database does not have could not be stored. */
    private static void refuseOtherCharset(Connections connections) throws SQLException {
        try (Connection connection = connections.open()) {
            String charset = connection.unwrap(PGConnection.class).getParameterStatus("server_encoding");
            if (charset != null && !CHARSETS.contains(charset)) {
                throw new LedgerUnavailable(
                        "the ledger cannot be opened: refund.ledger.url leads to a database with the"
                                + " encoding " + charset
                                + ": it needs one with UTF8 (CREATE DATABASE refunds ENCODING 'UTF8'"
                                + " LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0)",
                        null);
            }
        }
    }

    /**
     * A connection to the ledger for queries; empty if there is none yet.
     *
     * @throws LedgerUnavailable if it cannot be read, or this user may not write beside the file, as SQLite must to read it
     */
    public static Optional<Connection> readOnly(RefundConfig config) {
        if (!isShared(config) && Files.notExists(file(config))) {
            return Optional.empty(); // to connect would make it
        }
        if (!isShared(config) && !Files.isWritable(file(config).toAbsolutePath().getParent())) {
            throw new LedgerUnavailable("the ledger cannot be read: " + System.getProperty("user.name")
                    + " may not write to " + file(config).toAbsolutePath().getParent()
                    + ", which SQLite needs: run this as the service's user", null);
        }
        try {
            Connection connection = DriverManager.getConnection(url(config), login(config.ledger()));
            boolean hasTables = false;
            try (ResultSet tables = connection.getMetaData().getTables(null, connection.getSchema(), "pair", null)) {
                hasTables = tables.next();
            } finally {
                if (!hasTables) {
                    connection.close();
                }
            }
            return hasTables ? Optional.of(connection) : Optional.empty();
        } catch (SQLException e) {
            throw unreadable(e);
        }
    }

    /** The result of a query on such a connection; empty if there is no ledger yet, or the result is null. */
    public static <T> Optional<T> read(RefundConfig config, Query<T> query) {
        Optional<Connection> found = readOnly(config);
        if (found.isEmpty()) {
            return Optional.empty();
        }
        try (Connection connection = found.get(); Jdbc jdbc = new Jdbc(connection)) {
            return Optional.ofNullable(query.run(jdbc));
        } catch (SQLException e) {
            throw unreadable(e);
        }
    }

    /** The file of SQLite. */
    private static Path file(RefundConfig config) {
        return Path.of(url(config).replaceFirst("^jdbc:sqlite:(file:)?", "").replaceFirst("\\?.*", ""));
    }

    private static String url(RefundConfig config) {
        return config.ledger().url().orElseGet(() -> "jdbc:sqlite:" + config.data().resolve("ledger.db"));
    }

    /** With timeouts for a database that does not answer; the URL overrides them. */
    private static Properties login(RefundConfig.LedgerUrl ledger) {
        Properties login = new Properties();
        if (ledger.url().map(Dialect::of).filter(Dialect::isShared).isPresent()) {
            login.setProperty("connectTimeout", "5");
            login.setProperty("socketTimeout", "30");
            login.setProperty("tcpKeepAlive", "true");
            login.setProperty("logServerErrorDetail", "false"); // it holds a row's values
        }
        ledger.user().ifPresent(user -> login.setProperty(USER, user));
        ledger.password().ifPresent(password -> login.setProperty(PASSWORD, password));
        return login;
    }

    /** Whether other nodes may use the configured ledger at the same time. */
    public static boolean isShared(RefundConfig config) {
        return Dialect.of(url(config)).isShared();
    }

    private static Connection writer(String url, Dialect dialect, Properties login) throws SQLException {
        Connection connection = DriverManager.getConnection(url, login);
        try {
            try (Statement statement = connection.createStatement()) {
                for (String setting : dialect.writerSetUp()) {
                    statement.execute(setting);
                }
            }
            connection.setAutoCommit(false);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** The writer's connection; its commits are flushed to disk before they return. */
    public Connection writer() throws SQLException {
        return writers.open();
    }

    /** A pooled connection for queries. */
    public Connection reader() throws SQLException {
        return readers.open();
    }

    /** A query. */
    @FunctionalInterface
    public interface Query<T> {
        T run(Jdbc jdbc) throws SQLException;
    }

    /** Runs a query on a pooled connection. */
    public <T> T query(Query<T> query) {
        try (Connection connection = reader(); Jdbc jdbc = new Jdbc(connection)) {
            return query.run(jdbc);
        } catch (SQLException e) {
            throw unreadable(e);
        }
    }

    /**
     * All rows of a query, on a pooled connection.
     *
     * @param values texts and numbers for its question marks, in their order
     */
    public <T> List<T> list(String sql, Jdbc.RowReader<T> reader, Object... values) {
        return query(jdbc -> jdbc.list(sql, reader, values));
    }

    /** The first row of a query, as {@link #list}. */
    public <T> Optional<T> one(String sql, Jdbc.RowReader<T> reader, Object... values) {
        return query(jdbc -> jdbc.one(sql, reader, values));
    }

    /** The time of the ledger's clock, in milliseconds since 1970: the server's if nodes share it, else that of this process. */
    public long millis(LedgerClock own) {
        return one("SELECT " + dialect.clock(), found -> found.getLong(1), own.millis()).orElseThrow();
    }

    public static LedgerUnavailable unreadable(SQLException e) {
        return LedgerUnavailable.of("the ledger cannot be read", e);
    }

    /** SQLite returns space only if the file was created with this setting. */
    private static void migrate(String url, Dialect dialect, Properties login, boolean givesSpaceBack) {
        Flyway.configure().initSql(givesSpaceBack && !dialect.isShared() ? "PRAGMA auto_vacuum = INCREMENTAL" : null)
                .dataSource(url, login.getProperty(USER), login.getProperty(PASSWORD))
                .resourceProvider(new BundledMigrations(dialect.migrations())).ignoreMigrationPatterns(ALL_KNOWN)
                .placeholders(dialect.placeholders()).load().migrate();
    }

    @Override
    public void close() {
        onClose.run();
    }

    private record BundledMigrations(List<String> names) implements ResourceProvider {
        @Override
        public LoadableResource getResource(String name) {
            return names.contains(name)
                    ? new ClassPathResource(null, "db/migration/" + name, LedgerDatabase.class.getClassLoader(),
                            StandardCharsets.UTF_8)
                    : null;
        }

        @Override
        public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
            return names.stream().filter(name -> name.startsWith(prefix)).map(this::getResource).toList();
        }
    }
}
