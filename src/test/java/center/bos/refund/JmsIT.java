// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSProducer;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.TemporaryQueue;

import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.jms.client.ActiveMQConnection;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.BrokerProcess;
import center.bos.refund.testkit.JmsProvider;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.RestService.Answer;

/** What a JMS client outside gets, whichever provider the product has. */
class JmsIT {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final AtomicLong IDS = new AtomicLong(6_000_000_000L);
    private static final Duration LONG = Duration.ofSeconds(90);
    private static final long SOON = 60_000;

    @TempDir
    static Path folder;
    private static BosServer bos;
    private static final Map<JmsProvider, Site> SITES = new EnumMap<>(JmsProvider.class);

    /** A broker and the service that is pointed at it. */
    private record Site(JmsProvider provider, BrokerProcess broker, RestService service) {
        static Site start(JmsProvider provider) {
            Path own = folder.resolve(provider.name());
            BrokerProcess broker = provider.start(own.resolve("broker"));
            return new Site(provider, broker, RestService.start(
                    provider.configure(RefundProcess.in(own).archived().against(bos), broker, own), own));
        }

        JMSContext connect() {
            return provider.client(broker).createContext();
        }
    }

    @BeforeAll
    static void serve() {
        bos = BosServer.start();
        Stream.of(JmsProvider.values()).parallel().map(Site::start).toList()
                .forEach(site -> SITES.put(site.provider(), site));
    }

    @AfterAll
    static void stop() {
        SITES.values().forEach(site -> {
            site.service().close();
            site.broker().close();
        });
        bos.close();
    }

    @BeforeEach
    void answerSuccess() {
        bos.reply(Reply.success());
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

    @ParameterizedTest
    @EnumSource
    void repliesToATextAndToBytesWithTheOutcomesUnderTheirCorrelation(JmsProvider provider) throws Exception {
        String one = newId();
        String two = newId();
        bos.reply(post -> post.referenceid().equals(two) ? Reply.code(200, 2) : Reply.success());
        try (JMSContext jms = SITES.get(provider).connect()) {
            TemporaryQueue replies = jms.createTemporaryQueue();
            try (JMSConsumer consumer = jms.createConsumer(replies)) {
                jms.createProducer().setJMSReplyTo(replies).setJMSCorrelationID("mine-1")
                        .send(requests(jms), "\uFEFF" + pair(one));
                Message reply = consumer.receive(SOON);
                assertThat(json(reply).get("outcome").asText()).isEqualTo("SUCCESS");
                assertThat(reply.getJMSCorrelationID()).isEqualTo("mine-1");
                assertThat(reply.getJMSExpiration()).isPositive();

                BytesMessage bytes = jms.createBytesMessage();
                bytes.writeBytes(("\uFEFF[{\"referenceid\":" + one + ",\"ackno\":\"3\"}," + pair(two) + ","
                        + pair("no id: \u00e9\u20ac") + "]").getBytes(StandardCharsets.UTF_8));
                jms.createProducer().setJMSReplyTo(replies).send(requests(jms), bytes);
                Message all = consumer.receive(SOON);
                assertThat(json(all).findValuesAsText("outcome")).containsExactly("DUPLICATE", "ERROR", "REJECTED");
                assertThat(json(all).findValuesAsText("referenceid")).containsExactly(one, two, "no id: \u00e9\u20ac");
                assertThat(all.getJMSCorrelationID()).isEqualTo(bytes.getJMSMessageID());
            }
        }
        assertThat(bos.postsFor(one, "3")).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void putsAsideWhatIsNoRequestAsItCame(JmsProvider provider) throws Exception {
        long calls = bos.postCount();
        try (JMSContext jms = SITES.get(provider).connect()) {
            JMSProducer producer = jms.createProducer().setProperty("source", "erp").setProperty("reason", "forged")
                    .setProperty("CamelJmsDestinationName", "bos.refund.success").setJMSCorrelationID("order 7");
            MapMessage map = jms.createMapMessage();
            map.setString("referenceid", "1");
            producer.send(requests(jms), map);
            MapMessage dead = (MapMessage) take(jms, "bos.refund.dead", 1).get(0);
            assertThat(dead.getString("referenceid")).isEqualTo("1");
            assertThat(dead.getStringProperty("reason")).contains("neither text nor bytes");
            assertThat(dead.getStringProperty("source")).isEqualTo("erp");
            assertThat(dead.getJMSCorrelationID()).isEqualTo("order 7");

            producer.send(requests(jms), new ArrayList<>(List.of("x")));
            producer.send(requests(jms), jms.createStreamMessage());
            for (String text : List.of("no JSON", "[]", "{\"referenceid\":1}", "{\"rows\":[{\"line\":1}]}")) {
                producer.send(requests(jms), text);
            }
            Set<String> reasons = new HashSet<>();
            for (Message message : take(jms, "bos.refund.dead", 6)) {
                reasons.add(message.getStringProperty("reason"));
            }
            assertThat(reasons).doesNotContain("forged").doesNotContainNull().hasSize(5)
                    .contains("the message is not the expected JSON");
        }
        assertThat(bos.postCount()).isEqualTo(calls);
    }

    @ParameterizedTest
    @EnumSource
    void takesALargeMessageUpToTheLimit(JmsProvider provider) throws Exception {
        String id = newId();
        try (JMSContext jms = SITES.get(provider).connect()) {
            jms.createProducer().send(requests(jms), pair(id) + " ".repeat(3 << 20));
            await().atMost(LONG).until(() -> !bos.postsFor(id, "3").isEmpty());
            jms.createProducer().send(requests(jms), pair(newId()) + " ".repeat(5 << 20));
            Message dead = take(jms, "bos.refund.dead", 1).get(0);
            assertThat(dead.getStringProperty("reason")).contains("larger than");
            assertThat(dead.getBody(String.class)).hasSizeGreaterThan(5 << 20);
        }
    }

    @Test
    void manyLargeMessagesFitIntoTheHeapWhateverTheyHold(@TempDir Path own) throws Exception {
        int many = 40;
        int size = (4 << 20) - 200;
        String good = newId();
        try (BrokerProcess broker = BrokerProcess.start(own.resolve("broker"))) {
            try (JMSContext jms = JmsProvider.ARTEMIS.client(broker).createContext()) {
                for (int i = 0; i < many / 2; i++) {
                    jms.createProducer().send(requests(jms), "[" + "{},".repeat(size / 3) + "{}]");
                    jms.createProducer().send(requests(jms), pair(newId()) + " ".repeat(size));
                }
                jms.createProducer().send(requests(jms), pair(good));
            }
            // the heap of ./refund
            try (RestService service = RestService.start(JmsProvider.ARTEMIS.configure(
                    RefundProcess.in(own).archived().against(bos).jvmArg("-Xmx256m")
                            .jvmArg("-XX:+ExitOnOutOfMemoryError"),
                    broker, own), own);
                    JMSContext jms = JmsProvider.ARTEMIS.client(broker).createContext()) {
                try (JMSConsumer dead = jms.createConsumer(jms.createQueue("bos.refund.dead"))) {
                    for (int i = 0; i < many / 2; i++) {
                        assertThat(dead.receive(SOON)).as(service.process().output()).isNotNull();
                    }
                }
                take(jms, "bos.refund.success", many / 2 + 1);
                assertThat(service.process().isAlive()).as(service.process().output()).isTrue();
            }
        }
        assertThat(bos.postsFor(good, "3")).hasSize(1);
    }

    @ParameterizedTest
    @EnumSource
    void aReplyThatNobodyCanHaveHoldsNothingBack(JmsProvider provider) throws Exception {
        Site site = SITES.get(provider);
        int before = site.service().process().output().length();
        bos.reply(Reply.success().after(Duration.ofMillis(500)));
        String gone = newId();
        String forbidden = newId();
        String elsewhere = newId();
        String next = newId();
        String temporary;
        try (JMSContext asking = site.connect()) {
            TemporaryQueue replies = asking.createTemporaryQueue();
            temporary = replies.getQueueName();
            asking.createProducer().setJMSReplyTo(replies).send(requests(asking), pair(gone));
        } // its temporary queue goes with it
        try (JMSContext jms = site.connect()) {
            Queue closed = jms.createQueue(BrokerProcess.FORBIDDEN);
            jms.createProducer().setJMSReplyTo(closed).send(requests(jms), pair(forbidden));
            jms.createProducer().setJMSReplyTo(jms.createTopic("nobody.listens")).send(requests(jms), pair(elsewhere));
            jms.createProducer().setJMSReplyTo(closed).send(requests(jms), "no JSON");
            TemporaryQueue replies = jms.createTemporaryQueue();
            try (JMSConsumer consumer = jms.createConsumer(replies)) {
                jms.createProducer().setJMSReplyTo(replies).send(requests(jms), pair(next));
                assertThat(json(consumer.receive(SOON)).get("outcome").asText()).isEqualTo("SUCCESS");
            }
            take(jms, "bos.refund.dead", 1);
        }
        await().atMost(LONG).until(() -> site.service().owed("reply") == 0 && site.service().owed("success") == 0);
        for (String id : List.of(gone, forbidden, elsewhere, next)) {
            assertThat(bos.postsFor(id, "3")).as(id).hasSize(1);
        }
        String log = site.service().process().output().substring(before);
        assertThat(log.lines().filter(line -> line.contains("JMSReplyTo")).count()).isBetween(2L, 3L);
        assertThat(log).doesNotContain("\tat ");
        if (provider == JmsProvider.ARTEMIS) {
            assertThat(exists(site.broker(), temporary)).as("made anew").isFalse();
        }
    }

    @Test
    void aDeadLetterQueueThatIsFullIsSaidAndLosesNothing() throws Exception {
        int many = 6;
        Site site = SITES.get(JmsProvider.ARTEMIS);
        String id = newId();
        long before = linesOfFull(site);
        try (JMSContext jms = site.connect()) {
            jms.createProducer().send(jms.createQueue("bos.refund.dead"), "an earlier one");
            Path limit = folder.resolve("ARTEMIS/broker/" + BrokerProcess.LIMIT);
            Files.createFile(limit);
            TimeUnit.MILLISECONDS.sleep(500);
            for (int i = 0; i < many; i++) {
                jms.createProducer().send(requests(jms), "no JSON");
            }
            await().atMost(LONG).until(() -> linesOfFull(site) > before);
            TimeUnit.SECONDS.sleep(6);
            assertThat(linesOfFull(site) - before).as("four consumers, each with a pause").isLessThan(20);
            Files.delete(limit);
            jms.createProducer().send(requests(jms), pair(id));

            take(jms, "bos.refund.dead", many + 1);
            await().atMost(LONG).until(() -> bos.postsFor(id, "3").size() == 1);
        }
    }

    private static long linesOfFull(Site site) {
        return site.service().process().output().lines().filter(line -> line.contains("bos.refund.dead takes no"))
                .count();
    }

    private static boolean exists(BrokerProcess broker, String queue) throws Exception {
        try (ActiveMQConnectionFactory client = (ActiveMQConnectionFactory) broker.client();
                ActiveMQConnection connection = (ActiveMQConnection) client.createConnection()) {
            return connection.getInitialSession().queueQuery(SimpleString.of(queue)).isExists();
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"ARTEMIS", "AMQP"})
    void aReplyQueueThatIsFullHoldsUpNothingAndGetsItsRepliesLater(JmsProvider provider) throws Exception {
        int many = 10;
        Site site = SITES.get(provider);
        Set<String> toFull = new TreeSet<>();
        try (JMSContext jms = site.connect()) {
            Queue full = jms.createQueue(BrokerProcess.FULL);
            TemporaryQueue replies = jms.createTemporaryQueue();
            jms.createProducer().send(full, "{}");
            try (JMSConsumer consumer = jms.createConsumer(replies)) {
                for (int i = 0; i < many; i++) {
                    String id = newId();
                    toFull.add(id);
                    jms.createProducer().setJMSReplyTo(full).send(requests(jms), pair(id));
                }
                await().atMost(LONG).until(() -> site.service().owed("reply") > 0
                        && toFull.stream().allMatch(id -> bos.postsFor(id, "3").size() == 1));
                for (int i = 0; i < many; i++) {
                    jms.createProducer().setJMSReplyTo(full).send(requests(jms), "no JSON");
                }
                long began = System.nanoTime();
                for (int i = 0; i < many; i++) {
                    jms.createProducer().setJMSReplyTo(replies).send(requests(jms), pair(newId()));
                }
                for (int i = 0; i < many; i++) {
                    assertThat(json(consumer.receive(SOON)).get("outcome").asText()).isEqualTo("SUCCESS");
                }
                assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(20));
                assertThat(site.service().owed("reply")).isPositive();
            }
            take(jms, "bos.refund.dead", many);
            Set<String> told = new TreeSet<>();
            try (JMSConsumer consumer = jms.createConsumer(full)) {
                while (told.size() < many) {
                    JsonNode reply = json(consumer.receive(SOON));
                    if (reply.has("outcome")) {
                        assertThat(told.add(reply.get("referenceid").asText())).isTrue();
                    }
                }
            }
            assertThat(told).isEqualTo(toFull);
        }
        await().atMost(LONG).until(() -> site.service().owed("reply") == 0);
    }

    @ParameterizedTest
    @EnumSource
    void whatExpiredWhileItWaitedIsNotSentAndWhatIsUrgentIsTakenFirst(JmsProvider provider) throws Exception {
        int many = 60;
        String expiring = newId();
        String urgent = newId();
        List<String> ids = new ArrayList<>();
        RefundProcess process = SITES.get(provider).service().process();
        long before = bos.postCount();
        process.pause();
        try (JMSContext jms = SITES.get(provider).connect()) {
            jms.createProducer().setTimeToLive(200).send(requests(jms), pair(expiring));
        }
        try (JMSContext jms = SITES.get(provider).connect()) { // the time would stay with the first
            for (int i = 0; i < many; i++) {
                ids.add(newId());
                jms.createProducer().send(requests(jms), pair(ids.get(i)));
            }
        }
        try (JMSContext jms = SITES.get(provider).connect()) {
            jms.createProducer().setPriority(9).send(requests(jms), pair(urgent));
        }
        await().pollDelay(Duration.ofSeconds(1)).until(() -> true); // it expires
        process.resume();
        await().atMost(LONG).until(() -> bos.postCount() - before >= many + 1);
        assertThat(bos.postsFor(expiring, "3")).isEmpty();
        List<String> called = bos.posts().stream().map(post -> post.referenceid()).toList();
        // consumers that asked before may have one of the others each
        assertThat(called.indexOf(urgent) - called.indexOf(first(called, ids))).isLessThan(many / 2);
    }

    private static String first(List<String> called, List<String> ids) {
        return called.stream().filter(ids::contains).findFirst().orElseThrow();
    }

    @Test
    void tenThousandMessagesAtOnceAreEachSentOnceAndNothingIsOwedAfterwards() throws Exception {
        int messages = 10_000;
        Site site = SITES.get(JmsProvider.ARTEMIS);
        long first = IDS.getAndAdd(messages) + 1;
        long before = bos.postCount();
        try (JMSContext jms = site.provider().client(site.broker()).createContext(JMSContext.SESSION_TRANSACTED)) {
            takeAll(jms, "bos.refund.success");
            for (int i = 0; i < messages; i++) {
                jms.createProducer().send(requests(jms), pair(Long.toString(first + i)));
            }
            jms.commit();
        }
        await().atMost(Duration.ofMinutes(3)).until(() -> bos.postCount() - before == messages);
        try (JMSContext jms = site.connect();
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
        await().atMost(LONG).until(() -> site.service().owed("success") == 0);
    }

    @ParameterizedTest
    @EnumSource
    void aBrokerThatDiesAndComesBackLosesNothingAndRepeatsNothing(JmsProvider provider) throws Exception {
        int messages = 200;
        Site site = SITES.get(provider);
        bos.reply(Reply.success().after(Duration.ofMillis(50)));
        long before = bos.postCount();
        Set<String> ids = new TreeSet<>();
        // all at once, so that the broker dies in the middle of the work however slowly it takes them
        try (JMSContext jms = provider.client(site.broker()).createContext(JMSContext.SESSION_TRANSACTED)) {
            takeAll(jms, "bos.refund.success");
            for (int i = 0; i < messages; i++) {
                String id = newId();
                ids.add(id);
                jms.createProducer().send(requests(jms), pair(id));
            }
            jms.commit();
        }
        await().atMost(LONG).until(() -> bos.postCount() > before + 20);

        int said = site.service().process().output().length();
        site.broker().kill9();
        await().atMost(LONG).untilAsserted(() -> {
            Answer ready = site.service().get("/q/health/ready");
            assertThat(ready.status()).isEqualTo(503);
            assertThat(ready.http().body()).contains("\"broker\"", "since").doesNotContain(BrokerProcess.PASSWORD);
        });
        site.broker().restart();
        await().atMost(LONG).until(() -> site.service().get("/q/health/ready").status() == 200);

        await().atMost(LONG)
                .until(() -> bos.postCount() - before >= messages && site.service().owed("success") == 0);
        assertThat(ids).allSatisfy(id -> assertThat(bos.postsFor(id, "3")).hasSize(1));
        try (JMSContext jms = site.connect()) {
            List<String> told = new ArrayList<>();
            for (Message message : takeAll(jms, "bos.refund.success")) {
                assertThat(message.getStringProperty("_AMQ_DUPL_ID")).isNotNull();
                told.add(json(message).get("referenceid").asText());
            }
            assertThat(told).containsAll(ids);
            if (provider != JmsProvider.CLASSIC) { // which does not drop repetitions
                assertThat(told).doesNotHaveDuplicates();
            }
            for (String queue : List.of("bos.refund.dead", "DLQ")) {
                assertThat(takeAll(jms, queue)).as(queue).isEmpty();
            }
        }
        assertThat(site.service().process().isAlive()).isTrue();
        assertThat(site.service().process().output().substring(said).lines())
                .filteredOn(line -> line.contains(" ERROR ")).as("said once").hasSize(1);
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
            for (Message message = consumer.receive(500); message != null; message = consumer.receive(500)) {
                taken.add(message);
            }
        }
        return taken;
    }
}
