package center.bos.refund.ledger;

import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Properties;

import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.ResourceProvider;
import org.flywaydb.core.api.resource.LoadableResource;

import center.bos.refund.config.RefundConfig;
import io.agroal.api.AgroalDataSource;
import io.agroal.api.configuration.supplier.AgroalDataSourceConfigurationSupplier;
import io.agroal.api.security.NamePrincipal;
import io.agroal.api.security.SimplePassword;

/** The database behind the ledger: SQLite in a file, or PostgreSQL, told apart by the URL alone. */
final class LedgerDatabase implements AutoCloseable {
    /** Added by hand: the class loader of a packaged Quarkus application cannot be listed. */
    private static final List<String> MIGRATIONS = List.of("V1__ledger.sql");

    private final String url;
    private final Properties login = new Properties();
    private final AgroalDataSource readers;

    private LedgerDatabase(String url, String user, String password) throws SQLException {
        this.url = url;
        if (user != null) {
            login.setProperty("user", user);
        }
        if (password != null) {
            login.setProperty("password", password);
        }
        readers = AgroalDataSource
                .from(new AgroalDataSourceConfigurationSupplier().connectionPoolConfiguration(pool -> {
                    pool.initialSize(0).minSize(0).maxSize(8).acquisitionTimeout(Duration.ofSeconds(10));
                    pool.connectionFactoryConfiguration(factory -> {
                        factory.jdbcUrl(url).initialSql(isPostgres() ? "" : "PRAGMA busy_timeout = 5000");
                        if (user != null) {
                            factory.principal(new NamePrincipal(user));
                        }
                        if (password != null) {
                            factory.credential(new SimplePassword(password));
                        }
                        return factory;
                    });
                    return pool;
                }));
    }

    /**
     * Opens the configured database and brings its tables up to date.
     *
     * @throws LedgerUnavailable if it cannot be opened or migrated
     */
    static LedgerDatabase open(RefundConfig config) {
        String url = config.ledger().url().orElseGet(() -> sqliteUrl(config.data()));
        try {
            LedgerDatabase database = new LedgerDatabase(url, config.ledger().user().orElse(null),
                    config.ledger().password().orElse(null));
            database.migrate();
            return database;
        } catch (SQLException | FlywayException e) {
            throw new LedgerUnavailable("the ledger cannot be opened: " + e.getMessage(), e);
        }
    }

    private static String sqliteUrl(Path data) {
        try {
            Files.createDirectories(data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return "jdbc:sqlite:" + data.resolve("ledger.db");
    }

    boolean isPostgres() {
        return url.startsWith("jdbc:postgresql:");
    }

    /** A connection for the one writer, with commits that reach the disk before they return. */
    Connection writer() throws SQLException {
        Connection connection = DriverManager.getConnection(url, login);
        try {
            if (!isPostgres()) {
                try (Statement statement = connection.createStatement()) {
                    statement.execute("PRAGMA busy_timeout = 5000");
                    statement.execute("PRAGMA journal_mode = WAL");
                    statement.execute("PRAGMA synchronous = FULL");
                    statement.execute("PRAGMA wal_autocheckpoint = 4000");
                    statement.execute("PRAGMA cache_size = -16000");
                }
            }
            connection.setAutoCommit(false);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    /** A pooled connection for queries. */
    Connection reader() throws SQLException {
        return readers.getConnection();
    }

    private void migrate() {
        Flyway.configure().dataSource(url, login.getProperty("user"), login.getProperty("password"))
                .resourceProvider(new BundledMigrations())
                .placeholders(Map.of("clustered", isPostgres() ? "" : "WITHOUT ROWID")).load().migrate();
    }

    @Override
    public void close() {
        readers.close();
    }

    private static final class BundledMigrations implements ResourceProvider {
        @Override
        public LoadableResource getResource(String name) {
            return MIGRATIONS.contains(name) ? new BundledMigration(name) : null;
        }

        @Override
        public Collection<LoadableResource> getResources(String prefix, String[] suffixes) {
            return MIGRATIONS.stream().filter(name -> name.startsWith(prefix))
                    .<LoadableResource>map(BundledMigration::new).toList();
        }
    }

    private static final class BundledMigration extends LoadableResource {
        private final String name;

        BundledMigration(String name) {
            this.name = name;
        }

        @Override
        public Reader read() {
            return new InputStreamReader(LedgerDatabase.class.getResourceAsStream("/db/migration/" + name),
                    StandardCharsets.UTF_8);
        }

        @Override
        public String getAbsolutePath() {
            return "db/migration/" + name;
        }

        @Override
        public String getAbsolutePathOnDisk() {
            return getAbsolutePath();
        }

        @Override
        public String getFilename() {
            return name;
        }

        @Override
        public String getRelativePath() {
            return name;
        }
    }
}
