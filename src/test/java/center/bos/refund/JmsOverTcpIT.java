// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.BrokerProcess;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.RestService.Answer;

/** What a JMS client outside gets, from a real broker over TCP. */
class JmsOverTcpIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final AtomicLong IDS = new AtomicLong(6_000_000_000L);
    private static final long SOON = 90_000;

    @TempDir
    static Path folder;
    private static BosServer bos;
    private static BrokerProcess broker;
    private static RestService service;

    @BeforeAll
    static void serve() {
        bos = BosServer.start();
        broker = BrokerProcess.start(folder.resolve("broker"));
        startService();
    }

    private static void startService() {
        service = RestService.start(
                RefundProcess.in(folder).archived().against(bos).env("REFUND_BROKER_URL", broker.url())
                        .env("REFUND_BROKER_USER", BrokerProcess.USER)
                        .env("REFUND_BROKER_PASSWORD", BrokerProcess.PASSWORD),
                folder);
    }

    private static void stopService() {
        service.close();
    }

    @AfterAll
    static void stop() {
        stopService();
        broker.close();
        bos.close();
    }

    @BeforeEach
    void answerSuccess() {
        bos.reply(Reply.success());
    }

    private static String pair(long id) {
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
    void repliesWithTheOutcomesOfOneOrOfAnArrayUnderTheirCorrelation() throws Exception {
        long one = IDS.incrementAndGet();
        long two = IDS.incrementAndGet();
        bos.reply(post -> post.referenceid().equals(Long.toString(two)) ? Reply.code(200, 2) : Reply.success());
        try (JMSContext jms = broker.client().createContext()) {
            TemporaryQueue replies = jms.createTemporaryQueue();
            JMSConsumer consumer = jms.createConsumer(replies);
            jms.createProducer().setJMSReplyTo(replies).setJMSCorrelationID("mine-1").send(requests(jms), pair(one));
            Message reply = consumer.receive(SOON);
            assertThat(json(reply).get("outcome").asText()).isEqualTo("SUCCESS");
            assertThat(reply.getJMSCorrelationID()).isEqualTo("mine-1");

            BytesMessage bytes = jms.createBytesMessage();
            bytes.writeBytes(("[" + pair(one) + "," + pair(two) + "]").getBytes(StandardCharsets.UTF_8));
            jms.createProducer().setJMSReplyTo(replies).send(requests(jms), bytes);
            Message both = consumer.receive(SOON);
            assertThat(json(both).findValuesAsText("outcome")).containsExactlyInAnyOrder("DUPLICATE", "ERROR");
            assertThat(both.getJMSCorrelationID()).isEqualTo(bytes.getJMSMessageID());
        }
        assertThat(bos.postsFor(Long.toString(one), "3")).hasSize(1);
    }

    @Test
    void aReplyThatNobodyCanGetHoldsNothingBack() throws Exception {
        int before = service.process().output().length();
        bos.reply(Reply.success().after(Duration.ofMillis(500)));
        String gone = Long.toString(IDS.incrementAndGet());
        String forbidden = Long.toString(IDS.incrementAndGet());
        String elsewhere = Long.toString(IDS.incrementAndGet());
        String next = Long.toString(IDS.incrementAndGet());
        List<String> ids = List.of(gone, forbidden, elsewhere, next);
        try (JMSContext jms = broker.client().createContext()) {
            drain(jms, "bos.refund.success");
            drain(jms, "bos.refund.dead");
            TemporaryQueue replies = jms.createTemporaryQueue();
            jms.createProducer().setJMSReplyTo(replies).send(requests(jms), pair(Long.parseLong(gone)));
            replies.delete();
            jms.createProducer().setJMSReplyTo(jms.createQueue(BrokerProcess.FORBIDDEN))
                    .send(requests(jms), pair(Long.parseLong(forbidden)));
            jms.createProducer().setJMSReplyTo(jms.createTopic("nobody.listens"))
                    .send(requests(jms), pair(Long.parseLong(elsewhere)));
            jms.createProducer().setJMSReplyTo(jms.createQueue(BrokerProcess.FORBIDDEN)).send(requests(jms), "no JSON");
            jms.createProducer().send(requests(jms), pair(Long.parseLong(next)));

            List<String> outcomes = new ArrayList<>();
            try (JMSConsumer success = jms.createConsumer(jms.createQueue("bos.refund.success"))) {
                for (int i = 0; i < ids.size(); i++) {
                    outcomes.add(json(success.receive(SOON)).get("referenceid").asText());
                }
                assertThat(success.receive(1_000)).as("a repeated outcome").isNull();
            }
            assertThat(outcomes).containsExactlyInAnyOrderElementsOf(ids);
            assertThat(drain(jms, "bos.refund.dead")).isEqualTo(1);
            assertThat(jms.createBrowser(requests(jms)).getEnumeration().hasMoreElements()).isFalse();
        }
        for (String id : ids) {
            assertThat(bos.postsFor(id, "3")).as(id).hasSize(1);
        }
        String log = service.process().output().substring(before);
        assertThat(log.lines().filter(line -> line.contains("JMSReplyTo")).count()).isBetween(2L, 3L);
        assertThat(log).doesNotContain("\tat ");
    }

    @Test
    void aMessageThatExpiredWhileItWaitedIsNotSentAndHoldsUpNoOther() throws Exception {
        String expiring = Long.toString(IDS.incrementAndGet());
        String next = Long.toString(IDS.incrementAndGet());
        service.process().pause();
        try (JMSContext jms = broker.client().createContext()) {
            jms.createProducer().setTimeToLive(500).send(requests(jms), pair(Long.parseLong(expiring)));
        }
        await().pollDelay(Duration.ofSeconds(2)).until(() -> true); // it expires
        try (JMSContext jms = broker.client().createContext()) { // the time would stay with the first
            jms.createProducer().send(requests(jms), pair(Long.parseLong(next)));
        }
        service.process().resume();
        await().atMost(Duration.ofSeconds(20)).until(() -> !bos.postsFor(next, "3").isEmpty());
        assertThat(bos.postsFor(expiring, "3")).isEmpty();
    }

    @Test
    void whatIsNoTriggerIsPutAsideWithTheReason() throws Exception {
        long calls = bos.postCount();
        try (JMSContext jms = broker.client().createContext()) {
            drain(jms, "bos.refund.dead");
            JMSProducer producer = jms.createProducer().setProperty("CamelJmsDestinationName", "bos.refund.success")
                    .setProperty("reason", "forged");
            producer.send(requests(jms), new ArrayList<>(List.of("x")));
            MapMessage map = jms.createMapMessage();
            map.setString("referenceid", "1");
            producer.send(requests(jms), map);
            StreamMessage stream = jms.createStreamMessage();
            stream.writeLong(1);
            producer.send(requests(jms), stream);
            producer.send(requests(jms), "not json");
            producer.send(requests(jms), "[]");
            producer.send(requests(jms), "{\"referenceid\":1}");
            producer.send(requests(jms), "{\"rows\":[{\"line\":1}]}");
            producer.send(requests(jms), "x".repeat(5 << 20));

            Set<String> reasons = new HashSet<>();
            try (JMSConsumer dead = jms.createConsumer(jms.createQueue("bos.refund.dead"))) {
                for (int i = 0; i < 8; i++) {
                    Message message = dead.receive(SOON);
                    assertThat(message).as("dead message " + i + " after " + reasons).isNotNull();
                    reasons.add(message.getStringProperty("reason"));
                }
                assertThat(dead.receive(500)).isNull();
            }
            assertThat(reasons).doesNotContain("forged").doesNotContainNull().hasSizeGreaterThanOrEqualTo(5);
        }
        assertThat(bos.postCount()).isEqualTo(calls);
    }

    @Test
    void aReplyThatWasOwedWhenTheServiceWasKilledIsSentAfterwards() throws Exception {
        long id = IDS.incrementAndGet();
        bos.reply(Reply.success().after(Duration.ofSeconds(2)));
        try (JMSContext jms = broker.client().createContext();
                JMSConsumer replies = jms.createConsumer(jms.createQueue("erp.replies"))) {
            jms.createProducer().setJMSReplyTo(jms.createQueue("erp.replies")).setJMSCorrelationID("killed")
                    .send(requests(jms), pair(id));
            await().atMost(Duration.ofMillis(SOON)).until(() -> !bos.postsFor(Long.toString(id), "3").isEmpty());
            service.process().kill9();
            stopService();
            startService();

            Message reply = replies.receive(SOON);
            assertThat(json(reply).get("outcome").asText()).isEqualTo("IN_DOUBT");
            assertThat(reply.getJMSCorrelationID()).isEqualTo("killed");
            assertThat(replies.receive(500)).as("a repeated reply").isNull();
        }
        assertThat(bos.postsFor(Long.toString(id), "3")).hasSize(1);
    }

    @Test
    void tenThousandMessagesAtOnceAreEachSentOnceAndNothingIsOwedAfterwards() throws Exception {
        int messages = 10_000;
        long first = IDS.getAndAdd(messages) + 1;
        long before = bos.postCount();
        try (JMSContext jms = broker.client().createContext(JMSContext.SESSION_TRANSACTED)) {
            drain(jms, "bos.refund.success");
            for (int i = 0; i < messages; i++) {
                jms.createProducer().send(requests(jms), pair(first + i));
            }
            jms.commit();
        }
        await().atMost(Duration.ofMinutes(3)).until(() -> bos.postCount() - before == messages);
        try (JMSContext jms = broker.client().createContext();
                JMSConsumer success = jms.createConsumer(jms.createQueue("bos.refund.success"))) {
            Set<String> told = new HashSet<>();
            while (told.size() < messages) {
                told.add(json(success.receive(SOON)).get("referenceid").asText());
            }
            assertThat(success.receive(500)).as("a repeated outcome").isNull();
        }
        for (int i = 0; i < messages; i += 97) {
            assertThat(bos.postsFor(Long.toString(first + i), "3")).hasSize(1);
        }
        await().atMost(Duration.ofSeconds(20)).until(() -> service.owed("success") == 0);
    }

    @Test
    void aBrokerThatDiesAndComesBackLosesNothingAndRepeatsNothing() throws Exception {
        int triggers = 300;
        bos.reply(Reply.success().after(Duration.ofMillis(20)));
        Set<String> sent = new HashSet<>();
        long before = bos.postCount();
        // all at once, so that the broker dies in the middle of the work however slowly it takes them
        try (JMSContext jms = broker.client().createContext(JMSContext.SESSION_TRANSACTED)) {
            drain(jms, "bos.refund.success");
            for (int i = 0; i < triggers; i++) {
                long id = IDS.incrementAndGet();
                sent.add(Long.toString(id));
                jms.createProducer().send(requests(jms), pair(id));
            }
            jms.commit();
        }
        await().atMost(Duration.ofMillis(SOON)).until(() -> bos.postCount() > before + 40);

        broker.kill9();
        await().atMost(Duration.ofMillis(SOON)).untilAsserted(() -> {
            Answer ready = service.get("/q/health/ready");
            assertThat(ready.status()).isEqualTo(503);
            assertThat(ready.http().body()).contains("\"broker\"", "since").doesNotContain(BrokerProcess.PASSWORD);
        });
        broker.restart();
        await().atMost(Duration.ofMillis(SOON)).until(() -> service.get("/q/health/ready").status() == 200);

        List<String> outcomes = new ArrayList<>();
        try (JMSContext jms = broker.client().createContext();
                JMSConsumer success = jms.createConsumer(jms.createQueue("bos.refund.success"))) {
            for (Message message = success.receive(SOON); message != null && outcomes.size() < triggers;) {
                assertThat(message.getStringProperty("_AMQ_DUPL_ID")).isNotNull();
                outcomes.add(json(message).get("referenceid").asText());
                message = outcomes.size() < triggers ? success.receive(SOON) : null;
            }
            assertThat(success.receive(1_000)).as("a repeated outcome").isNull();
            for (String queue : List.of("bos.refund.dead", "DLQ")) {
                assertThat(drain(jms, queue)).as(queue).isZero();
            }
        }
        assertThat(outcomes).hasSize(triggers).doesNotHaveDuplicates().containsAll(sent);
        for (String id : sent) {
            assertThat(bos.postsFor(id, "3")).as(id).hasSize(1);
        }
        assertThat(service.process().isAlive()).isTrue();
    }

    private static int drain(JMSContext jms, String queue) throws JMSException {
        int messages = 0;
        try (JMSConsumer consumer = jms.createConsumer(jms.createQueue(queue))) {
            while (consumer.receive(300) != null) {
                messages++;
            }
        }
        return messages;
    }
}
