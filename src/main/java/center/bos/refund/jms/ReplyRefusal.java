// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

import java.io.IOException;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Exchange;
import org.apache.camel.ExchangePropertyKey;
import org.apache.camel.Processor;
import org.apache.camel.util.ObjectHelper;
import org.springframework.jms.UncategorizedJmsException;

/**
 * Distinguishes a reply that its destination refuses for good from one that failed on the way. Not every provider has its own
 * exception for a deleted temporary queue.
 */
@Singleton
@Named("replyRefusal")
public class ReplyRefusal implements Processor {

    /** Rethrows a failure on the way, so that the reply is tried again. */
    @Override
    public void process(Exchange exchange) throws Exception {
        Exception failure = exchange.getProperty(ExchangePropertyKey.EXCEPTION_CAUGHT, Exception.class);
        boolean isLost = ObjectHelper.getException(IOException.class, failure) != null;
        if (failure instanceof UncategorizedJmsException
                && (isLost || !ReplyTo.read(exchange.getVariable("reply", String.class)).isTemporary())) {
            throw failure;
        }
    }
}
