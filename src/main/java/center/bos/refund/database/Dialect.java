// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.database;

import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The differences between the two databases: a few words of SQL, and the setup of the writer's connection. */
public enum Dialect {
    /** One file, one process. */
    SQLITE,
    /** A server that several nodes share. */
    POSTGRES;

    private static final List<String> SQLITE_SET_UP = List.of("PRAGMA busy_timeout = 5000",
            "PRAGMA journal_mode = WAL", "PRAGMA synchronous = FULL", "PRAGMA wal_autocheckpoint = 4000",
            "PRAGMA cache_size = -16000");
    /**
     * Commits are flushed to disk even if the server is configured otherwise; synchronous replication stays in force. A node that
     * vanishes or freezes in a transaction keeps its locks for less than a lease. Plans other than index lookups are off, because
     * the planner would go on reading a table in full that it saw while it was empty. JIT is off, because the remaining plans look
     * costly and would be compiled each time.
     */
    private static final List<String> POSTGRES_SET_UP = List.of("""
            SELECT set_config('synchronous_commit', 'on', false)
            WHERE current_setting('synchronous_commit') = 'off'""", "SET idle_in_transaction_session_timeout = '8s'",
            "SET lock_timeout = '12s'", "SET enable_seqscan = off", "SET enable_bitmapscan = off",
            "SET enable_hashjoin = off", "SET enable_mergejoin = off", "SET jit = off");

    static Dialect of(String url) {
        return url.startsWith("jdbc:postgresql:") ? POSTGRES : SQLITE;
    }

    /** Whether several nodes may use the database at the same time. */
    public boolean isShared() {
        return this == POSTGRES;
    }

    /** The scripts that make the tables, listed because Flyway cannot scan the class loader of a packaged Quarkus application. */
    List<String> migrations() {
        return isShared() ? List.of("V1__ledger.sql", "V2__refund_fillfactor.sql") : List.of("V1__ledger.sql");
    }

    /** The placeholders of the migrations. */
    Map<String, String> placeholders() {
        return isShared()
                ? Map.of("serial", "BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "clustered", "")
                : Map.of("serial", "INTEGER PRIMARY KEY", "clustered", "WITHOUT ROWID");
    }

    /** Ends a SELECT of rows that will be changed: rows locked by another node are skipped. */
    public String skipLocked() {
        return isShared() ? "FOR UPDATE SKIP LOCKED" : "";
    }

    /** {@code SELECT} + this: the numbers of one {@link #numbers(Collection)} parameter, as rows. */
    public String numbers() {
        return isShared() ? "value::bigint FROM json_array_elements_text(?::json)" : "value FROM json_each(?)";
    }

    /** Numbers as one parameter of a statement. */
    public static String numbers(Collection<Long> numbers) {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(",", "[", "]"));
    }

    /**
     * The ledger's clock in a statement of the writer, in milliseconds: the server's if nodes share it, else this process',
     * which is the one parameter.
     */
    public String clock() {
        return isShared() ? "(extract(epoch FROM clock_timestamp()) * 1000)::bigint + 0 * ?::bigint" : "?";
    }

    /**
     * Ends the RETURNING of a transaction's first statement: the commit is flushed to disk before it returns, whatever the
     * session's settings are.
     */
    public String durable() {
        return isShared()
                ? ", set_config('synchronous_commit', coalesce(nullif(current_setting('synchronous_commit'), 'off'), 'on'), true)"
                : "";
    }

    List<String> writerSetUp() {
        return isShared() ? POSTGRES_SET_UP : SQLITE_SET_UP;
    }
}
