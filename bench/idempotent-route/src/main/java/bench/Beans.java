// SPDX-License-Identifier: Apache-2.0
package bench;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

import javax.sql.DataSource;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Processor;
import org.apache.camel.processor.idempotent.jdbc.JdbcMessageIdRepository;
import org.eclipse.microprofile.config.inject.ConfigProperty;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

import io.quarkus.runtime.Quarkus;

/** What the route needs beside YAML. */
@ApplicationScoped
public class Beans {

    /** As many rows at once as there may be calls; the caller waits when all are busy, so that memory stays flat. */
    @Produces
    @ApplicationScoped
    @Named("rowThreads")
    ExecutorService rowThreads(@ConfigProperty(name = "bench.concurrency") int concurrency)
            throws ReflectiveOperationException {
        if (Runtime.version().feature() < 21) {
            return new ThreadPoolExecutor(concurrency, concurrency, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(1000),
                    new ThreadPoolExecutor.CallerRunsPolicy());
        }
        Object builder = Thread.class.getMethod("ofVirtual").invoke(null);
        java.util.concurrent.ThreadFactory virtual = (java.util.concurrent.ThreadFactory) Class
                .forName("java.lang.Thread$Builder").getMethod("factory").invoke(builder);
        return new ThreadPoolExecutor(concurrency, concurrency, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>(1000),
                virtual, new ThreadPoolExecutor.CallerRunsPolicy());
    }

    /** The database that the repository and the outcomes share. */
    @Produces
    @Singleton
    @Named("books")
    DataSource books(@ConfigProperty(name = "bench.database") String url,
            @ConfigProperty(name = "bench.concurrency") int concurrency) throws SQLException {
        HikariConfig pool = new HikariConfig();
        pool.setJdbcUrl(url);
        if (url.startsWith("jdbc:sqlite:")) {
            // SQLite has one writer at a time: who waits for a connection goes on at once, who waits for a lock sleeps,
            // and the repository's transaction, which reads before it writes, would fail beside another writer
            pool.setMaximumPoolSize(1);
        } else {
            pool.setUsername("postgres");
            pool.setMaximumPoolSize(concurrency);
        }
        DataSource books = new HikariDataSource(pool);
        try (Connection connection = books.getConnection(); Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE IF NOT EXISTS outcome (referenceid BIGINT NOT NULL, ackno BIGINT NOT NULL,"
                    + " outcome VARCHAR(10) NOT NULL, response_code INTEGER, message VARCHAR(1000),"
                    + " PRIMARY KEY (referenceid, ackno))");
        }
        return books;
    }

    /** As Camel's documentation has it; it makes its table CAMEL_MESSAGEPROCESSED itself. */
    @Produces
    @Singleton
    @Named("sentRows")
    JdbcMessageIdRepository sentRows(@Named("books") DataSource books) {
        return new JdbcMessageIdRepository(books, "refunds");
    }

    @Produces
    @ApplicationScoped
    @Named("requestBody")
    Processor requestBody() {
        return exchange -> {
            String line = exchange.getMessage().getBody(String.class);
            int comma = line.indexOf(',');
            long referenceid = Long.parseLong(line.substring(0, comma));
            long ackno = Long.parseLong(line.substring(comma + 1).trim());
            exchange.setVariable("referenceid", referenceid);
            exchange.setVariable("ackno", ackno);
            exchange.getMessage().setBody("{\"referenceid\":" + referenceid + ",\"ackno\":" + ackno + "}");
        };
    }

    @Produces
    @ApplicationScoped
    @Named("end")
    Processor end() {
        return exchange -> Quarkus.asyncExit(0);
    }
}
