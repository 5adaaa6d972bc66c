// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import jakarta.jms.ConnectionFactory;

import org.apache.activemq.artemis.api.core.QueueConfiguration;
import org.apache.activemq.artemis.api.core.RoutingType;
import org.apache.activemq.artemis.api.core.SimpleString;
import org.apache.activemq.artemis.core.config.Configuration;
import org.apache.activemq.artemis.core.config.impl.ConfigurationImpl;
import org.apache.activemq.artemis.core.config.impl.SecurityConfiguration;
import org.apache.activemq.artemis.core.security.Role;
import org.apache.activemq.artemis.core.server.JournalType;
import org.apache.activemq.artemis.core.server.embedded.EmbeddedActiveMQ;
import org.apache.activemq.artemis.core.settings.impl.AddressFullMessagePolicy;
import org.apache.activemq.artemis.core.settings.impl.AddressSettings;
import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.apache.activemq.artemis.spi.core.security.ActiveMQJAASSecurityManager;
import org.apache.activemq.artemis.spi.core.security.jaas.InVMLoginModule;
import org.awaitility.Awaitility;

/** A real Artemis broker in a JVM of its own, over TCP, with a user; its journal outlives a kill. */
public final class BrokerProcess implements AutoCloseable {
    /** The one user, who may do everything with the product's addresses. */
    public static final String USER = "refund";
    /** That user's password. */
    public static final String PASSWORD = "broker-secret";

    /** A queue that is there and that the user may not write to. */
    public static final String FORBIDDEN = "forbidden.replies";

    private final Path folder;
    private final int port;
    private Process process;

    private BrokerProcess(Path folder, int port) {
        this.folder = folder;
        this.port = port;
    }

    /** Starts a broker whose journal is in that folder. */
    public static BrokerProcess start(Path folder) {
        BrokerProcess broker = new BrokerProcess(folder, RestService.freePort());
        broker.restart();
        return broker;
    }

    /** Starts it again, after a kill, on the same port and journal. */
    public void restart() {
        Path log = folder.resolve("broker-" + System.nanoTime() + ".log");
        try {
            Files.createDirectories(folder);
            process = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m",
                    "-cp", System.getProperty("java.class.path"), BrokerProcess.class.getName(), folder.toString(),
                    Integer.toString(port)).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Awaitility.await("broker").atMost(Duration.ofSeconds(180)).until(() -> {
            String text = Files.readString(log);
            if (!process.isAlive()) {
                throw new AssertionError(text);
            }
            return text.contains("broker is up");
        });
    }

    /** Kills it at once. */
    public void kill9() {
        process.destroyForcibly();
        try {
            process.waitFor(20, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Its address. */
    public String url() {
        return "tcp://127.0.0.1:" + port;
    }

    /** Connections of a client from outside. */
    public ConnectionFactory client() {
        return new ActiveMQConnectionFactory(url(), USER, PASSWORD);
    }

    @Override
    public void close() {
        kill9();
    }

    /** The broker itself: its folder and its port are the arguments. */
    public static void main(String[] args) throws Exception {
        SecurityConfiguration users = new SecurityConfiguration(Map.of(USER, PASSWORD), Map.of(USER, List.of("all")));
        Path folder = Path.of(args[0]);
        Configuration configuration = new ConfigurationImpl().setName("outside").setSecurityEnabled(true)
                .setPersistenceEnabled(true).setJournalType(JournalType.NIO).setJournalFileSize(10 << 20)
                .setJournalDirectory(folder.resolve("journal").toString())
                .setBindingsDirectory(folder.resolve("bindings").toString())
                .setPagingDirectory(folder.resolve("paging").toString())
                .setLargeMessagesDirectory(folder.resolve("large").toString()).setMaxDiskUsage(-1)
                .setJMXManagementEnabled(false)
                .addAcceptorConfiguration("tcp", "tcp://127.0.0.1:" + args[1] + "?protocols=CORE");
        configuration.putSecurityRoles("#", Set.of(new Role("all", true, true, true, true, true, true, true, true, true,
                true, true, true)));
        configuration.putSecurityRoles(FORBIDDEN, Set.of(new Role("nobody", true, true, true, true, true, true, true,
                true, true, true, true, true)));
        configuration.addQueueConfiguration(QueueConfiguration.of(FORBIDDEN).setRoutingType(RoutingType.ANYCAST));
        configuration.addAddressSetting("#", new AddressSettings().setMaxSizeBytes(20 << 20)
                .setAddressFullMessagePolicy(AddressFullMessagePolicy.PAGE).setAutoCreateQueues(true)
                .setAutoCreateAddresses(true).setAutoDeleteQueues(false).setAutoDeleteAddresses(false)
                .setDeadLetterAddress(SimpleString.of("DLQ")).setExpiryAddress(SimpleString.of("ExpiryQueue")));
        EmbeddedActiveMQ broker = new EmbeddedActiveMQ().setConfiguration(configuration)
                .setSecurityManager(new ActiveMQJAASSecurityManager(InVMLoginModule.class.getName(), users));
        broker.start();
        System.out.println("broker is up");
        new CountDownLatch(1).await();
    }
}
