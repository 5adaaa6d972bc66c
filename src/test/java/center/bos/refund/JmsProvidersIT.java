// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicLong;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.TemporaryQueue;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.BrokerProcess;
import center.bos.refund.testkit.JmsProvider;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;

/** What a JMS client gets where the broker is spoken to in another way than by Artemis' own protocol. */
@ParameterizedClass
@EnumSource(value = JmsProvider.class, names = {"AMQP", "CLASSIC"})
class JmsProvidersIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final AtomicLong IDS = new AtomicLong(5_000_000_000L);
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final long SOON = 60_000;

    private static BosServer bos;
    private static BrokerProcess broker;
    private static RestService service;
    private static JmsProvider provider;

    JmsProvidersIT(JmsProvider provider) {
        assertThat(provider).isEqualTo(JmsProvidersIT.provider);
    }

    @BeforeParameterizedClassInvocation
    static void serve(JmsProvider provider) throws Exception {
        JmsProvidersIT.provider = provider;
        Path own = Files.createTempDirectory("jms-");
        bos = BosServer.start();
        broker = provider.start(own.resolve("broker"));
        service = RestService.start(
                provider.configure(RefundProcess.in(own).archived().against(bos), broker, own), own);
    }

    @AfterParameterizedClassInvocation
    static void stop() {
        service.close();
        broker.close();
        bos.close();
    }

    @BeforeEach
    void answerSuccess() {
        bos.reply(Reply.success());
    }

    private static JMSContext connect() {
        return provider.client(broker).createContext();
    }

    private static String newId() {
        return Long.toString(IDS.incrementAndGet());
    }

    private static String pair(String id) {
        return "{\"referenceid\":\"" + id + "\",\"ackno\":3}";
    }

    private static Queue requests(JMSContext jms) {
        return jms.createQueue("bos.refund.requests");
    }

    private static JsonNode json(Message message) throws Exception {
        assertThat(message).as("a message").isNotNull();
        return JSON.readTree(message.getBody(String.class));
    }

    @Test
    void repliesToATextAndToBytesWithTheOutcomesUnderTheirCorrelation() throws Exception {
        String one = newId();
        String two = newId();
        bos.reply(post -> post.referenceid().equals(two) ? Reply.code(200, 2) : Reply.success());
        try (JMSContext jms = connect()) {
            TemporaryQueue replies = jms.createTemporaryQueue();
            try (JMSConsumer consumer = jms.createConsumer(replies)) {
                jms.createProducer().setJMSReplyTo(replies).setJMSCorrelationID("mine-1").setPriority(9)
                        .send(requests(jms), "\uFEFF" + pair(one));
                Message reply = consumer.receive(SOON);
                assertThat(json(reply).get("outcome").asText()).isEqualTo("SUCCESS");
                assertThat(reply.getJMSCorrelationID()).isEqualTo("mine-1");
                assertThat(reply.getJMSExpiration()).isPositive();

                BytesMessage bytes = jms.createBytesMessage();
                bytes.writeBytes(("[{\"referenceid\":" + one + ",\"ackno\":\"3\"}," + pair(two) + "]")
                        .getBytes(StandardCharsets.UTF_8));
                jms.createProducer().setJMSReplyTo(replies).send(requests(jms), bytes);
                Message both = consumer.receive(SOON);
                assertThat(json(both).findValuesAsText("outcome")).containsExactly("DUPLICATE", "ERROR");
                assertThat(both.getJMSCorrelationID()).isEqualTo(bytes.getJMSMessageID());
            }
        }
        assertThat(bos.postsFor(one, "3")).hasSize(1);
    }

    @Test
    void putsAsideWhatIsNoRequestAsItCame() throws Exception {
        long calls = bos.postCount();
        try (JMSContext jms = connect()) {
            jms.createProducer().setProperty("source", "erp").setJMSCorrelationID("order 7").send(requests(jms),
                    "no JSON");
            Message text = take(jms, "bos.refund.dead", 1).get(0);
            assertThat(text.getBody(String.class)).isEqualTo("no JSON");
            assertThat(text.getStringProperty("reason")).isEqualTo("the message is not the expected JSON");
            assertThat(text.getStringProperty("source")).isEqualTo("erp");
            assertThat(text.getJMSCorrelationID()).isEqualTo("order 7");

            MapMessage map = jms.createMapMessage();
            map.setString("referenceid", "1");
            jms.createProducer().send(requests(jms), map);
            Message dead = take(jms, "bos.refund.dead", 1).get(0);
            assertThat(((MapMessage) dead).getString("referenceid")).isEqualTo("1");
            assertThat(dead.getStringProperty("reason")).contains("neither text nor bytes");

            jms.createProducer().send(requests(jms), new ArrayList<>(List.of("x")));
            jms.createProducer().send(requests(jms), jms.createStreamMessage());
            assertThat(take(jms, "bos.refund.dead", 2)).allSatisfy(one -> assertThat(one.getStringProperty("reason"))
                    .contains("neither text nor bytes"));
        }
        assertThat(bos.postCount()).isEqualTo(calls);
    }

    @Test
    void takesALargeMessageUpToTheLimit() throws Exception {
        String id = newId();
        try (JMSContext jms = connect()) {
            jms.createProducer().send(requests(jms), pair(id) + " ".repeat(3 << 20));
            await().atMost(LONG).until(() -> !bos.postsFor(id, "3").isEmpty());
            jms.createProducer().send(requests(jms), pair(newId()) + " ".repeat(5 << 20));
            Message dead = take(jms, "bos.refund.dead", 1).get(0);
            assertThat(dead.getStringProperty("reason")).contains("larger than");
            assertThat(dead.getBody(String.class)).hasSizeGreaterThan(5 << 20);
        }
    }

    @Test
    void aReplyWhoseQueueIsGoneHoldsNothingBack() throws Exception {
        bos.reply(Reply.success().after(Duration.ofMillis(500)));
        String gone = newId();
        String next = newId();
        try (JMSContext asking = connect()) {
            asking.createProducer().setJMSReplyTo(asking.createTemporaryQueue()).send(requests(asking), pair(gone));
        } // its temporary queue goes with it
        try (JMSContext jms = connect()) {
            TemporaryQueue replies = jms.createTemporaryQueue();
            jms.createProducer().setJMSReplyTo(replies).send(requests(jms), pair(next));
            try (JMSConsumer consumer = jms.createConsumer(replies)) {
                assertThat(json(consumer.receive(SOON)).get("outcome").asText()).isEqualTo("SUCCESS");
            }
        }
        assertThat(bos.postsFor(gone, "3")).hasSize(1);
        await().atMost(LONG).until(() -> service.owed("reply") == 0);
    }

    @Test
    void aMessageThatExpiredWhileItWaitedIsNotSent() throws Exception {
        String expiring = newId();
        String next = newId();
        service.process().pause();
        try (JMSContext jms = connect()) {
            jms.createProducer().setTimeToLive(500).send(requests(jms), pair(expiring));
        }
        await().pollDelay(Duration.ofSeconds(2)).until(() -> true); // it expires
        try (JMSContext jms = connect()) {
            jms.createProducer().send(requests(jms), pair(next));
        }
        service.process().resume();
        await().atMost(LONG).until(() -> !bos.postsFor(next, "3").isEmpty());
        assertThat(bos.postsFor(expiring, "3")).isEmpty();
    }

    @Test
    void aBrokerThatDiesAndComesBackLosesNothing() throws Exception {
        int messages = 200;
        bos.reply(Reply.success().after(Duration.ofMillis(50)));
        long before = bos.postCount();
        Set<String> ids = new TreeSet<>();
        try (JMSContext jms = provider.client(broker).createContext(JMSContext.SESSION_TRANSACTED)) {
            for (int i = 0; i < messages; i++) {
                String id = newId();
                ids.add(id);
                jms.createProducer().send(requests(jms), pair(id));
            }
            jms.commit();
        }
        await().atMost(LONG).until(() -> bos.postCount() > before + 20);

        broker.kill9();
        await().atMost(LONG).until(() -> service.get("/q/health/ready").status() == 503);
        broker.restart();
        await().atMost(LONG).until(() -> service.get("/q/health/ready").status() == 200);

        await().atMost(LONG).until(() -> bos.postCount() - before >= messages && service.owed("success") == 0);
        assertThat(ids).allSatisfy(id -> assertThat(bos.postsFor(id, "3")).hasSize(1));
        try (JMSContext jms = connect()) {
            Set<String> told = new TreeSet<>();
            for (Message message : takeAll(jms, "bos.refund.success")) {
                told.add(json(message).get("referenceid").asText());
            }
            assertThat(told).containsAll(ids);
            assertThat(takeAll(jms, "bos.refund.dead")).isEmpty();
        }
    }

    private static List<Message> take(JMSContext jms, String queue, int count) {
        List<Message> taken = new ArrayList<>();
        try (JMSConsumer consumer = jms.createConsumer(jms.createQueue(queue))) {
            while (taken.size() < count) {
                Message message = consumer.receive(SOON);
                assertThat(message).as("message %d of %d on %s", taken.size() + 1, count, queue).isNotNull();
                taken.add(message);
            }
            assertThat(consumer.receive(300)).as("one more on %s", queue).isNull();
        }
        return taken;
    }

    private static List<Message> takeAll(JMSContext jms, String queue) {
        List<Message> taken = new ArrayList<>();
        try (JMSConsumer consumer = jms.createConsumer(jms.createQueue(queue))) {
            for (Message message = consumer.receive(1_000); message != null; message = consumer.receive(1_000)) {
                taken.add(message);
            }
        }
        return taken;
    }
}
