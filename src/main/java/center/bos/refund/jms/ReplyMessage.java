// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

import java.util.List;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.activemq.artemis.api.core.Message;
import org.apache.activemq.artemis.jms.client.ActiveMQDestination;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Processor;
import org.apache.camel.component.jms.JmsConstants;
import org.apache.camel.support.DefaultMessage;

/**
 * Turns the outcomes of a message into its reply: one outcome for one trigger, a list for an array; or the reason why the
 * message was put aside. The variable {@code reply} says where it goes.
 */
@Singleton
@Named("replyMessage")
public class ReplyMessage implements Processor {

    /** What is said of a message that was put aside. */
    private record Refusal(String error) {
    }

    @Override
    public void process(Exchange exchange) {
        ReplyTo reply = ReplyTo.read(exchange.getVariable("reply", String.class));
        DefaultMessage message = new DefaultMessage(exchange);
        message.setBody(content(exchange, reply));
        message.setHeader(JmsConstants.JMS_DESTINATION,
                ActiveMQDestination.createDestination(reply.destination(), reply.kind()));
        message.setHeader("JMSCorrelationID", reply.correlationId());
        if (reply.messageId() != null) {
            message.setHeader(Message.HDR_DUPLICATE_DETECTION_ID.toString(), "reply:" + reply.messageId());
        }
        exchange.setMessage(message);
    }

    private static Object content(Exchange exchange, ReplyTo reply) {
        if (exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT) instanceof UnreadableMessage unreadable) {
            return new Refusal(unreadable.getMessage());
        }
        List<?> outcomes = exchange.getMessage().getBody(List.class);
        return reply.single() ? outcomes.get(0) : outcomes;
    }
}
