package center.bos.refund.queue;

import java.util.List;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.activemq.artemis.api.core.Message;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Processor;
import org.apache.camel.component.jms.JmsConstants;
import org.apache.camel.support.DefaultMessage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.ledger.RowOutcome;

/**
 * Turns the outcomes of a message into its reply: one outcome for one trigger, an array for an array; or the reason why the
 * message was put aside.
 */
@Singleton
@Named("replyMessage")
public class ReplyMessage implements Processor {
    private final ObjectMapper json;
    private final RowOutcomes rowOutcomes;

    ReplyMessage(ObjectMapper json, RowOutcomes rowOutcomes) {
        this.json = json;
        this.rowOutcomes = rowOutcomes;
    }

    /** What is said of a message that was put aside. */
    private record Refusal(String error) {
    }

    @Override
    public void process(Exchange exchange) throws JsonProcessingException {
        ReplyTo reply = exchange.getProperty(ReplyTo.PROPERTY, ReplyTo.class);
        DefaultMessage message = new DefaultMessage(exchange);
        message.setBody(json.writeValueAsString(content(exchange, reply)));
        message.setHeader(JmsConstants.JMS_DESTINATION, reply.destination());
        message.setHeader("JMSCorrelationID", reply.correlationId());
        if (reply.messageId() != null) {
            message.setHeader(Message.HDR_DUPLICATE_DETECTION_ID.toString(), "reply:" + reply.messageId());
        }
        exchange.setMessage(message);
    }

    @SuppressWarnings("unchecked")
    private Object content(Exchange exchange, ReplyTo reply) {
        if (exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT) instanceof UnreadableMessage unreadable) {
            return new Refusal(unreadable.getMessage());
        }
        List<RowOutcome> outcomes = rowOutcomes.all(exchange.getMessage().getBody(List.class));
        return reply.single() ? outcomes.get(0) : outcomes;
    }
}
