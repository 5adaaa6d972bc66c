// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;

import org.apache.activemq.artemis.api.core.ActiveMQException;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.activemq.artemis.jms.client.ActiveMQDestination;
import org.apache.activemq.artemis.jms.client.ActiveMQMessage;
import org.apache.activemq.artemis.jms.client.ActiveMQSession;
import org.apache.activemq.artemis.jms.client.JMSExceptionHelper;
import org.springframework.jms.connection.SessionProxy;

/** Artemis' own protocol: client settings, and where this client differs from the JMS API. */
final class Artemis {
    /** The property with the id of a message that came by AMQP; its JMSMessageID changes at each delivery. */
    private static final String AMQP_ID = "NATIVE_MESSAGE_ID";
    private static final String CAME_BY_AMQP = "JMS_AMQP_ORIGINAL_ENCODING";
    private static final String CAME_BY_STOMP = "destination";

    private Artemis() {
    }

    /** Connections to a broker, or to one of a list of brokers. */
    static ConnectionFactory connections(String url) {
        ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(url);
        // A consumer that prefetches keeps messages from the other nodes.
        factory.setConsumerWindowSize(0);
        factory.setBlockOnAcknowledge(true);
        factory.setDeserializationDenyList("*");
        return factory;
    }

    /** Whether a message came to the broker by AMQP and was translated for this client. */
    static boolean cameByAmqp(Message message) throws JMSException {
        return message instanceof ActiveMQMessage && message.propertyExists(CAME_BY_AMQP);
    }

    /** The id that the sender gave to a message that came by AMQP, or null. */
    static String amqpId(Message message) throws JMSException {
        return message.getStringProperty(AMQP_ID);
    }

    /** Whether a message was sent by this client, and so by the JMS API. */
    static boolean cameByItsOwnClient(Message message) throws JMSException {
        return message instanceof ActiveMQMessage && !message.propertyExists(CAME_BY_AMQP)
                && !message.propertyExists(CAME_BY_STOMP);
    }

    /** Whether the message's body is known to be larger than that, before it is read into memory. */
    static boolean isLarger(Message message, long bytes) {
        return message instanceof ActiveMQMessage artemis && artemis.getCoreMessage().isLargeMessage()
                && artemis.getCoreMessage().getBodySize() > bytes;
    }

    /** The name of a destination from another protocol that is neither a queue nor a topic; else null. */
    static String address(Destination destination) {
        return destination instanceof ActiveMQDestination artemis ? artemis.getAddress() : null;
    }

    /** Whether a temporary queue is known to be deleted; the client would create it anew, and nobody would read it. */
    static boolean isDeleted(Session session, String queue) throws JMSException {
        Session own = session instanceof SessionProxy proxy ? proxy.getTargetSession() : session;
        try {
            return own instanceof ActiveMQSession artemis
                    && !artemis.getCoreSession().queueQuery(SimpleString.of(queue)).isExists();
        } catch (ActiveMQException e) {
            throw JMSExceptionHelper.convertFromActiveMQException(e);
        }
    }
}
