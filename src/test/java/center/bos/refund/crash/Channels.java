package center.bos.refund.crash;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;

import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;

/** What a process that has ended left in its broker's queues, by the duplicate-detection ids of the messages. */
record Channels(int requests, int successes, int errors) {
    private static final String URL = "vm://5";
    private static final int COMMIT_EVERY = 1_000;
    private static final long PATIENCE_MILLIS = 3_000;
    private static final int JOURNAL_FILE = 4 * 1024 * 1024;

    /** Takes what is there and counts it, a repetition once. */
    static Channels in(Path folder) throws Exception {
        Configuration configuration = new ConfigurationImpl().setSecurityEnabled(false).setPersistenceEnabled(true)
                .setJournalType(JournalType.NIO).setJournalDirectory(folder.resolve("journal").toString())
                .setBindingsDirectory(folder.resolve("bindings").toString())
                .setPagingDirectory(folder.resolve("paging").toString())
                .setLargeMessagesDirectory(folder.resolve("large").toString()).setJournalFileSize(JOURNAL_FILE)
                .setMaxDiskUsage(-1).addAcceptorConfiguration("in-vm", URL);
        EmbeddedActiveMQ broker = new EmbeddedActiveMQ().setConfiguration(configuration).start();
        try (ActiveMQConnectionFactory factory = new ActiveMQConnectionFactory(URL);
                Connection connection = factory.createConnection();
                Session session = connection.createSession(true, Session.SESSION_TRANSACTED)) {
            connection.start();
            return new Channels(count(session, "bos.refund.requests"), count(session, "bos.refund.success"),
                    count(session, "bos.refund.error"));
        } finally {
            broker.stop();
        }
    }

    private static int count(Session session, String queue) throws JMSException {
        Set<String> ids = new HashSet<>();
        int taken = 0;
        // Not by browsing, which takes a page that is still being read for the end of the queue.
        try (MessageConsumer consumer = session.createConsumer(session.createQueue(queue))) {
            for (Message message = consumer.receive(PATIENCE_MILLIS); message != null; message = consumer
                    .receive(PATIENCE_MILLIS)) {
                String id = message.getStringProperty("_AMQ_DUPL_ID");
                ids.add(id == null ? message.getJMSMessageID() : id);
                if (++taken % COMMIT_EVERY == 0) {
                    session.commit(); // a broker reads no more pages while 20 MiB of messages are not acknowledged
                }
            }
        }
        return ids.size();
    }
}
