// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.BrokerProcess;
import center.bos.refund.testkit.JmsProvider;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;

/** A service that takes its requests from a broker of its own process is killed, and the next one goes on. */
final class JmsKills implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final int CONCURRENCY = 16;
    private static final int MESSAGES = 40;
    private static final int ROWS_OF_A_MESSAGE = 20;
    private static final long QUIET = 300;

    private final JmsProvider provider;
    private final Path folder;
    private final BosServer bos;
    private final BrokerProcess broker;
    private final LedgerBook ledger;
    private long next = 8_000_000_000L;
    private int messages;

    JmsKills(JmsProvider provider, Path folder) {
        this.provider = provider;
        this.folder = folder;
        this.bos = BosServer.start().reply(Reply.success().after(Duration.ofMillis(5)));
        this.broker = provider.start(folder.resolve("broker"));
        this.ledger = new LedgerBook(folder.resolve("data"));
    }

    /** Kills it the n-th time that it comes by that point, and holds all that was told against the ledger. */
    void kill(KillPoint point, int time) throws Exception {
        try (JMSContext jms = provider.client(broker).createContext()) {
            Set<String> asked = ask();
            Files.createFile(folder.resolve(KillPoint.ARMED));
            try (RefundProcess service = KillAgent.at(point, time, folder, process()).start("serve")) {
                assertThat(service.waitFor(LONG)).as("killed at the %d. time: %s", time, service.output())
                        .isEqualTo(137);
            } finally {
                Files.delete(folder.resolve(KillPoint.ARMED));
            }
            try (RefundProcess service = process().start("serve")) {
                await().atMost(LONG).until(() -> service.output().contains("Watching "));
                await("all messages in the ledger").atMost(LONG)
                        .until(() -> batches() == messages && ledger.isSettled());
                await("none left").atMost(LONG).until(() -> !jms.createBrowser(jms.createQueue("bos.refund.requests"))
                        .getEnumeration().hasMoreElements());

                ledger.check();
                Map<String, String> rows = outcomes();
                assertThat(rows).hasSize(MESSAGES * ROWS_OF_A_MESSAGE);
                assertThat(rows.values()).isSubsetOf("SUCCESS", "IN_DOUBT");
                assertThat(rows.values().stream().filter("IN_DOUBT"::equals).count()).isLessThanOrEqualTo(CONCURRENCY);
                assertThat(bos.posts()).extracting(post -> post.pair()).doesNotHaveDuplicates();
                assertThat(told(jms)).isEqualTo(rows);
                assertThat(replies(jms)).isEqualTo(asked);
                assertThat(take(jms, "bos.refund.dead")).isEmpty();
                ledger.mark();
            }
        }
    }

    /** Sends messages, and returns their correlation ids. */
    private Set<String> ask() throws JMSException {
        Set<String> ids = new HashSet<>();
        try (JMSContext jms = provider.client(broker).createContext(JMSContext.SESSION_TRANSACTED)) {
            Queue requests = jms.createQueue("bos.refund.requests");
            for (int i = 0; i < MESSAGES; i++) {
                Message message = jms.createTextMessage(LongStream.range(next, next + ROWS_OF_A_MESSAGE)
                        .mapToObj(id -> "{\"referenceid\":" + id + ",\"ackno\":1}")
                        .collect(Collectors.joining(",", "[", "]")));
                message.setJMSReplyTo(jms.createQueue("replies"));
                message.setJMSCorrelationID("message " + next);
                jms.createProducer().send(requests, message);
                ids.add("message " + next);
                next += ROWS_OF_A_MESSAGE;
                messages++;
            }
            jms.commit();
        }
        return ids;
    }

    private int batches() {
        return Integer.parseInt(ledger.ask("SELECT count(*) FROM batch").get(0));
    }

    private Map<String, String> outcomes() {
        Map<String, String> outcomes = new HashMap<>();
        for (boolean success : new boolean[]{true, false}) {
            ledger.outcomes(success).forEach(told -> outcomes.put(told.row(), told.outcome()));
        }
        return outcomes;
    }

    /** What the two channels hold. */
    private Map<String, String> told(JMSContext jms) throws Exception {
        Map<String, String> told = new HashMap<>();
        for (String channel : List.of("success", "error")) {
            for (Message message : take(jms, "bos.refund." + channel)) {
                JsonNode outcome = JSON.readTree(message.getBody(String.class));
                String row = outcome.get("batch").asText() + ":" + outcome.get("line").asLong();
                isFirst(told.put(row, outcome.get("outcome").asText()) == null, row);
                assertThat(outcome.get("outcome").asText().equals("SUCCESS")).isEqualTo(channel.equals("success"));
            }
        }
        return told;
    }

    /** The correlation ids of the replies, each of which holds all outcomes of its message. */
    private Set<String> replies(JMSContext jms) throws Exception {
        Set<String> ids = new HashSet<>();
        for (Message message : take(jms, "replies")) {
            assertThat(JSON.readTree(message.getBody(String.class))).hasSize(ROWS_OF_A_MESSAGE);
            isFirst(ids.add(message.getJMSCorrelationID()), message.getJMSCorrelationID());
        }
        return ids;
    }

    /** An Artemis drops repetitions by their id. */
    private void isFirst(boolean first, String told) {
        assertThat(first || provider == JmsProvider.CLASSIC).as("%s is told once", told).isTrue();
    }

    private static List<Message> take(JMSContext jms, String queue) {
        List<Message> taken = new ArrayList<>();
        try (JMSConsumer consumer = jms.createConsumer(jms.createQueue(queue))) {
            for (Message message = consumer.receive(QUIET); message != null; message = consumer.receive(QUIET)) {
                taken.add(message);
            }
        }
        return taken;
    }

    private RefundProcess.Launch process() {
        return provider.configure(RefundProcess.in(folder).archived().against(bos), broker, folder)
                .env("REFUND_HTTP_PORT", "0").env("REFUND_NODE", "jms")
                .env("REFUND_CONCURRENCY", Integer.toString(CONCURRENCY));
    }

    @Override
    public void close() {
        broker.close();
        bos.close();
    }
}
