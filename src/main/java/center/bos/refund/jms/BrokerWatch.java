// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Named;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;

import org.apache.camel.CamelContext;
import org.jboss.logging.Logger;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.model.FileTrouble;
import center.bos.refund.model.Trouble;
import io.quarkus.runtime.util.ExceptionUtil;

/**
 * Checks the connection to the broker each second, on a thread of its own, because connecting may block. Logs when the broker
 * cannot be reached, and when it can be again.
 */
@ApplicationScoped
public class BrokerWatch {
    private static final Logger LOG = Logger.getLogger(BrokerWatch.class);
    private static final Duration WATCH = Duration.ofSeconds(1);

    private final Instance<ConnectionFactory> connections;
    private final boolean isConfigured;
    private final CamelContext camel;
    private boolean reachedBefore;
    private volatile Trouble trouble;

    BrokerWatch(@Named("connectionFactory") Instance<ConnectionFactory> connections, RefundConfig config,
            CamelContext camel) {
        this.camel = camel;
        this.connections = connections;
        this.isConfigured = config.broker().url().isPresent();
    }

    /** Starts the checks once the routes run, if there is a broker. */
    public void begin() {
        if (isConfigured) {
            camel.getExecutorServiceManager().newSingleThreadScheduledExecutor(this, "broker-connection-watch")
                    .scheduleWithFixedDelay(this::look, 0, WATCH.toMillis(), TimeUnit.MILLISECONDS);
        }
    }

    /** Why the broker cannot be reached now, or empty. */
    public Optional<Trouble> trouble() {
        return Optional.ofNullable(trouble);
    }

    private void look() {
        try (Connection shared = connections.get().createConnection()) {
            shared.getMetaData(); // the connection that all use; closing it here closes nothing
            if (trouble != null) {
                LOG.info("The broker can be reached again");
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
        return FileTrouble.text(ExceptionUtil.getRootCause(failure)).replaceFirst("\\.$", "");
    }
}
