// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import jakarta.inject.Inject;
import jakarta.jms.BytesMessage;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.testkit.BosInTests;
import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.BrokerInTests;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.Reply;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;

/** Triggers that come as messages, and outcomes that leave as messages. */
@QuarkusTest
@WithTestResource(BosInTests.class)
@WithTestResource(BrokerInTests.class)
class JmsTriggerTest {
    private static final long SOON_MILLIS = 60_000;
    private static final long SEVEN_DAYS_MILLIS = 7L * 24 * 60 * 60 * 1000;

    BosServer bos;
    DataTree data;

    @Inject
    ConnectionFactory connections;

    @Inject
    ObjectMapper json;

    private JMSContext jms;

    @BeforeEach
    void connect() {
        bos.reply(Reply.success());
        jms = connections.createContext();
        for (String queue : List.of("bos.refund.success", "bos.refund.error", "bos.refund.dead")) {
            try (JMSConsumer left = jms.createConsumer(jms.createQueue(queue))) {
                while (left.receiveNoWait() != null) {
                    // of another test
                }
            }
        }
    }

    @AfterEach
    void disconnect() {
        jms.close();
    }

    @Test
    void eachOutcomeOfAFileArrivesOnItsChannelOnce() throws Exception {
        bos.reply(post -> Long.parseLong(post.ackno()) % 4 == 0 ? Reply.code(200, 2) : Reply.success());

        data.drop("channels.csv", CsvFiles.rows(40).from(20_000_000));

        String batch = data.results("channels").summary().batch();
        List<Message> sent = receive("bos.refund.success", 30);
        List<Message> failed = receive("bos.refund.error", 10);
        Map<String, JsonNode> byId = new HashMap<>();
        for (Message message : join(sent, failed)) {
            JsonNode outcome = json.readTree(((TextMessage) message).getText());
            assertThat(outcome.get("batch").asText()).isEqualTo(batch);
            byId.put(message.getStringProperty("_AMQ_DUPL_ID"), outcome);
            // the client reads the clock once for each
            assertThat(message.getJMSExpiration() - message.getJMSTimestamp()).isCloseTo(SEVEN_DAYS_MILLIS,
                    within(100L));
            assertThat(message.getJMSDeliveryMode()).isEqualTo(jakarta.jms.DeliveryMode.PERSISTENT);
        }
        assertThat(byId).hasSize(40).doesNotContainKey(null);
        assertThat(sent).allSatisfy(message -> assertThat(outcome(message)).containsEntry("outcome", "SUCCESS")
                .containsEntry("http_status", 200).containsEntry("response_code", "1"));
        assertThat(failed).allSatisfy(message -> assertThat(outcome(message)).containsEntry("outcome", "ERROR")
                .containsEntry("response_code", "2").containsKeys("line", "referenceid", "ackno", "message", "attempts",
                        "answered_at"));
    }

    @Test
    void aTextWithOneRefundIsSentAlsoWithAByteOrderMark() {
        send(session -> session.createTextMessage("\uFEFF{\"referenceid\":\"31000000001\",\"ackno\":\"21000001\"}"));

        assertThat(outcome(receive("bos.refund.success", 1).get(0))).containsEntry("outcome", "SUCCESS")
                .containsEntry("referenceid", "31000000001").containsEntry("ackno", "21000001");
        assertThat(bos.postsFor("31000000001", "21000001")).hasSize(1);
    }

    @Test
    void bytesWithAnArrayAreSentEachByItself() {
        send(session -> bytes(session, "[{\"referenceid\":31000000002,\"ackno\":1},{\"referenceid\":\"31000000003\","
                + "\"ackno\":2,\"more\":true},{\"referenceid\":\"x\",\"ackno\":3}]"));

        assertThat(receive("bos.refund.success", 2)).extracting(message -> outcome(message).get("referenceid"))
                .containsExactlyInAnyOrder("31000000002", "31000000003");
        assertThat(outcome(receive("bos.refund.error", 1).get(0))).containsEntry("outcome", "REJECTED")
                .containsEntry("referenceid", "x").containsEntry("ackno", "3");
    }

    @Test
    void aRejectedPairIsToldAsItWasGivenAndHoldsNoOtherUp() throws Exception {
        send(session -> session.createTextMessage("[{\"referenceid\":\"0000000031000000060\",\"ackno\":6},"
                + "{\"referenceid\":\"a\\u0000\\n\\ud83db\",\"ackno\":\"" + "9".repeat(300) + "\"}]"));
        List<Map<String, Object>> rejected = receive("bos.refund.error", 2).stream().map(this::outcome).toList();
        send(session -> session.createTextMessage("{\"referenceid\":31000000060,\"ackno\":6}"));

        assertThat(rejected).extracting(outcome -> outcome.get("referenceid"))
                .containsExactlyInAnyOrder("0000000031000000060", "a\uFFFD\uFFFD\uFFFDb");
        assertThat(rejected).extracting(outcome -> outcome.get("ackno")).containsExactlyInAnyOrder("6",
                "9".repeat(100));
        assertThat(outcome(receive("bos.refund.success", 1).get(0))).containsEntry("referenceid", "31000000060");
    }

    @Test
    void theSamePairAgainIsADuplicate() {
        for (int i = 0; i < 2; i++) {
            send(session -> session.createTextMessage("{\"referenceid\":31000000004,\"ackno\":1}"));
        }

        receive("bos.refund.success", 1);
        assertThat(outcome(receive("bos.refund.error", 1).get(0))).containsEntry("outcome", "DUPLICATE");
        assertThat(bos.postsFor("31000000004", "1")).hasSize(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "not json", "42", "[]", "{}", "[1]", "null", "{\"referenceid\":1}",
            "{\"referenceid\":1,\"ackno\":null}", "{\"referenceid\":1.5,\"ackno\":1}",
            "{\"referenceid\":[1],\"ackno\":1}",
            "[{\"referenceid\":1,\"ackno\":1},{\"ackno\":1}]", "{\"referenceid\":1,\"ackno\":1", "{\"rows\":1}",
            "{\"referenceid\":1,\"ackno\":1}\n{\"referenceid\":2,\"ackno\":2}",
            "{\"referenceid\":1,\"referenceid\":2,\"ackno\":3}",
            "{\"rows\":[]}", "{\"rows\":null}", "{\"batch\":\"x\",\"rows\":[{}]}", "{\"batch\":\"x\",\"rows\":[null]}",
            "{\"rows\":[{\"line\":1,\"referenceid\":\"1\",\"ackno\":\"1\"}]}",
            "{\"batch\":\"x\",\"rows\":[{\"line\":1,\"referenceid\":\"x\\\"y\",\"ackno\":\"1\"}]}",
            "{\"batch\":\"\\u0000\",\"rows\":[{\"line\":1,\"referenceid\":\"1\",\"ackno\":\"1\"}]}",
            "{\"batch\":\"\\ud83d\",\"rows\":[{\"line\":1,\"referenceid\":\"1\",\"ackno\":\"1\"}]}",
            "{\"batch\":\"x\",\"rows\":[{\"line\":1,\"rejection\":\"\\ude00\"}]}"})
    void aTextThatCannotBeReadIsPutAside(String text) throws Exception {
        long posts = bos.postCount();
        send(session -> session.createTextMessage(text));

        Message dead = receive("bos.refund.dead", 1).get(0);
        assertThat(((TextMessage) dead).getText()).isEqualTo(text);
        assertThat(dead.getStringProperty("reason")).isNotBlank().doesNotContain("\n");
        assertThat(bos.postCount()).isEqualTo(posts);
    }

    @Test
    void otherKindsOfMessageArePutAside() throws Exception {
        send(session -> session.createObjectMessage(new ArrayList<>(List.of("x"))));
        send(session -> session.createMapMessage());
        send(session -> session.createStreamMessage());
        send(JMSContext::createMessage);

        assertThat(receive("bos.refund.dead", 4)).allSatisfy(dead -> assertThat(dead.getStringProperty("reason"))
                .contains("neither text nor bytes"));
    }

    @Test
    void whatIsPutAsideIsTheMessageAsItCame() throws Exception {
        send(session -> {
            MapMessage map = session.createMapMessage();
            try {
                map.setString("referenceid", "31000000050");
                map.setJMSCorrelationID("order 7");
                map.setStringProperty("source", "erp");
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
            return map;
        });

        MapMessage dead = (MapMessage) receive("bos.refund.dead", 1).get(0);
        assertThat(dead.getString("referenceid")).isEqualTo("31000000050");
        assertThat(dead.getJMSCorrelationID()).isEqualTo("order 7");
        assertThat(dead.getStringProperty("source")).isEqualTo("erp");
        assertThat(dead.getJMSExpiration()).isZero();
    }

    @Test
    void anArrayIsSentWholeUpToTheLimit() throws Exception {
        send(session -> session.createTextMessage(array(1_000)));
        send(session -> session.createTextMessage(array(10_001)));

        receive("bos.refund.success", 1_000);
        assertThat(receive("bos.refund.dead", 1).get(0).getStringProperty("reason")).contains("longer than 10000");
        for (int i = 0; i < 1_000; i++) {
            assertThat(bos.postsFor("31100000000", Integer.toString(i))).hasSize(1);
        }
        assertThat(bos.postsFor("31100000000", "1000")).isEmpty();
    }

    private static List<String> reason(List<Message> dead) throws JMSException {
        List<String> reasons = new ArrayList<>();
        for (Message message : dead) {
            reasons.add(message.getStringProperty("reason"));
        }
        return reasons;
    }

    private static String array(int rows) {
        return IntStream.range(0, rows).mapToObj(i -> "{\"referenceid\":31100000000,\"ackno\":" + i + "}")
                .collect(Collectors.joining(",", "[", "]"));
    }

    @Test
    void aMessageWithoutAnIdIsPutAside() throws Exception {
        jms.createProducer().setDisableMessageID(true).send(jms.createQueue("bos.refund.requests"),
                "{\"referenceid\":31000000006,\"ackno\":1}");

        Message dead = receive("bos.refund.dead", 1).get(0);
        assertThat(dead.getStringProperty("reason")).contains("no JMSMessageID");
        assertThat(dead.getBody(String.class)).contains("31000000006");
        assertThat(bos.postsFor("31000000006", "1")).isEmpty();
    }

    @Test
    void whoAsksForAReplyIsToldWhyAMessageIsPutAside() throws Exception {
        TemporaryQueue replies = jms.createTemporaryQueue();
        try (JMSConsumer consumer = jms.createConsumer(replies)) {
            jms.createProducer().setJMSReplyTo(replies).setJMSCorrelationID("order 8")
                    .send(jms.createQueue("bos.refund.requests"), "no JSON");
            Message reply = consumer.receive(SOON_MILLIS);
            assertThat(reply.getBody(String.class)).isEqualTo("{\"error\":\"the message is not the expected JSON\"}");
            assertThat(reply.getJMSCorrelationID()).isEqualTo("order 8");

            jms.createProducer().setJMSReplyTo(replies).setDisableMessageID(true)
                    .send(jms.createQueue("bos.refund.requests"), "{\"referenceid\":31000000007,\"ackno\":1}");
            assertThat(consumer.receive(SOON_MILLIS).getBody(String.class)).contains("no JMSMessageID");
        }
        assertThat(reason(receive("bos.refund.dead", 2))).first().isEqualTo("the message is not the expected JSON");
    }

    @Test
    void aMessageThatExpiresInAnIdleQueueHoldsUpNoOther() {
        sendExpiring(31000000040L, 1);
        long expired = System.nanoTime();
        send(session -> session.createTextMessage("{\"referenceid\":31000000041,\"ackno\":1}"));

        await().atMost(Duration.ofSeconds(20)).until(() -> !bos.postsFor("31000000041", "1").isEmpty());
        assertThat(Duration.ofNanos(System.nanoTime() - expired)).isLessThan(Duration.ofSeconds(10));
        receive("bos.refund.success", 1);
    }

    @Test
    void aMessageThatIsTooLargeIsPutAside() throws Exception {
        send(session -> bytes(session, " ".repeat(4 * 1024 * 1024 + 1)));

        send(session -> session.createTextMessage(" ".repeat(5 * 1024 * 1024)));

        List<Message> dead = receive("bos.refund.dead", 2);
        assertThat(dead).allSatisfy(one -> assertThat(one.getStringProperty("reason")).contains("larger than"));
        assertThat(((BytesMessage) dead.get(0)).getBodyLength()).isEqualTo(4 * 1024 * 1024 + 1);
        assertThat(((TextMessage) dead.get(1)).getText()).hasSize(5 * 1024 * 1024);
    }

    @Test
    void headersOfASenderSteerNothing() throws Exception {
        send(session -> {
            TextMessage message = session.createTextMessage("{\"referenceid\":31000000005,\"ackno\":1}");
            try {
                for (String name : List.of("CamelHttpUri", "camelhttpuri", "CamelHttpPath", "CamelHttpQuery")) {
                    message.setStringProperty(name, bos.baseUrl() + "/elsewhere");
                }
                message.setStringProperty("CamelHttpMethod", "GET");
                message.setStringProperty("CamelJmsDestinationName", "elsewhere");
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
            return message;
        });

        receive("bos.refund.success", 1);
        assertThat(bos.postsFor("31000000005", "1")).hasSize(1);
        assertThat(bos.otherRequests()).isEmpty();
    }

    private void send(Function<JMSContext, Message> message) {
        jms.createProducer().send(jms.createQueue("bos.refund.requests"), message.apply(jms));
    }

    private void sendExpiring(long referenceid, long millis) {
        try (JMSContext own = connections.createContext()) { // the time would stay with a shared one
            own.createProducer().setTimeToLive(millis).send(own.createQueue("bos.refund.requests"),
                    "{\"referenceid\":" + referenceid + ",\"ackno\":1}");
        }
    }

    private static BytesMessage bytes(JMSContext session, String content) {
        try {
            BytesMessage message = session.createBytesMessage();
            message.writeBytes(content.getBytes(StandardCharsets.UTF_8));
            return message;
        } catch (JMSException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Exactly that many messages, and no more. */
    private List<Message> receive(String queue, int count) {
        List<Message> received = new ArrayList<>();
        try (JMSConsumer consumer = jms.createConsumer(jms.createQueue(queue))) {
            while (received.size() < count) {
                Message message = consumer.receive(SOON_MILLIS);
                assertThat(message).as("message %d of %d on %s", received.size() + 1, count, queue).isNotNull();
                received.add(message);
            }
            assertThat(consumer.receive(300)).as("one more on %s", queue).isNull();
        }
        return received;
    }

    private Map<String, Object> outcome(Message message) {
        try {
            return json.readerForMapOf(Object.class).readValue(((TextMessage) message).getText());
        } catch (JMSException | java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<Message> join(List<Message> first, List<Message> second) {
        List<Message> both = new ArrayList<>(first);
        both.addAll(second);
        return both;
    }
}
