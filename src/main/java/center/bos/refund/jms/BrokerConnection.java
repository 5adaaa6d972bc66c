// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;

import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQDestination;
import org.apache.camel.component.jms.JmsComponent;
import org.springframework.jms.connection.CachingConnectionFactory;
import org.springframework.jms.support.destination.DestinationResolver;

import center.bos.refund.config.RefundConfig;

/** The connection to the ERP's broker, where {@code refund.broker.url} names one. */
@Singleton
public class BrokerConnection {
    private static final int SESSIONS = 32;

    /** Whether there is a broker. */
    public static boolean isConfigured(RefundConfig config) {
        return config.broker().url().isPresent();
    }

    /** The connection factory that Camel's JMS component finds. */
    @Produces
    @Singleton
    @Named("connectionFactory")
    ConnectionFactory connectionFactory(RefundConfig config) {
        ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(config.broker().url()
                .orElseThrow(
                        () -> new IllegalArgumentException("refund.broker.url is not set: a jms: endpoint needs it")),
                config.broker().user().orElse(null), config.broker().password().orElse(null));
        // A consumer that prefetches keeps messages from the other nodes.
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

    /** Camel's JMS component; it exists where an endpoint names it. */
    @Produces
    @Singleton
    @Named("jms")
    JmsComponent jms(@Named("connectionFactory") ConnectionFactory connections) {
        JmsComponent jms = JmsComponent.jmsComponent(connections);
        jms.setDestinationResolver(queueNames());
        return jms;
    }

    /** Names of queues, without asking the broker for each message whether it has them: it makes those that it lacks. */
    private static DestinationResolver queueNames() {
        Map<String, Destination> queues = new ConcurrentHashMap<>();
        return (session, name, topic) -> topic
                ? ActiveMQDestination.createTopic(name)
                : queues.computeIfAbsent(name, ActiveMQDestination::createQueue);
    }
}
