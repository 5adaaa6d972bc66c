// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

import java.net.URISyntaxException;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.UnaryOperator;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;
import jakarta.inject.Singleton;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.ResourceAllocationException;

import org.apache.camel.CamelContext;
import org.apache.camel.component.jms.JmsComponent;
import org.apache.camel.util.ObjectHelper;
import org.springframework.jms.connection.CachingConnectionFactory;
import org.springframework.jms.connection.UserCredentialsConnectionFactoryAdapter;
import org.springframework.jms.support.JmsUtils;
import org.springframework.jms.support.destination.DestinationResolver;

import center.bos.refund.config.RefundConfig;

/**
 * The connections to the ERP's broker, if {@code refund.broker.url} names one: one for requests and channels, and one for replies,
 * so that a blocked reply delays nothing else.
 */
@Singleton
public class BrokerConnection {
    private static final int SESSIONS = 32;
    private static final String BEAN = "bean:";

    /**
     * Connections whose login the broker accepted. A refused one counts as a broker that is away, not as a destination that refuses
     * a message for good.
     */
    private static final class LoggedIn extends CachingConnectionFactory {
        LoggedIn(ConnectionFactory provider) {
            super(provider);
        }

        @Override
        protected Connection doCreateConnection() throws JMSException {
            Connection connection = null;
            try {
                connection = super.doCreateConnection();
                connection.start(); // AMQP logs in only now
                return connection;
            } catch (JMSException e) {
                JmsUtils.closeConnection(connection);
                throw e instanceof JMSSecurityException ? away(e) : e;
            }
        }

        private static JMSException away(JMSException refused) {
            JMSException away = new ResourceAllocationException(refused.getMessage());
            away.initCause(refused);
            return away;
        }
    }

    private final RefundConfig.Broker broker;
    private final CamelContext camel;

    BrokerConnection(RefundConfig config, CamelContext camel) {
        this.broker = config.broker();
        this.camel = camel;
    }

    /** The connection for requests and channels; it reconnects. */
    @Produces
    @Singleton
    @Named("connectionFactory")
    ConnectionFactory connectionFactory() {
        // A new producer asks the broker for its address: a round trip for each message.
        return pooled(true);
    }

    /** Camel's JMS component; it is created only if an endpoint names it. */
    @Produces
    @Singleton
    @Named("jms")
    JmsComponent jms(@Named("connectionFactory") ConnectionFactory connections) {
        return component(connections, queueNames());
    }

    /** The same for replies, which go to many destinations, often once each. */
    @Produces
    @Singleton
    @Named("jms-reply")
    JmsComponent replies() {
        return component(pooled(false), ReplyTo::destination);
    }

    /** The lane of a reply: its destination, so that a blocked destination delays no other. */
    @Produces
    @Singleton
    @Named("replyLane")
    UnaryOperator<String> replyLane() {
        return reply -> ReplyTo.read(reply).destination();
    }

    private static JmsComponent component(ConnectionFactory connections, DestinationResolver destinations) {
        JmsComponent jms = JmsComponent.jmsComponent(connections);
        jms.setDestinationResolver(destinations);
        jms.setMessageCreatedStrategy(new DuplicateDetection());
        return jms;
    }

    private ConnectionFactory pooled(boolean keepProducers) {
        CachingConnectionFactory pool = new LoggedIn(withLogin(provider()));
        pool.setCacheConsumers(false);
        pool.setCacheProducers(keepProducers);
        pool.setSessionCacheSize(SESSIONS);
        pool.setReconnectOnException(true);
        return pool;
    }

    private ConnectionFactory provider() {
        String url = broker.url().orElseThrow(
                () -> new IllegalArgumentException("refund.broker.url is not set: a jms: endpoint needs it"));
        if (url.startsWith(BEAN)) {
            String name = url.substring(BEAN.length());
            ConnectionFactory bean = camel.getRegistry().lookupByNameAndType(name, ConnectionFactory.class);
            if (bean == null) {
                throw new IllegalArgumentException("refund.broker.url is " + url
                        + ": there is no JMS connection factory of that name; set camel.beans." + name);
            }
            return bean;
        }
        try {
            return Amqp.isMeant(url) ? Amqp.connections(url) : Artemis.connections(url);
        } catch (RuntimeException e) {
            throw new IllegalArgumentException("refund.broker.url is not a broker's address (" + reason(e)
                    + "): it needs tcp://host:61616, amqp://host:5672, amqps://host:5671, or bean: and the name of a"
                    + " connection factory"); // without the cause, which repeats the address
        }
    }

    /** Why an address cannot be read; does not repeat it, because it may hold passwords. */
    private static String reason(RuntimeException failure) {
        URISyntaxException syntax = ObjectHelper.getException(URISyntaxException.class, failure);
        return syntax == null ? failure.getMessage() : syntax.getReason();
    }

    private ConnectionFactory withLogin(ConnectionFactory provider) {
        if (broker.user().isEmpty()) {
            return provider;
        }
        UserCredentialsConnectionFactoryAdapter login = new UserCredentialsConnectionFactoryAdapter();
        login.setTargetConnectionFactory(provider);
        login.setUsername(broker.user().get());
        login.setPassword(broker.password().orElse(null));
        return login;
    }

    /** Resolves queue and topic names without asking the broker for each message. */
    private static DestinationResolver queueNames() {
        Map<String, Destination> queues = new ConcurrentHashMap<>();
        Map<String, Destination> topics = new ConcurrentHashMap<>();
        return (session, name, isTopic) -> {
            Map<String, Destination> known = isTopic ? topics : queues;
            Destination destination = known.get(name);
            if (destination == null) {
                destination = isTopic ? session.createTopic(name) : session.createQueue(name);
                known.put(name, destination);
            }
            return destination;
        };
    }
}
