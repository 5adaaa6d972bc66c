// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.activemq.artemis.jms.client.ActiveMQMessage;
import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Processor;
import org.apache.camel.component.jms.JmsMessage;

/**
 * Puts back into the exchange the JMS message that could not be read, as it came and with the property {@code reason}, so
 * that it can be put aside whatever it holds.
 */
@Singleton
@Named("deadLetter")
public class DeadLetter implements Processor {
    static final String RECEIVED = "received";
    private static final String REASON = "reason";

    @Override
    public void process(Exchange exchange) {
        JmsMessage received = (JmsMessage) exchange.removeProperty(RECEIVED);
        Exception cause = exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, Exception.class);
        // JMS makes what was received read-only
        ((ActiveMQMessage) received.getJmsMessage()).getCoreMessage().putStringProperty(REASON, cause.getMessage());
        exchange.setMessage(received);
    }
}
