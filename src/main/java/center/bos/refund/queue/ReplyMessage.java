package center.bos.refund.queue;

import java.util.List;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.activemq.artemis.api.core.Message;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.jms.JmsConstants;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.ledger.RowOutcome;

/** Turns the outcomes of a message into its reply: one outcome for one trigger, an array for an array. */
@Singleton
@Named("replyMessage")
public class ReplyMessage implements Processor {
    private final ObjectMapper json;
    private final RowOutcomes rowOutcomes;

    ReplyMessage(ObjectMapper json, RowOutcomes rowOutcomes) {
        this.json = json;
        this.rowOutcomes = rowOutcomes;
    }

    @Override
    @SuppressWarnings("unchecked")
    public void process(Exchange exchange) throws JsonProcessingException {
        ReplyTo reply = exchange.getProperty(ReplyTo.PROPERTY, ReplyTo.class);
        List<RowOutcome> outcomes = rowOutcomes.all(exchange.getMessage().getBody(List.class));
        exchange.getMessage().removeHeaders("*");
        exchange.getMessage().setBody(json.writeValueAsString(reply.single() ? outcomes.get(0) : outcomes));
        exchange.getMessage().setHeader(JmsConstants.JMS_DESTINATION, reply.destination());
        exchange.getMessage().setHeader("JMSCorrelationID", reply.correlationId());
        exchange.getMessage().setHeader(Message.HDR_DUPLICATE_DETECTION_ID.toString(), "reply:" + reply.messageId());
    }
}
