package center.bos.refund.queue;

import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;

/**
 * Where the reply to a message is to go.
 *
 * @param destination what the sender named
 * @param correlationId the message's, or its own id where it has none
 * @param messageId the message's id, or null where it has none
 * @param single whether it held one trigger that was not in an array
 */
record ReplyTo(Destination destination, String correlationId, String messageId, boolean single) {
    static final String PROPERTY = "replyTo";

    /** What a message asks for, or null when it asks for no reply. */
    static ReplyTo of(Message message, boolean single) throws JMSException {
        if (message.getJMSReplyTo() == null) {
            return null;
        }
        String id = message.getJMSMessageID();
        String correlation = message.getJMSCorrelationID();
        return new ReplyTo(message.getJMSReplyTo(), correlation == null ? id : correlation, id, single);
    }
}
