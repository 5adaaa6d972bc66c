// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

import java.io.UncheckedIOException;

import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.Topic;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;

/**
 * The destination of a reply. The ledger keeps it as text, because a reply is owed after a crash too.
 *
 * @param correlationId the message's correlation id, or its message id if it has none
 * @param single whether the request was one object, not an array
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record ReplyTo(Kind kind, String destination, String correlationId, boolean single) {
    private static final JsonMapper JSON = new JsonMapper();

    /** Kinds of destination. */
    enum Kind {
        QUEUE, TOPIC, TEMPORARY_QUEUE, TEMPORARY_TOPIC
    }

    /** A message's destination for the reply as text, or null without a JMSReplyTo, or with one that has no name, as AMQP allows. */
    static String of(Message message, boolean single) throws JMSException {
        Destination destination = message.getJMSReplyTo();
        String name = destination == null ? null : name(destination);
        if (name == null || name.isEmpty()) {
            return null;
        }
        String correlation = message.getJMSCorrelationID();
        return JSON.valueToTree(new ReplyTo(kind(destination), name,
                correlation == null ? MessageIdentity.givenId(message) : correlation, single)).toString();
    }

    private static Kind kind(Destination destination) {
        if (destination instanceof TemporaryQueue) {
            return Kind.TEMPORARY_QUEUE;
        }
        if (destination instanceof TemporaryTopic) {
            return Kind.TEMPORARY_TOPIC;
        }
        return destination instanceof Topic && !(destination instanceof Queue) ? Kind.TOPIC : Kind.QUEUE;
    }

    private static String name(Destination destination) throws JMSException {
        if (destination instanceof Queue queue) {
            return queue.getQueueName();
        }
        return destination instanceof Topic topic ? topic.getTopicName() : Artemis.address(destination);
    }

    /** Whether the destination is deleted together with its sender's connection. */
    @JsonIgnore
    boolean isTemporary() {
        return kind == Kind.TEMPORARY_QUEUE || kind == Kind.TEMPORARY_TOPIC;
    }

    /** Reads the text of {@link #of}. */
    static ReplyTo read(String text) {
        try {
            return JSON.readValue(text, ReplyTo.class);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Resolves the text of {@link #of} to the destination. */
    static Destination destination(Session session, String text, boolean isTopic) throws JMSException {
        ReplyTo reply = read(text);
        if (reply.kind == Kind.TEMPORARY_QUEUE && Artemis.isDeleted(session, reply.destination)) {
            throw new InvalidDestinationException("the temporary queue is deleted");
        }
        return reply.kind == Kind.TOPIC || reply.kind == Kind.TEMPORARY_TOPIC
                ? session.createTopic(reply.destination)
                : session.createQueue(reply.destination);
    }
}
