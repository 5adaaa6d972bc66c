// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.Message;
import jakarta.jms.Queue;

import org.apache.qpid.jms.JmsConnectionFactory;
import org.apache.qpid.jms.message.JmsMessageIDBuilder;
import org.apache.qpid.jms.policy.JmsMessageIDPolicy;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.BrokerProcess;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;

/** What lies at the edge of JMS: a login that is refused for a while, a broker of several that is away, ids with slashes. */
class JmsEdgeIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    static Path folder;
    private static BosServer bos;
    private static BrokerProcess broker;

    @BeforeAll
    static void start() {
        bos = BosServer.start();
        broker = BrokerProcess.startWithAllProtocols(folder.resolve("broker"));
    }

    @AfterAll
    static void stop() {
        broker.close();
        bos.close();
    }

    private static RefundProcess.Launch service(Path own, String scheme, String password) {
        return RefundProcess.in(own).archived().against(bos).env("REFUND_BROKER_URL", broker.url(scheme))
                .env("REFUND_BROKER_USER", BrokerProcess.USER).env("REFUND_BROKER_PASSWORD", password);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp", "amqp"})
    void aReplyWaitsWhileTheBrokerRefusesTheLogin(String scheme) throws Exception {
        Path own = Files.createDirectories(folder.resolve("login-" + scheme));
        String id = scheme.equals("tcp") ? "71" : "72";
        bos.reply(Reply.success().after(Duration.ofSeconds(3)));
        RestService service = RestService.start(service(own, scheme, BrokerProcess.PASSWORD), own);
        try (JMSContext jms = broker.client().createContext()) {
            Queue replies = jms.createQueue("replies." + scheme);
            jms.createProducer().setJMSReplyTo(replies).send(jms.createQueue("bos.refund.requests"),
                    "{\"referenceid\":" + id + ",\"ackno\":1}");
            await().atMost(SOON).until(() -> !bos.postsFor(id, "1").isEmpty());
            service.process().kill9();
            bos.reply(Reply.success());

            service = service.again(service(own, scheme, "rotated"));
            await().pollDelay(Duration.ofSeconds(8)).until(() -> true);
            long owed = service.owed("reply");
            String log = service.process().output();
            service.close();
            assertThat(owed).as(log).isEqualTo(1);

            service = service.again(service(own, scheme, BrokerProcess.PASSWORD));
            try (JMSConsumer consumer = jms.createConsumer(replies)) {
                Message reply = consumer.receive(SOON.toMillis());
                assertThat(reply.getBody(String.class)).contains("IN_DOUBT");
            }
        } finally {
            service.close();
        }
    }

    @Test
    void noReplyIsOwedToADestinationWithoutAName() throws Exception {
        Path own = Files.createDirectories(folder.resolve("nameless"));
        bos.reply(Reply.success());
        try (RestService service = RestService.start(service(own, "amqp", BrokerProcess.PASSWORD), own);
                JMSContext jms = new JmsConnectionFactory(BrokerProcess.USER, BrokerProcess.PASSWORD,
                        broker.url("amqp")).createContext()) {
            jms.createProducer().setJMSReplyTo(jms.createQueue("")).send(jms.createQueue("bos.refund.requests"),
                    "{\"referenceid\":90,\"ackno\":1}");
            await().atMost(SOON).until(() -> service.get("/refunds?referenceid=90").http().body().contains("SUCCESS"));
            assertThat(service.owed("reply")).isZero();
        }
    }

    @Test
    void severalBrokersThatAreAwayAreSaid() throws Exception {
        Path own = Files.createDirectories(folder.resolve("failover"));
        try (RestService service = RestService.start(RefundProcess.in(own).archived().against(bos)
                .env("REFUND_BROKER_URL", "failover:(amqp://127.0.0.1:" + RestService.freePort() + ",amqp://127.0.0.1:"
                        + RestService.freePort() + ")"),
                own)) {
            await().atMost(SOON).pollDelay(Duration.ofSeconds(15)).until(() -> true);
            String log = service.process().output();
            RestService.Answer ready = service.get("/q/health/ready");
            assertThat(log).as(ready.http().body()).contains("The broker cannot be reached");
            assertThat(ready.status()).isEqualTo(503);
            assertThat(log.lines().filter(line -> line.contains("Connection attempt")).count()).as(log).isZero();
            service.process().terminate();
            assertThat(service.process().waitFor(Duration.ofSeconds(30))).isZero();
        }
    }

    @Test
    void anOutcomeReachesAFileChannelWhateverIdItsMessageHas() throws Exception {
        bos.reply(Reply.success());
        Path own = Files.createDirectories(folder.resolve("ids"));
        Path outcomes = Files.createDirectories(own.resolve("outcomes"));
        JmsConnectionFactory sender = new JmsConnectionFactory(BrokerProcess.USER, BrokerProcess.PASSWORD,
                broker.url("amqp"));
        String[] next = {""};
        sender.setMessageIDPolicy(new JmsMessageIDPolicy() {
            @Override
            public JmsMessageIDPolicy copy() {
                return this;
            }

            @Override
            public JmsMessageIDBuilder getMessageIDBuilder(org.apache.qpid.jms.JmsSession session,
                    org.apache.qpid.jms.JmsDestination destination) {
                return new JmsMessageIDBuilder() {
                    @Override
                    public JmsMessageIDBuilder initialize(String producer) {
                        return this;
                    }

                    @Override
                    public Object createMessageID(String producer, long sequence) {
                        return next[0];
                    }
                };
            }
        });
        try (RestService service = RestService.start(service(own, "tcp", BrokerProcess.PASSWORD)
                .env("REFUND_CHANNEL_SUCCESS",
                        "file:" + outcomes + "?fileName=$simple{variable.duplicateId}.json&tempPrefix=."),
                own);
                JMSContext jms = sender.createContext()) {
            int number = 80;
            for (String id : new String[]{"order-17", "../../17", "orders/17"}) {
                next[0] = id;
                number++;
                jms.createProducer().send(jms.createQueue("bos.refund.requests"),
                        "{\"referenceid\":" + number + ",\"ackno\":1}");
                int expected = number - 80;
                await(id).atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
                    try (Stream<Path> files = Files.list(outcomes)) {
                        assertThat(files.filter(file -> file.toString().endsWith(".json")))
                                .as(service.process().output()).hasSize(expected);
                    }
                });
            }
        }
    }
}
