package center.bos.refund.queue;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.activemq.artemis.api.core.Message;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;

import center.bos.refund.ledger.RowOutcome;

/**
 * Turns an outcome into the JSON that its channel gets, and sets the variable {@code outcome} by which the channel is
 * chosen. The duplicate-detection id lets an Artemis broker drop the message when it comes again after a crash.
 */
@Singleton
@Named("outcomeMessage")
public class OutcomeMessage implements Processor {
    private final ObjectWriter json;

    OutcomeMessage(ObjectMapper json) {
        this.json = json.writerFor(RowOutcome.class);
    }

    @Override
    public void process(Exchange exchange) throws JsonProcessingException {
        RowOutcome outcome = exchange.getMessage().getBody(RowOutcome.class);
        exchange.setVariable("outcome", outcome.outcome().name());
        exchange.getMessage().setBody(json.writeValueAsString(outcome));
        exchange.getMessage().setHeader(Message.HDR_DUPLICATE_DETECTION_ID.toString(),
                outcome.batch() + ":" + outcome.line() + ":" + outcome.answeredAt().toEpochMilli());
    }
}
