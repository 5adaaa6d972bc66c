package center.bos.refund.queue;

import java.nio.file.Path;
import java.time.Duration;

import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.ActiveMQServer;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.impl.ActiveMQServerImpl;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.spi.core.security.ActiveMQJAASSecurityManager;
import org.jboss.logging.Logger;

/**
 * The broker inside this process. Artemis shuts itself down when its journal cannot be written, as on a full disk, and
 * when it takes itself for stuck; it is started again until it runs.
 */
final class EmbeddedBroker {
    private static final Logger LOG = Logger.getLogger(EmbeddedBroker.class);
    private static final Duration WATCH = Duration.ofSeconds(1);
    private static final long MEBIBYTE = 1024 * 1024;
    /** Room for the chunks that wait, about 9,000 rows; the file trigger pauses when it is full, and so memory stays flat. */
    private static final long WAITING_BYTES = MEBIBYTE;
    /** A row in a chunk, twice over. */
    private static final long ROW_BYTES = 256;
    private static final String IN_VM = "in-vm";
    private static final long OTHER_ADDRESS_BYTES = 2 * MEBIBYTE;

    private final String acceptor;
    private final Path folder;
    private final int concurrency;
    private final Thread watch = new Thread(this::watch, "broker-watch");
    private ActiveMQServer broker;
    private boolean stopping;
    private volatile String cause;

    EmbeddedBroker(String acceptor, Path folder, int concurrency) {
        this.acceptor = acceptor;
        this.folder = folder;
        this.concurrency = concurrency;
    }

    /**
     * Starts it.
     *
     * @throws Exception if its folder cannot be read or written
     */
    void start() throws Exception {
        broker = server();
        broker.start();
        watch.setDaemon(true);
        watch.start();
    }

    private void watch() {
        boolean down = false;
        try {
            while (true) {
                Thread.sleep(WATCH.toMillis());
                synchronized (this) {
                    if (stopping) {
                        return;
                    }
                    if (runs()) {
                        if (down) {
                            LOG.info("The broker runs again");
                        }
                        down = false;
                        continue;
                    }
                    if (!down) {
                        LOG.errorf("The broker stopped, nothing is sent until it runs again: %s", cause);
                    }
                    down = true;
                    startAgain();
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private boolean runs() {
        return broker.getState() == ActiveMQServer.SERVER_STATE.STARTED;
    }

    private void startAgain() throws InterruptedException {
        try {
            broker.stop();
            broker = server();
            broker.start();
        } catch (InterruptedException e) {
            throw e;
        } catch (Exception e) {
            LOG.debug("starting the broker again", e);
        }
    }

    /**
     * Stops it.
     *
     * @throws Exception if that fails
     */
    synchronized void stop() throws Exception {
        stopping = true;
        broker.stop();
    }

    private ActiveMQServer server() throws Exception {
        ActiveMQServer server = new ActiveMQServerImpl(configuration(), null, new ActiveMQJAASSecurityManager(), null,
                BrokerThreads.registry(IN_VM));
        cause = "it does not say why";
        server.registerIOCriticalErrorListener((failure, message, file) -> cause = (failure == null ? message : failure)
                + (file == null ? "" : " at " + file));
        return server;
    }

    private Configuration configuration() throws Exception {
        Configuration configuration = new ConfigurationImpl().setName("bos-refund").setSecurityEnabled(false)
                .setPersistenceEnabled(true).setJournalType(JournalType.NIO)
                .setJournalDirectory(folder.resolve("journal").toString())
                .setBindingsDirectory(folder.resolve("bindings").toString())
                .setPagingDirectory(folder.resolve("paging").toString())
                .setLargeMessagesDirectory(folder.resolve("large").toString()).setJournalFileSize((int) (4 * MEBIBYTE))
                .setJournalBufferTimeout_NIO(500_000).setJMXManagementEnabled(false).setMessageCounterEnabled(false)
                .setThreadPoolMaxSize(8).setScheduledThreadPoolMaxSize(2).setMaxDiskUsage(-1)
                .addAcceptorConfiguration(IN_VM, acceptor);
        AddressSettings requests = settings(WAITING_BYTES + concurrency * ROW_BYTES)
                .setAddressFullMessagePolicy(AddressFullMessagePolicy.BLOCK);
        configuration.addAddressSetting("bos.refund.requests", requests);
        configuration.addAddressSetting("#", settings(OTHER_ADDRESS_BYTES));
        return configuration;
    }

    /** Nothing is ever moved away because it was delivered often: the route decides what is unreadable. */
    private static AddressSettings settings(long bytes) {
        return new AddressSettings().setMaxSizeBytes(bytes).setPageSizeBytes((int) MEBIBYTE / 2)
                .setAddressFullMessagePolicy(AddressFullMessagePolicy.PAGE).setMaxDeliveryAttempts(-1)
                .setRedeliveryDelay(1_000).setRedeliveryMultiplier(2).setMaxRedeliveryDelay(15_000)
                .setDeadLetterAddress(SimpleString.of("bos.refund.dead")).setAutoCreateQueues(true)
                .setAutoCreateAddresses(true).setAutoDeleteQueues(false).setAutoDeleteAddresses(false);
    }
}
