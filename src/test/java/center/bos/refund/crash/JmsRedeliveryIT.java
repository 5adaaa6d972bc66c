// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;

import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.apache.qpid.protonj2.types.Binary;
import org.apache.qpid.protonj2.types.UnsignedLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.BrokerProcess;
import center.bos.refund.testkit.JmsProvider;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.StompSender;

/** A message that is delivered again is told from a new one, whichever client sent it and whichever receives it. */
class JmsRedeliveryIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final AtomicLong IDS = new AtomicLong(7_000_000_000L);
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final long SOON = 60_000;
    private static final String REQUESTS = "bos.refund.requests";
    private static final String REPLIES = "erp.replies";
    /** Rows are called, and their messages stay with the broker, whichever client takes them. */
    private static final String NOTHING_IS_ACKNOWLEDGED = Stream
            .of("org.apache.activemq.artemis.jms.client.ActiveMQMessage", "org.apache.qpid.jms.message.JmsMessage",
                    "org.apache.activemq.command.ActiveMQMessage")
            .map(message -> """
                    RULE nothing is acknowledged of %s
                    CLASS %s
                    METHOD acknowledge
                    AT ENTRY
                    IF true
                    DO RETURN
                    ENDRULE
                    """.formatted(message, message)).collect(Collectors.joining("\n"));

    @TempDir
    static Path folder;
    private static BosServer bos;
    private static BrokerProcess artemis;
    private static BrokerProcess classic;

    @BeforeAll
    static void start() {
        bos = BosServer.start();
        artemis = JmsProvider.ARTEMIS.start(folder.resolve("artemis"));
        classic = JmsProvider.CLASSIC.start(folder.resolve("classic"));
    }

    @AfterAll
    static void stop() {
        classic.close();
        artemis.close();
        bos.close();
    }

    private static BrokerProcess broker(JmsProvider receiver) {
        return receiver == JmsProvider.CLASSIC ? classic : artemis;
    }

    /** Sends one request that asks for a reply. */
    @FunctionalInterface
    private interface Send {
        void send(BrokerProcess broker, String id, String text) throws Exception;
    }

    /** Who sends a message, and what the message is told by. */
    private enum Sender {
        // @formatter:off
        CORE((broker, id, text) -> byJms(JmsProvider.ARTEMIS.client(broker), text)),
        OPENWIRE((broker, id, text) -> byJms(JmsProvider.CLASSIC.client(broker), text)),
        AMQP_JMS((broker, id, text) -> byJms(JmsProvider.AMQP.client(broker), text)),
        AMQP_TEXT((broker, id, text) -> byAmqp(broker, message(text).messageId("order " + id))),
        AMQP_BINARY((broker, id, text) -> byAmqp(broker,
                message(text).messageId(new Binary(("\u0001" + id).getBytes(StandardCharsets.UTF_8))))),
        AMQP_UUID((broker, id, text) -> byAmqp(broker, message(text).messageId(UUID.randomUUID()))),
        AMQP_NUMBER((broker, id, text) -> byAmqp(broker, message(text).messageId(UnsignedLong.valueOf(id)))),
        AMQP_CORRELATION((broker, id, text) -> byAmqp(broker, message(text).correlationId("order " + id))),
        AMQP_TIME((broker, id, text) -> byAmqp(broker, message(text).creationTime(System.currentTimeMillis()))),
        STOMP_CORRELATION((broker, id, text) -> byStomp(broker, Map.of("correlation-id", "order " + id), text)),
        STOMP((broker, id, text) -> byStomp(broker, Map.of(), text));
        // @formatter:on

        private final Send send;

        Sender(Send send) {
            this.send = send;
        }

        /** Those that a broker has an acceptor for. */
        private static Set<Sender> to(BrokerProcess broker) {
            return broker == classic ? EnumSet.of(OPENWIRE) : EnumSet.allOf(Sender.class);
        }
    }

    private static void byJms(ConnectionFactory client, String text) {
        try (JMSContext jms = client.createContext()) {
            jms.createProducer().setJMSReplyTo(jms.createQueue(REPLIES)).send(jms.createQueue(REQUESTS), text);
        }
    }

    private static org.apache.qpid.protonj2.client.Message<String> message(String text) throws ClientException {
        return org.apache.qpid.protonj2.client.Message.create(text).durable(true).replyTo(REPLIES);
    }

    private static void byAmqp(BrokerProcess broker, org.apache.qpid.protonj2.client.Message<?> message)
            throws ClientException {
        ConnectionOptions login = new ConnectionOptions().user(BrokerProcess.USER).password(BrokerProcess.PASSWORD);
        try (Client client = Client.create();
                Connection connection = client.connect("127.0.0.1", broker.port(), login);
                org.apache.qpid.protonj2.client.Sender sender = connection.openSender(REQUESTS)) {
            sender.send(message).awaitAccepted(SOON, TimeUnit.MILLISECONDS);
        }
    }

    private static void byStomp(BrokerProcess broker, Map<String, String> headers, String text) throws Exception {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put("reply-to", REPLIES);
        try (StompSender stomp = new StompSender(broker)) {
            stomp.send(REQUESTS, all, text);
        }
    }

    private static String pair(String id) {
        return "{\"referenceid\":\"" + id + "\",\"ackno\":5}";
    }

    private static RefundProcess.Launch launch(Path own, JmsProvider receiver, String window) {
        return receiver.configure(RefundProcess.in(own).archived().against(bos), broker(receiver), own)
                .env("REFUND_DUPLICATE_WINDOW", window).env("BOS_TIMEOUT_RESPONSE", "10m");
    }

    @ParameterizedTest
    @CsvSource({"ARTEMIS, 24h", "ARTEMIS, 0", "CLASSIC, 0"})
    void aMessageThatWasCalledAndComesAgainIsInDoubtOnce(JmsProvider receiver, String window) throws Exception {
        BrokerProcess broker = broker(receiver);
        Path own = folder.resolve(receiver + "-" + window);
        Files.createDirectories(own);
        Map<String, Sender> sent = new LinkedHashMap<>();
        try (RestService service = RestService.start(
                KillAgent.inject(NOTHING_IS_ACKNOWLEDGED, own, launch(own, receiver, window)), own)) {
            letManyCallsBegin(service);
            bos.reply(Reply.hang());
            for (Sender sender : Sender.to(broker)) {
                String id = Long.toString(IDS.incrementAndGet());
                sent.put(id, sender);
                sender.send.send(broker, id, pair(id));
            }
            await().atMost(LONG).untilAsserted(() -> assertThat(sent).allSatisfy(
                    (id, sender) -> assertThat(bos.postsFor(id, "5")).as("calls of " + sender).hasSize(1)));
            service.process().kill9();
        }

        bos.reply(Reply.success());
        try (RestService service = RestService.start(launch(own, receiver, window), own);
                JMSContext jms = receiver.client(broker).createContext()) {
            assertThat(outcomes(jms, REPLIES, sent)).as("replies").containsExactlyInAnyOrderEntriesOf(inDoubt(sent));
            assertThat(outcomes(jms, "bos.refund.error", sent)).as("told on the channel")
                    .containsExactlyInAnyOrderEntriesOf(inDoubt(sent));
            await().atMost(LONG).until(() -> !jms.createBrowser(jms.createQueue(REQUESTS)).getEnumeration()
                    .hasMoreElements());
            assertThat(take(jms, "bos.refund.dead", 0)).isEmpty();
            for (String id : sent.keySet()) {
                assertThat(bos.postsFor(id, "5")).as("calls of " + sent.get(id)).hasSize(1);
                assertThat(service.get("/refunds/" + id + "/5").json().findValuesAsText("state"))
                        .as("rows of " + sent.get(id)).containsExactly("IN_DOUBT");
            }
        }
    }

    /** Answers some calls: until there are answers the service makes one call at a time. */
    private static void letManyCallsBegin(RestService service) {
        bos.reply(Reply.success());
        String first = LongStream.range(0, 40).mapToObj(i -> pair(Long.toString(IDS.incrementAndGet())))
                .collect(Collectors.joining(",", "[", "]"));
        String batch = service.json("/batches", first).header("Location");
        await().atMost(LONG).until(() -> service.get(batch).json().get("success").asLong() == 40);
    }

    private static Map<String, String> inDoubt(Map<String, Sender> sent) {
        Map<String, String> expected = new LinkedHashMap<>();
        sent.forEach((id, sender) -> expected.put(sender + " " + id, "IN_DOUBT"));
        return expected;
    }

    private static Map<String, String> outcomes(JMSContext jms, String queue, Map<String, Sender> sent)
            throws Exception {
        Map<String, String> outcomes = new LinkedHashMap<>();
        for (Message message : take(jms, queue, sent.size())) {
            JsonNode outcome = JSON.readTree(message.getBody(String.class));
            String id = outcome.get("referenceid").asText();
            assertThat(outcomes.put(sent.get(id) + " " + id, outcome.get("outcome").asText())).as("told once more")
                    .isNull();
        }
        return outcomes;
    }

    /** That many messages and, to be shown, those that are too many. */
    private static List<Message> take(JMSContext jms, String queue, int count) {
        List<Message> taken = new ArrayList<>();
        try (JMSConsumer consumer = jms.createConsumer(jms.createQueue(queue))) {
            Message message = consumer.receive(count == 0 ? 500 : SOON);
            while (message != null) {
                taken.add(message);
                message = consumer.receive(taken.size() < count ? SOON : 1_000);
            }
        }
        return taken;
    }

    @ParameterizedTest
    @EnumSource(value = JmsProvider.class, names = {"ARTEMIS", "AMQP"})
    void whatNothingTellsApartIsPutAsideWithWhatToSwitchOn(JmsProvider receiver) throws Exception {
        Path own = folder.resolve("apart-" + receiver);
        String bare = Long.toString(IDS.incrementAndGet());
        String disabled = Long.toString(IDS.incrementAndGet());
        String alike = Long.toString(IDS.incrementAndGet());
        bos.reply(Reply.success());
        try (RestService service = RestService.start(launch(own, receiver, "0"), own);
                JMSContext jms = receiver.client(artemis).createContext()) {
            byAmqp(artemis, message(pair(bare)));
            try (JMSContext core = JmsProvider.ARTEMIS.client(artemis).createContext()) {
                core.createProducer().setDisableMessageID(true).setDisableMessageTimestamp(true)
                        .send(core.createQueue(REQUESTS), pair(disabled));
            }
            List<Message> dead = take(jms, "bos.refund.dead", 2);
            assertThat(dead).extracting(JmsRedeliveryIT::text).containsExactlyInAnyOrder(pair(bare), pair(disabled));
            assertThat(dead).allSatisfy(message -> assertThat(message.getStringProperty("reason"))
                    .contains("no JMSMessageID").contains("switch message ids on"));
            assertThat(text(take(jms, REPLIES, 1).get(0))).contains("no JMSMessageID");

            for (int i = 0; i < 2; i++) {
                byAmqp(artemis, message(pair(alike)).correlationId("the same"));
            }
            Message second = take(jms, "bos.refund.dead", 1).get(0);
            assertThat(text(second)).isEqualTo(pair(alike));
            assertThat(second.getStringProperty("reason")).contains("each message needs an id of its own");
            assertThat(take(jms, REPLIES, 2)).extracting(JmsRedeliveryIT::text)
                    .anyMatch(text -> text.contains("SUCCESS")).anyMatch(text -> text.contains("id of its own"));
            assertThat(service.get("/refunds/" + alike + "/5").json().findValuesAsText("state"))
                    .containsExactly("SUCCESS");
        }
        assertThat(bos.postsFor(alike, "5")).hasSize(1);
        assertThat(bos.postsFor(bare, "5")).isEmpty();
        assertThat(bos.postsFor(disabled, "5")).isEmpty();
    }

    private static String text(Message message) {
        try {
            return message.getBody(String.class);
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }
}
