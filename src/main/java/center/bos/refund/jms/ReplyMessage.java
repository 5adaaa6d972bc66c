// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

import java.time.Instant;
import java.util.Comparator;
import java.util.List;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Processor;
import org.apache.camel.component.jms.JmsConstants;
import org.apache.camel.support.DefaultMessage;

import com.fasterxml.jackson.annotation.JsonUnwrapped;

import center.bos.refund.ledger.IdInUse;
import center.bos.refund.model.RowOutcome;

/**
 * Builds the reply to a message: one outcome for an object, a list for an array; or the reason why the message is invalid, with
 * the outcomes of the earlier message that it equals. The variable {@code reply} holds the destination.
 */
@Singleton
@Named("replyMessage")
public class ReplyMessage implements Processor {

    /** The reply to an invalid message. */
    private record Refusal(String error, @JsonUnwrapped RowOutcome outcome) {
    }

    @Override
    public void process(Exchange exchange) {
        String text = exchange.getVariable("reply", String.class);
        ReplyTo reply = ReplyTo.read(text);
        DefaultMessage message = new DefaultMessage(exchange);
        message.setBody(content(exchange, reply));
        message.setHeader(JmsConstants.JMS_DESTINATION_NAME, text);
        message.setHeader("JMSCorrelationID", reply.correlationId());
        exchange.setMessage(message);
    }

    private static Object content(Exchange exchange, ReplyTo reply) {
        Exception refused = exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, Exception.class);
        if (refused instanceof IdInUse taken && !taken.outcomes().isEmpty()) {
            List<Refusal> refusals = taken.outcomes().stream()
                    .map(outcome -> new Refusal(DeadLetter.reason(exchange), outcome)).toList();
            return reply.single() ? refusals.get(0) : refusals;
        }
        if (refused != null) {
            return new Refusal(DeadLetter.reason(exchange), null);
        }
        List<?> outcomes = exchange.getMessage().getBody(List.class);
        exchange.setVariable(DuplicateDetection.VARIABLE, id(outcomes));
        return reply.single() ? outcomes.get(0) : outcomes;
    }

    /** Changes if rows were sent again since the last reply. */
    private static String id(List<?> outcomes) {
        List<RowOutcome> rows = outcomes.stream().map(RowOutcome.class::cast).toList();
        Instant last = rows.stream().map(RowOutcome::answeredAt).max(Comparator.naturalOrder()).orElseThrow();
        return "reply:" + rows.get(0).batch() + ":" + last.toEpochMilli();
    }
}
