// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Session;

import org.apache.camel.Exchange;
import org.apache.camel.RuntimeCamelException;
import org.apache.camel.component.jms.MessageCreatedStrategy;

/** Gives a message the exchange variable {@value #VARIABLE}, by which an Artemis broker drops a repetition. */
final class DuplicateDetection implements MessageCreatedStrategy {
    static final String VARIABLE = "duplicateId";
    static final String PROPERTY = "_AMQ_DUPL_ID";

    @Override
    public void onMessageCreated(Message message, Session session, Exchange exchange, Throwable cause) {
        String id = exchange.getVariable(VARIABLE, String.class);
        if (id != null) {
            try {
                message.setStringProperty(PROPERTY, id);
            } catch (JMSException e) {
                throw new RuntimeCamelException(e);
            }
        }
    }
}
