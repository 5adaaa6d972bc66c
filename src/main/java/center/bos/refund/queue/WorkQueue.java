package center.bos.refund.queue;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;

import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQDestination;
import org.springframework.jms.connection.CachingConnectionFactory;
import org.springframework.jms.support.destination.DestinationResolver;

import center.bos.refund.config.RefundConfig;

/**
 * The connection to the work queue's broker. With {@code refund.broker.url=vm://0} the broker runs inside this process,
 * its journal in the data folder, and nothing outside can reach it.
 */
@ApplicationScoped
public class WorkQueue {
    private static final String EMBEDDED = "vm://0";
    private static final long MEBIBYTE = 1024 * 1024;
    /** Room for the chunks that wait; the file trigger pauses when it is full, and so memory stays flat. */
    private static final long REQUESTS_BYTES = 4 * MEBIBYTE;
    private static final long OTHER_ADDRESS_BYTES = 2 * MEBIBYTE;

    private static final int SESSIONS = 32;

    private final RefundConfig config;
    private EmbeddedActiveMQ broker;

    WorkQueue(RefundConfig config) {
        this.config = config;
    }

    /** The connection factory that Camel's JMS component finds. */
    @Produces
    @ApplicationScoped
    @Named("connectionFactory")
    ConnectionFactory connectionFactory() throws Exception {
        if (config.broker().url().equals(EMBEDDED)) {
            start(config.data().resolve("broker"));
        }
        ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(config.broker().url(),
                config.broker().user().orElse(null), config.broker().password().orElse(null));
        // A chunk is 200 calls: a consumer that prefetches keeps rows from the others.
        factory.setConsumerWindowSize(0);
        factory.setBlockOnAcknowledge(true);
        factory.setDeserializationDenyList("*");
        // A producer that is made anew asks the broker for its address: a round trip for each message.
        CachingConnectionFactory caching = new CachingConnectionFactory(factory);
        caching.setCacheConsumers(false);
        caching.setSessionCacheSize(SESSIONS);
        caching.setReconnectOnException(true);
        return caching;
    }

    /** Names of queues, without asking the broker for each message whether it has them: it makes those that it lacks. */
    @Produces
    @ApplicationScoped
    @Named("queueNames")
    DestinationResolver queueNames() {
        Map<String, Destination> queues = new ConcurrentHashMap<>();
        return (session, name, topic) -> topic
                ? ActiveMQDestination.createTopic(name)
                : queues.computeIfAbsent(name, ActiveMQDestination::createQueue);
    }

    private void start(Path folder) throws Exception {
        Configuration configuration = new ConfigurationImpl().setName("bos-refund").setSecurityEnabled(false)
                .setPersistenceEnabled(true).setJournalType(JournalType.NIO)
                .setJournalDirectory(folder.resolve("journal").toString())
                .setBindingsDirectory(folder.resolve("bindings").toString())
                .setPagingDirectory(folder.resolve("paging").toString())
                .setLargeMessagesDirectory(folder.resolve("large").toString()).setJournalFileSize((int) (4 * MEBIBYTE))
                .setJournalBufferTimeout_NIO(500_000).setJMXManagementEnabled(false).setMessageCounterEnabled(false)
                .setThreadPoolMaxSize(8).setScheduledThreadPoolMaxSize(2).setMaxDiskUsage(-1)
                .addAcceptorConfiguration("in-vm", EMBEDDED);
        AddressSettings requests = settings(REQUESTS_BYTES).setAddressFullMessagePolicy(AddressFullMessagePolicy.BLOCK);
        configuration.addAddressSetting("bos.refund.requests", requests);
        configuration.addAddressSetting("#", settings(OTHER_ADDRESS_BYTES));
        broker = new EmbeddedActiveMQ().setConfiguration(configuration);
        broker.start();
    }

    /** Nothing is ever moved away because it was delivered often: the route decides what is unreadable. */
    private static AddressSettings settings(long bytes) {
        return new AddressSettings().setMaxSizeBytes(bytes).setPageSizeBytes((int) MEBIBYTE / 2)
                .setAddressFullMessagePolicy(AddressFullMessagePolicy.PAGE).setMaxDeliveryAttempts(-1)
                .setRedeliveryDelay(1_000).setRedeliveryMultiplier(2).setMaxRedeliveryDelay(15_000)
                .setDeadLetterAddress(SimpleString.of("bos.refund.dead")).setAutoCreateQueues(true)
                .setAutoCreateAddresses(true).setAutoDeleteQueues(false).setAutoDeleteAddresses(false);
    }

    @PreDestroy
    void stop() throws Exception {
        if (broker != null) {
            broker.stop();
        }
    }
}
