// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

import jakarta.inject.Named;
import jakarta.inject.Singleton;
import jakarta.jms.JMSException;
import jakarta.jms.Message;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Processor;
import org.apache.camel.component.jms.JmsMessage;

import center.bos.refund.ledger.IdInUse;

/**
 * Prepares an invalid message for the dead letter queue: the JMS message as it came, whatever it holds, with the property
 * {@code reason}, which is in the variable of that name too.
 */
@Singleton
@Named("deadLetter")
public class DeadLetter implements Processor {
    static final String RECEIVED = "received";
    private static final String REASON = "reason";

    @Override
    public void process(Exchange exchange) throws JMSException {
        JmsMessage received = (JmsMessage) exchange.removeProperty(RECEIVED);
        exchange.setVariable(REASON, reason(exchange));
        add(received.getJmsMessage(), exchange.getVariable(REASON, String.class));
        exchange.setMessage(received);
    }

    /** Why the message of an exchange is invalid. */
    static String reason(Exchange exchange) {
        Exception cause = exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, Exception.class);
        return cause instanceof IdInUse taken ? MessageIdentity.notToldApart(taken) : cause.getMessage();
    }

    /** In JMS a received message is read-only until all of its properties are cleared. */
    private static void add(Message message, String reason) throws JMSException {
        Map<String, Object> properties = new LinkedHashMap<>();
        for (Object name : Collections.list(message.getPropertyNames())) {
            properties.put((String) name, message.getObjectProperty((String) name));
        }
        message.clearProperties();
        for (Map.Entry<String, Object> property : properties.entrySet()) {
            try {
                message.setObjectProperty(property.getKey(), property.getValue());
            } catch (JMSException e) {
                // one that the provider alone may set
            }
        }
        message.setStringProperty(REASON, reason);
    }
}
