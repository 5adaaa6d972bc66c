// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
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

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.BrokerProcess;
import center.bos.refund.testkit.JmsProvider;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.StompSender;

/**
 * Messages of every kind of sender are called and not acknowledged; then the service is killed, or the broker too, and all
 * are delivered again.
 */
final class JmsRedelivery {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final AtomicLong IDS = new AtomicLong(7_000_000_000L);
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final long SOON = 60_000;
    private static final long QUIET = 500;
    /** Longer than a message is worked on. */
    private static final long LAST = 2_000;
    private static final String REQUESTS = "bos.refund.requests";
    private static final String DEAD = "bos.refund.dead";
    private static final String REPLIES = "erp.replies";
    /** Rows are called, and their messages stay with the broker, whichever client takes them. */
    private static final String NOTHING_IS_ACKNOWLEDGED = """
            RULE nothing is acknowledged
            CLASS org.springframework.jms.listener.AbstractMessageListenerContainer
            METHOD commitIfNecessary
            AT ENTRY
            IF true
            DO RETURN
            ENDRULE
            """;

    private final JmsProvider receiver;
    private final String window;
    private final BrokerProcess broker;
    private final BosServer bos;
    private final Path folder;
    /** Who sent the row of that reference id. */
    private final Map<String, Sender> sent = new LinkedHashMap<>();

    JmsRedelivery(JmsProvider receiver, String window, BrokerProcess broker, BosServer bos, Path folder) {
        this.receiver = receiver;
        this.window = window;
        this.broker = broker;
        this.bos = bos;
        this.folder = folder;
    }

    /** Sends one request that asks for a reply. */
    @FunctionalInterface
    private interface Send {
        void send(BrokerProcess broker, String id, String text) throws Exception;
    }

    /** Who sends a message, and what the message is told by. */
    private enum Sender {
        // @formatter:off
        CORE(true, (broker, id, text) -> byJms(JmsProvider.ARTEMIS.client(broker), text)),
        OPENWIRE(true, (broker, id, text) -> byJms(JmsProvider.CLASSIC.client(broker), text)),
        AMQP_JMS(true, (broker, id, text) -> byJms(JmsProvider.AMQP.client(broker), text)),
        AMQP_TEXT(true, (broker, id, text) -> byAmqp(broker, message(text).messageId("order " + id))),
        AMQP_BINARY(true, (broker, id, text) -> byAmqp(broker,
                message(text).messageId(new Binary(("\u0001" + id).getBytes(StandardCharsets.UTF_8))))),
        AMQP_UUID(true, (broker, id, text) -> byAmqp(broker, message(text).messageId(UUID.randomUUID()))),
        AMQP_NUMBER(true, (broker, id, text) -> byAmqp(broker, message(text).messageId(UnsignedLong.valueOf(id)))),
        AMQP_CORRELATION(false, (broker, id, text) -> byAmqp(broker, message(text).correlationId("order " + id))),
        AMQP_TIME(false, (broker, id, text) -> byAmqp(broker, message(text).creationTime(System.currentTimeMillis()))),
        STOMP_CORRELATION(false, (broker, id, text) -> byStomp(broker, Map.of("correlation-id", "order " + id), text)),
        STOMP(false, (broker, id, text) -> byStomp(broker, Map.of(), text));
        // @formatter:on

        private final boolean givesId;
        private final Send send;

        Sender(boolean givesId, Send send) {
            this.givesId = givesId;
            this.send = send;
        }

        /** Those that the receiver's broker has an acceptor for. */
        private static Stream<Sender> to(JmsProvider receiver) {
            return receiver == JmsProvider.CLASSIC ? Stream.of(OPENWIRE) : Stream.of(values());
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

    private static String newId() {
        return Long.toString(IDS.incrementAndGet());
    }

    private static String pair(String id) {
        return "{\"referenceid\":\"" + id + "\",\"ackno\":5}";
    }

    private RefundProcess.Launch launch() {
        return receiver.configure(RefundProcess.in(folder).archived().against(bos), broker, folder)
                .env("REFUND_DUPLICATE_WINDOW", window).env("BOS_TIMEOUT_RESPONSE", "10m");
    }

    /** Does it, and returns the service that goes on, for the caller to close. */
    RestService run(boolean withTheBroker) throws Exception {
        Files.createDirectories(folder);
        try (RestService service = RestService.start(KillAgent.inject(NOTHING_IS_ACKNOWLEDGED, folder, launch()),
                folder)) {
            letManyCallsBegin(service);
            bos.reply(Reply.hang());
            for (Sender sender : Sender.to(receiver).toList()) {
                String id = newId();
                sent.put(id, sender);
                sender.send.send(broker, id, pair(id));
            }
            await().atMost(LONG).untilAsserted(() -> assertThat(sent).allSatisfy(
                    (id, sender) -> assertThat(bos.postsFor(id, "5")).as("calls of " + sender).hasSize(1)));
            if (withTheBroker) {
                broker.kill9(); // before it notes that a client is gone
            }
            service.process().kill9();
        }
        if (withTheBroker) {
            broker.restart();
        }
        bos.reply(Reply.success());
        RestService service = RestService.start(launch(), folder);
        try (JMSContext jms = receiver.client(broker).createContext()) {
            checkOnceInDoubt(service, jms, withTheBroker);
        } catch (Exception | AssertionError e) {
            service.close();
            throw e;
        }
        return service;
    }

    /**
     * A broker that is killed forgets what it delivered, and over AMQP an Artemis may when a client is killed. What has no id
     * is then put aside, for it may be another message; whoever asks hears how the one ended that it may be.
     */
    private void checkOnceInDoubt(RestService service, JMSContext jms, boolean withTheBroker) throws Exception {
        Set<String> told = new TreeSet<>();
        Set<String> put = new TreeSet<>();
        Set<String> withoutId = sent.keySet().stream().filter(id -> !sent.get(id).givesId)
                .collect(Collectors.toCollection(TreeSet::new));
        boolean mayForget = withTheBroker || receiver == JmsProvider.AMQP;
        await().atMost(LONG).until(() -> service.owed("reply") == 0
                && !jms.createBrowser(jms.createQueue(REQUESTS)).getEnumeration().hasMoreElements());
        try (JMSConsumer replies = jms.createConsumer(jms.createQueue(REPLIES))) {
            for (Message message = replies.receive(SOON); message != null; message = replies.receive(LAST)) {
                JsonNode reply = json(message);
                String id = reply.path("referenceid").asText();
                assertThat(reply.path("outcome").asText()).as(sent.get(id) + ": " + reply).isEqualTo("IN_DOUBT");
                assertThat((reply.has("error") ? put : told).add(id)).as("told once more " + reply).isTrue();
            }
        }
        assertThat(told).as("replies").isEqualTo(sent.keySet());
        assertThat(mayForget ? withoutId : Set.of()).as("forgotten").containsAll(put);
        List<Message> dead = take(jms, DEAD, put.size());
        assertThat(dead).extracting(message -> json(message).get("referenceid").asText())
                .containsExactlyInAnyOrderElementsOf(put);
        assertThat(dead).allSatisfy(message -> assertThat(message.getStringProperty("reason")).contains("batch jms-")
                .contains("give each message an id of its own"));
        assertThat(take(jms, "bos.refund.error", sent.size())).extracting(JmsRedelivery::json)
                .allSatisfy(outcome -> assertThat(outcome.get("outcome").asText()).isEqualTo("IN_DOUBT"))
                .extracting(outcome -> outcome.get("referenceid").asText())
                .containsExactlyInAnyOrderElementsOf(sent.keySet());
        assertThat(jms.createBrowser(jms.createQueue(REQUESTS)).getEnumeration().hasMoreElements()).isFalse();
        for (String id : sent.keySet()) {
            assertThat(bos.postsFor(id, "5")).as("calls of " + sent.get(id)).hasSize(1);
            assertThat(service.get("/refunds/" + id + "/5").json().findValuesAsText("state"))
                    .as("rows of " + sent.get(id)).containsExactly("IN_DOUBT");
        }
    }

    /** Answers some calls: until there are answers the service makes one call at a time. */
    private void letManyCallsBegin(RestService service) {
        bos.reply(Reply.success());
        String first = LongStream.range(0, 40).mapToObj(i -> pair(newId())).collect(Collectors.joining(",", "[", "]"));
        String batch = service.json("/batches", first).header("Location");
        await().atMost(LONG).until(() -> service.get(batch).json().get("success").asLong() == 40);
    }

    /** Messages that nothing tells apart, to a service of an Artemis. */
    void whatNothingTellsApartIsPutAside(RestService service) throws Exception {
        String bare = newId();
        String disabled = newId();
        String alike = newId();
        bos.reply(Reply.success());
        try (JMSContext jms = receiver.client(broker).createContext()) {
            byAmqp(broker, message(pair(bare)));
            try (JMSContext core = JmsProvider.ARTEMIS.client(broker).createContext()) {
                core.createProducer().setDisableMessageID(true).setDisableMessageTimestamp(true)
                        .send(core.createQueue(REQUESTS), pair(disabled));
            }
            List<Message> dead = take(jms, DEAD, 2);
            assertThat(dead).extracting(JmsRedelivery::text).containsExactlyInAnyOrder(pair(bare), pair(disabled));
            assertThat(dead).allSatisfy(message -> assertThat(message.getStringProperty("reason"))
                    .contains("no JMSMessageID").contains("enable message ids"));
            assertThat(text(take(jms, REPLIES, 1).get(0))).contains("no JMSMessageID");

            byAmqp(broker, message(pair(alike)).correlationId("the same"));
            assertThat(json(take(jms, REPLIES, 1).get(0)).get("outcome").asText()).isEqualTo("SUCCESS");
            byAmqp(broker, message(pair(alike)).correlationId("the same"));
            Message second = take(jms, DEAD, 1).get(0);
            assertThat(text(second)).isEqualTo(pair(alike));
            assertThat(second.getStringProperty("reason")).contains("give each message an id of its own");
            JsonNode reply = json(take(jms, REPLIES, 1).get(0));
            assertThat(reply.get("outcome").asText()).isEqualTo("SUCCESS");
            assertThat(reply.get("error").asText()).isEqualTo(second.getStringProperty("reason"));
            assertThat(service.get("/refunds/" + alike + "/5").json().findValuesAsText("state"))
                    .containsExactly("SUCCESS");
        }
        assertThat(bos.postsFor(alike, "5")).hasSize(1);
        assertThat(bos.postsFor(bare, "5")).isEmpty();
        assertThat(bos.postsFor(disabled, "5")).isEmpty();
    }

    /** That many messages, and no more. */
    private static List<Message> take(JMSContext jms, String queue, int count) {
        List<Message> taken = new ArrayList<>();
        try (JMSConsumer consumer = jms.createConsumer(jms.createQueue(queue))) {
            while (taken.size() < count) {
                Message message = consumer.receive(SOON);
                assertThat(message).as("message %d of %d on %s", taken.size() + 1, count, queue).isNotNull();
                taken.add(message);
            }
            assertThat(consumer.receive(QUIET)).as("one more on %s", queue).isNull();
        }
        return taken;
    }

    private static JsonNode json(Message message) {
        try {
            return JSON.readTree(text(message));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String text(Message message) {
        try {
            return message.getBody(String.class);
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }
}
