// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulation;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;

import org.sqlite.Function;
import org.sqlite.JDBC;

import center.bos.refund.database.Dialect;

/**
 * A SQLite file, emptied for each run. Connections to it fail where the {@link Trouble} of the run says so. Beyond that it
 * stands in for PostgreSQL: words that SQLite does not know are rewritten, and the server's clock is the run's.
 */
final class SimulatedDatabase implements AutoCloseable {
    private static final String[] TABLES = {"epoch", "lease", "batch", "refund", "pair", "outbox", "resend",
            "idempotency", "delivery", "paused_node", "token", "deed", "reason"};
    private static final String[] SET_UP = {"PRAGMA journal_mode = MEMORY", "PRAGMA synchronous = OFF",
            "PRAGMA temp_store = MEMORY"};

    private final Path folder;
    private final String url;
    private final UnaryOperator<String> rewriting;
    private final Deque<Real> free = new ArrayDeque<>();
    private final List<Real> all = new ArrayList<>();
    private final List<Wrapped> open = new ArrayList<>();
    private final Real own;
    private LongSupplier serverClock = () -> 0;
    private Trouble trouble;

    /** What becomes of a commit. */
    enum Fate {
        /** It is durable, and so it is said. */
        WELL,
        /** The process is killed before. */
        KILLED_BEFORE,
        /** The process is killed right after it became durable, and before anybody was told. */
        KILLED_AFTER,
        /** It is durable, and the answer is lost. */
        ANSWER_LOST,
        /** It is not durable, and the answer is lost. */
        FAILED
    }

    /** What a run does to its connections. */
    interface Trouble {
        /** Before a statement. */
        void statement(Object process) throws SQLException;

        Fate commit(Object process);

        /** A transaction is durable; nobody was told yet. */
        void committed(Object process);
    }

    /** @param rewriting what is done to each statement before it reaches the database: a fault that is put back */
    SimulatedDatabase(UnaryOperator<String> rewriting) {
        this.rewriting = rewriting;
        try {
            Path memory = Path.of("/dev/shm");
            folder = Files.isWritable(memory)
                    ? Files.createTempDirectory(memory, "refund-simulation-")
                    : Files.createTempDirectory("refund-simulation-");
            url = "jdbc:sqlite:" + folder.resolve("ledger.db");
            own = new Real();
            makeTables();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A connection that outlives those who use it, with its statements. */
    private final class Real {
        private final Connection connection;
        private final Map<String, PreparedStatement> statements = new HashMap<>();

        Real() throws SQLException {
            connection = JDBC.createConnection(url, new Properties());
            try (Statement statement = connection.createStatement()) {
                for (String sql : SET_UP) {
                    statement.execute(sql);
                }
            }
            Function.create(connection, "server_clock", new Function() {
                @Override
                protected void xFunc() throws SQLException {
                    result(serverClock.getAsLong());
                }
            });
            all.add(this);
        }

        PreparedStatement prepare(String sql) throws SQLException {
            PreparedStatement statement = statements.get(sql);
            if (statement == null) {
                statement = connection.prepareStatement(rewriting.apply(inSqlite(sql)));
                statements.put(sql, statement);
            }
            statement.clearBatch();
            return statement;
        }
    }

    private static String inSqlite(String sql) {
        return sql.replace("FOR UPDATE SKIP LOCKED", "").replace(Dialect.POSTGRES.durable(), "")
                .replace("(extract(epoch FROM clock_timestamp()) * 1000)::bigint + 0 * ?::bigint",
                        "server_clock() + 0 * ?");
    }

    /** Numbers are not used again, as PostgreSQL's are not; SQLite's own are, but they are one process' alone. */
    private void makeTables() throws IOException, SQLException {
        try (InputStream script = SimulatedDatabase.class.getResourceAsStream("/db/migration/V1__ledger.sql");
                Statement statement = own.connection.createStatement()) {
            String sql = new String(script.readAllBytes(), StandardCharsets.UTF_8).replaceAll("--[^\n]*", "")
                    .replace("${serial}", "INTEGER PRIMARY KEY AUTOINCREMENT").replace("${clustered}", "WITHOUT ROWID");
            for (String one : sql.split(";")) {
                if (!one.isBlank()) {
                    statement.execute(one);
                }
            }
        }
    }

    /** Begins a run, with empty tables. */
    void begin(LongSupplier clock, Trouble of) {
        serverClock = clock;
        trouble = of;
        try (Statement statement = own.connection.createStatement()) {
            statement.execute("BEGIN");
            for (String table : TABLES) {
                statement.execute("DELETE FROM " + table);
            }
            statement.execute("UPDATE audit_head SET number = 0, hash = ''");
            statement.execute("DELETE FROM sqlite_sequence");
            statement.execute("COMMIT");
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Ends a run: whatever a process left open is rolled back and closed. */
    void end() {
        List.copyOf(open).forEach(Wrapped::kill);
    }

    /** The process is gone, and its connections with it. */
    void kill(Object process) {
        for (Wrapped wrapped : List.copyOf(open)) {
            if (wrapped.process == process) {
                wrapped.kill();
            }
        }
    }

    /** For one who looks on. */
    PreparedStatement look(String sql) throws SQLException {
        return own.prepare(sql);
    }

    Connection connect(Object process, boolean writer) throws SQLException {
        trouble.statement(process);
        Real real = free.isEmpty() ? new Real() : free.pop();
        real.connection.setAutoCommit(!writer);
        Wrapped wrapped = new Wrapped(process, real);
        open.add(wrapped);
        return (Connection) Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[]{Connection.class},
                wrapped);
    }

    /** A connection of one process. */
    private final class Wrapped implements InvocationHandler {
        private final Object process;
        private final Real real;
        private boolean broken;
        /** Whether the transaction may have changed more than a heartbeat. */
        private boolean changes;
        private boolean closed;

        Wrapped(Object process, Real real) {
            this.process = process;
            this.real = real;
        }

        @Override
        public Object invoke(Object proxy, Method method, Object[] arguments) throws Throwable {
            switch (method.getName()) {
                case "prepareStatement" -> {
                    PreparedStatement statement = real.prepare((String) arguments[0]);
                    return Proxy.newProxyInstance(getClass().getClassLoader(), new Class<?>[]{PreparedStatement.class},
                            (p, m, a) -> onStatement((String) arguments[0], statement, m, a));
                }
                case "commit" -> commit();
                case "rollback" -> {
                    requireWell();
                    real.connection.rollback();
                }
                case "close" -> kill();
                case "isWrapperFor" -> {
                    return false;
                }
                case "setAutoCommit" -> real.connection.setAutoCommit((Boolean) arguments[0]);
                default -> throw new UnsupportedOperationException(method.getName());
            }
            return null;
        }

        private Object onStatement(String sql, PreparedStatement statement, Method method, Object[] arguments)
                throws Throwable {
            if (method.getName().equals("close")) {
                return null;
            }
            if (method.getName().startsWith("execute")) {
                requireWell();
                trouble.statement(process);
                changes |= !sql.startsWith("SELECT") && !sql.startsWith("UPDATE epoch SET commits");
            }
            try {
                return method.invoke(statement, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
        }

        private void requireWell() throws SQLException {
            if (broken || closed) {
                throw new SQLException("the connection is broken", "08006");
            }
        }

        private void commit() throws SQLException {
            requireWell();
            Fate fate = trouble.commit(process);
            if (fate == Fate.KILLED_BEFORE) {
                throw new Crash();
            }
            if (fate == Fate.FAILED) {
                real.connection.rollback();
                broken = true;
                throw new SQLException("the answer to the commit is lost", "08006");
            }
            real.connection.commit();
            if (changes) {
                changes = false;
                trouble.committed(process);
            }
            if (fate == Fate.KILLED_AFTER) {
                throw new Crash();
            }
            if (fate == Fate.ANSWER_LOST) {
                broken = true;
                throw new SQLException("the answer to the commit is lost", "08006");
            }
        }

        void kill() {
            if (closed) {
                return;
            }
            closed = true;
            open.remove(this);
            try {
                if (!real.connection.getAutoCommit()) {
                    real.connection.rollback();
                }
                free.push(real);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    @Override
    public void close() {
        try {
            for (Real real : all) {
                real.connection.close();
            }
            Files.deleteIfExists(folder.resolve("ledger.db"));
            Files.deleteIfExists(folder.resolve("ledger.db-journal"));
            Files.delete(folder);
        } catch (IOException | SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
