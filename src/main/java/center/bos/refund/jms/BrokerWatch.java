// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Named;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;

import org.jboss.logging.Logger;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.model.Trouble;

/**
 * Looks each second whether there is a connection to the broker, on a thread of its own: to make one may take as long as the
 * network likes; and says in the log when there is none, and when there is one again.
 */
@ApplicationScoped
public class BrokerWatch {
    private static final Logger LOG = Logger.getLogger(BrokerWatch.class);
    private static final Duration WATCH = Duration.ofSeconds(1);

    private final Instance<ConnectionFactory> connections;
    private final boolean isConfigured;
    private final Thread thread = new Thread(this::run, "broker-connection-watch");
    private boolean reachedBefore;
    private volatile Trouble trouble;

    BrokerWatch(@Named("connectionFactory") Instance<ConnectionFactory> connections, RefundConfig config) {
        this.connections = connections;
        this.isConfigured = BrokerConnection.isConfigured(config);
    }

    /** Begins to look, once the routes run, if there is a broker. */
    public void begin() {
        if (isConfigured) {
            thread.setDaemon(true);
            thread.start();
        }
    }

    /** Whether there is a broker to be reached. */
    public boolean isConfigured() {
        return isConfigured;
    }

    @PreDestroy
    void stop() {
        thread.interrupt();
    }

    /** Why the broker cannot be reached at this moment, or empty when all is well. */
    public Optional<Trouble> trouble() {
        return Optional.ofNullable(trouble);
    }

    private void run() {
        try {
            while (true) {
                look();
                Thread.sleep(WATCH.toMillis());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void look() {
        try (Connection shared = connections.get().createConnection()) {
            shared.getMetaData(); // the connection that all use; closing it here closes nothing
            if (trouble != null) {
                LOG.info("The broker is there again");
            }
            trouble = null;
            reachedBefore = true;
        } catch (JMSException | RuntimeException e) {
            if (trouble == null) {
                LOG.errorf("The broker cannot be reached; requests and outcomes wait until it can: %s", reason(e));
            }
            Instant since = trouble == null ? Instant.now() : trouble.since();
            trouble = new Trouble(since, reason(e), reachedBefore);
        }
    }

    private static String reason(Throwable failure) {
        Throwable last = failure;
        while (last.getCause() != null) {
            last = last.getCause();
        }
        return last.getMessage() == null
                ? last.getClass().getSimpleName()
                : last.getMessage().replaceFirst("\\.$", "");
    }
}
