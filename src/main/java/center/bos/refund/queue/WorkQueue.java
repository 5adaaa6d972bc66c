package center.bos.refund.queue;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.annotation.PreDestroy;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;

import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQDestination;
import org.springframework.jms.connection.CachingConnectionFactory;
import org.springframework.jms.support.destination.DestinationResolver;

import center.bos.refund.config.RefundConfig;

/**
 * The connection to the work queue's broker. With {@code refund.broker.url=vm://0} the broker runs inside this process,
 * its journal in the data folder, and nothing outside can reach it.
 */
@Singleton
public class WorkQueue {
    private static final String EMBEDDED = "vm://0";
    private static final int SESSIONS = 32;
    private static final int PRODUCER_WINDOW_BYTES = 256 * 1024;

    private final RefundConfig config;
    private EmbeddedBroker broker;

    WorkQueue(RefundConfig config) {
        this.config = config;
    }

    /** Whether the broker is inside this process, and its queues are nobody else's. */
    static boolean isEmbedded(RefundConfig config) {
        return config.broker().url().equals(EMBEDDED);
    }

    /** The connection factory that Camel's JMS component finds. */
    @Produces
    @Singleton
    @Named("connectionFactory")
    ConnectionFactory connectionFactory() throws Exception {
        if (isEmbedded(config)) {
            broker = new EmbeddedBroker(EMBEDDED, config.data().resolve("broker"), config.concurrency());
            broker.start();
        }
        ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(config.broker().url(),
                config.broker().user().orElse(null), config.broker().password().orElse(null));
        // A chunk is 200 calls: a consumer that prefetches keeps rows from the others.
        factory.setConsumerWindowSize(0);
        factory.setBlockOnAcknowledge(true);
        factory.setDeserializationDenyList("*");
        // Room for the outcomes of a chunk: with less, a chunk waits for the broker's word in its middle.
        factory.setProducerWindowSize(PRODUCER_WINDOW_BYTES);
        // A producer that is made anew asks the broker for its address: a round trip for each message.
        CachingConnectionFactory caching = new CachingConnectionFactory(factory);
        caching.setCacheConsumers(false);
        caching.setSessionCacheSize(SESSIONS);
        caching.setReconnectOnException(true);
        return caching;
    }

    /** Names of queues, without asking the broker for each message whether it has them: it makes those that it lacks. */
    @Produces
    @Singleton
    @Named("queueNames")
    DestinationResolver queueNames() {
        Map<String, Destination> queues = new ConcurrentHashMap<>();
        return (session, name, topic) -> topic
                ? ActiveMQDestination.createTopic(name)
                : queues.computeIfAbsent(name, ActiveMQDestination::createQueue);
    }

    @PreDestroy
    void stop() throws Exception {
        if (broker != null) {
            broker.stop();
        }
    }
}
