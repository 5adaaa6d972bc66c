// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.LongStream;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.BrokerProcess;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;

/** A service that takes its requests from a broker of its own process is killed, and the next one goes on. */
class JmsCrashIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final int CONCURRENCY = 16;
    private static final int MESSAGES = 40;
    private static final int ROWS_OF_A_MESSAGE = 20;
    private static final long SHORT = 100;

    @TempDir
    static Path folder;
    private static BosServer bos;
    private static BrokerProcess broker;
    private static LedgerBook ledger;
    private static final Random RANDOM = new Random();
    private static long next = 8_000_000_000L;
    private static int messages;

    @BeforeAll
    static void start() {
        bos = BosServer.start().reply(Reply.success().after(Duration.ofMillis(5)));
        broker = BrokerProcess.start(folder.resolve("broker"));
        ledger = new LedgerBook(folder.resolve("data"));
    }

    @AfterAll
    static void stop() {
        bos.close();
        broker.close();
    }

    @ParameterizedTest
    @CsvSource({"MESSAGE_ACCEPTED, 20", "ACKNOWLEDGED, 20", "TURN_WRITTEN, 30", "TURN_COMMITTED, 30", "TAKEN, 400",
            "REQUEST_WRITTEN, 400", "SETTLE_DURABLE, 20", "HANDED_OVER, 400", "HANDED_OVER_MARKED, 5"})
    void losesNoMessageAndSendsNothingTwice(KillPoint point, int times) throws Exception {
        int time = 1 + RANDOM.nextInt(times);
        try (JMSContext jms = broker.client().createContext()) {
            List<String> asked = ask(jms);
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

                ledger.check();
                Map<String, String> rows = outcomes();
                assertThat(rows).hasSize(MESSAGES * ROWS_OF_A_MESSAGE);
                assertThat(rows.values()).isSubsetOf("SUCCESS", "IN_DOUBT");
                assertThat(rows.values().stream().filter("IN_DOUBT"::equals).count()).isLessThanOrEqualTo(CONCURRENCY);
                assertThat(bos.posts()).extracting(post -> post.pair()).doesNotHaveDuplicates();
                assertThat(told(jms)).isEqualTo(rows);
                assertThat(replies(jms)).containsExactlyInAnyOrderElementsOf(asked);
                assertThat(jms.createBrowser(jms.createQueue("bos.refund.requests")).getEnumeration().hasMoreElements())
                        .isFalse();
                ledger.mark();
            }
        }
    }

    /** Sends messages, and returns their correlation ids. */
    private static List<String> ask(JMSContext jms) throws JMSException {
        Queue requests = jms.createQueue("bos.refund.requests");
        List<String> ids = new ArrayList<>();
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
        return ids;
    }

    private static int batches() {
        return Integer.parseInt(ledger.ask("SELECT count(*) FROM batch").get(0));
    }

    private static Map<String, String> outcomes() {
        Map<String, String> outcomes = new HashMap<>();
        for (boolean success : new boolean[]{true, false}) {
            ledger.outcomes(success).forEach(told -> outcomes.put(told.row(), told.outcome()));
        }
        return outcomes;
    }

    /** What the two channels hold; the broker drops repetitions by their id. */
    private static Map<String, String> told(JMSContext jms) throws Exception {
        Map<String, String> told = new HashMap<>();
        for (String channel : List.of("success", "error")) {
            for (Message message : take(jms, "bos.refund." + channel)) {
                JsonNode outcome = JSON.readTree(message.getBody(String.class));
                String row = outcome.get("batch").asText() + ":" + outcome.get("line").asLong();
                assertThat(told.put(row, outcome.get("outcome").asText())).as("%s is told once more", row).isNull();
                assertThat(outcome.get("outcome").asText().equals("SUCCESS")).isEqualTo(channel.equals("success"));
            }
        }
        return told;
    }

    /** The correlation ids of the replies, each of which holds all outcomes of its message. */
    private static List<String> replies(JMSContext jms) throws Exception {
        List<String> ids = new ArrayList<>();
        for (Message message : take(jms, "replies")) {
            assertThat(JSON.readTree(message.getBody(String.class))).hasSize(ROWS_OF_A_MESSAGE);
            ids.add(message.getJMSCorrelationID());
        }
        return ids;
    }

    private static List<Message> take(JMSContext jms, String queue) {
        List<Message> taken = new ArrayList<>();
        try (JMSConsumer consumer = jms.createConsumer(jms.createQueue(queue))) {
            Message message = next(consumer);
            while (message != null) {
                taken.add(message);
                message = next(consumer);
            }
        }
        return taken;
    }

    /** The next message; null once the broker, which is asked, says that it has none. */
    private static Message next(JMSConsumer consumer) {
        Message message = consumer.receive(SHORT);
        return message == null ? consumer.receiveNoWait() : message;
    }

    private static RefundProcess.Launch process() {
        return RefundProcess.in(folder).archived().against(bos).env("REFUND_HTTP_PORT", "0").env("REFUND_NODE", "jms")
                .env("REFUND_CONCURRENCY", Integer.toString(CONCURRENCY)).env("REFUND_BROKER_URL", broker.url())
                .env("REFUND_BROKER_USER", BrokerProcess.USER).env("REFUND_BROKER_PASSWORD", BrokerProcess.PASSWORD);
    }
}
