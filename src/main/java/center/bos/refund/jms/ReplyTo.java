// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

import java.io.UncheckedIOException;

import jakarta.jms.JMSException;
import jakarta.jms.Message;

import org.apache.activemq.artemis.jms.client.ActiveMQDestination;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * Where the reply to a message is to go. It is kept in the ledger as text, for a reply is owed after a crash too.
 *
 * @param kind what the sender named: a queue or a topic, durable or temporary
 * @param destination its name
 * @param correlationId the message's, or its own id where it has none
 * @param messageId the message's id, or null where it has none
 * @param single whether it held one trigger that was not in an array
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ReplyTo(ActiveMQDestination.TYPE kind, String destination, String correlationId, String messageId,
        boolean single) {
    private static final JsonMapper JSON = new JsonMapper();

    /** What a message asks for, as text, or null when it asks for no reply. */
    static String of(Message message, boolean single) throws JMSException {
        if (!(message.getJMSReplyTo() instanceof ActiveMQDestination destination)) {
            return null;
        }
        String id = message.getJMSMessageID();
        String correlation = message.getJMSCorrelationID();
        try {
            return JSON.writeValueAsString(new ReplyTo(destination.getType(), destination.getName(),
                    correlation == null ? id : correlation, id, single));
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads the text of {@link #of}. */
    static ReplyTo read(String text) {
        try {
            return JSON.readValue(text, ReplyTo.class);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }
}
