// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;

import jakarta.inject.Inject;
import jakarta.inject.Named;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;

import org.jboss.logmanager.ExtLogRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

import center.bos.refund.model.NewRow;
import center.bos.refund.testkit.BrokerInTests;
import center.bos.refund.testkit.ImpatientBosInTests;
import center.bos.refund.testkit.TroubleAtBos;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;

/** What {@link LeakIT} would find if the libraries that see requests were not stopped at INFO. */
@QuarkusTest
@TestProfile(LogCapsTest.WithoutCaps.class)
@QuarkusTestResource(value = ImpatientBosInTests.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = BrokerInTests.class, restrictToAnnotatedClass = true)
class LogCapsTest extends TroubleAtBos {
    @Inject
    @Named("connectionFactory")
    ConnectionFactory broker;
    @TestHTTPResource("/refunds")
    URI refunds;

    /** Takes each cap of application.properties away. */
    public static final class WithoutCaps implements QuarkusTestProfile {
        static List<String> caps() {
            Properties product = new Properties();
            try (InputStream in = Files.newInputStream(Path.of("application.properties"))) {
                product.load(in);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            return product.stringPropertyNames().stream().filter(key -> key.endsWith(".min-level")).toList();
        }

        @Override
        public Map<String, String> getConfigOverrides() {
            Map<String, String> overrides = new HashMap<>();
            caps().forEach(key -> {
                overrides.put(key, "TRACE");
                overrides.put(key.replace(".min-level", ".level"), "TRACE");
            });
            overrides.put("quarkus.log.console.level", "INFO");
            return overrides;
        }
    }

    /** Levels outlive the application that set them. */
    @AfterAll
    static void quieten() {
        WithoutCaps.caps().forEach(key -> Logger.getLogger(key.split("\"")[1]).setLevel(null));
    }

    @Test
    void withoutTheCapsCustomersWouldBeLogged() throws Exception {
        Queue<String> log = new ConcurrentLinkedQueue<>();
        Handler handler = new Handler() {
            @Override
            public void publish(LogRecord entry) {
                log.add(entry.getLoggerName() + ": " + ExtLogRecord.wrap(entry).getFormattedMessage());
            }

            @Override
            public void flush() {
                // nothing is held back
            }

            @Override
            public void close() {
                // nothing is open
            }
        };
        handler.setLevel(Level.ALL);
        Logger.getLogger("").addHandler(handler);
        NewRow row = rows.row();
        try (JMSContext jms = broker.createContext()) {
            jms.createProducer().send(jms.createQueue("bos.refund.requests"),
                    "{\"referenceid\":\"" + row.referenceid() + "\",\"ackno\":\"" + row.ackno() + "\"}");
            await().atMost(SOON).until(() -> !postsFor(row).isEmpty());
            HttpClient.newHttpClient().send(HttpRequest
                    .newBuilder(refunds.resolve("/refunds/" + row.referenceid() + "/" + row.ackno())).build(),
                    BodyHandlers.discarding());
            rows.settle(server);
        } finally {
            Logger.getLogger("").removeHandler(handler);
        }

        assertThat(log.stream().filter(line -> line.contains(row.referenceid()))).isNotEmpty();
    }
}
