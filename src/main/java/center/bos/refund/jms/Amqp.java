// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

import java.util.List;

import jakarta.jms.ConnectionFactory;

import org.apache.qpid.jms.JmsConnectionFactory;
import org.apache.qpid.jms.policy.JmsDefaultDeserializationPolicy;
import org.apache.qpid.jms.policy.JmsDefaultPrefetchPolicy;

/** AMQP 1.0 by Qpid JMS: client settings, unless the URL has others. */
final class Amqp {
    private static final String LIST = "failover:";
    private static final List<String> SCHEMES = List.of("amqp:", "amqps:", "amqpws:", "amqpwss:", LIST);
    private static final String ROUNDS = "failover.maxReconnectAttempts";
    private static final long SEND_TIMEOUT = 20_000;
    private static final long REQUEST_TIMEOUT = 20_000;
    private static final long CLOSE_TIMEOUT = 5_000;

    private Amqp() {
    }

    static boolean isMeant(String url) {
        return SCHEMES.stream().anyMatch(url::startsWith);
    }

    static ConnectionFactory connections(String url) {
        JmsConnectionFactory factory = new JmsConnectionFactory();
        // A consumer that prefetches keeps messages from the other nodes.
        JmsDefaultPrefetchPolicy prefetch = new JmsDefaultPrefetchPolicy();
        prefetch.setAll(0);
        factory.setPrefetchPolicy(prefetch);
        JmsDefaultDeserializationPolicy classes = new JmsDefaultDeserializationPolicy();
        classes.setDenyList("*");
        factory.setDeserializationPolicy(classes);
        // other protocols' headers become properties; a message that is put aside keeps them
        factory.setValidatePropertyNames(false);
        factory.setSendTimeout(SEND_TIMEOUT);
        factory.setRequestTimeout(REQUEST_TIMEOUT);
        factory.setCloseTimeout(CLOSE_TIMEOUT);
        factory.setRemoteURI(inRounds(url));
        return factory;
    }

    /** Lets a list of brokers fail once each of them was asked; by default the client waits for ever, and nobody is told. */
    private static String inRounds(String url) {
        if (!url.startsWith(LIST) || url.contains(ROUNDS)) {
            return url;
        }
        return url + (url.indexOf('?', url.lastIndexOf(')')) < 0 ? "?" : "&") + ROUNDS + "=1";
    }
}
