// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import jakarta.jms.ConnectionFactory;

import org.apache.activemq.artemis.jms.client.ActiveMQConnectionFactory;
import org.awaitility.Awaitility;

/** A real broker in a JVM of its own, over TCP, with a user; its journal outlives a kill. */
public final class BrokerProcess implements AutoCloseable {
    /** The one user, who may do everything with the product's addresses. */
    public static final String USER = "refund";
    /** That user's password. */
    public static final String PASSWORD = "broker-secret";

    /** A queue that the user may not write to; on an Artemis it is there. */
    public static final String FORBIDDEN = "forbidden.replies";
    /** A queue of an Artemis that takes one message, and lets senders of another wait. */
    public static final String FULL = "full.replies";
    /** While this file is in its folder, the dead letter queue of Artemis takes nothing. */
    public static final String LIMIT = "dead-letters-full";

    static final String IS_UP = "broker is up";

    private final Path folder;
    private final List<String> program;
    private final int port;
    private Process process;

    private BrokerProcess(Path folder, int port, String classPath, Class<?> main, String... options) {
        this.folder = folder;
        this.port = port;
        this.program = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-cp", classPath, main.getName(),
                folder.toString(), Integer.toString(port)));
        program.addAll(List.of(options));
    }

    /** Starts an Artemis of the client's version, whose journal is in that folder. */
    public static BrokerProcess start(Path folder) {
        return new BrokerProcess(folder, RestService.freePort(), ownClassPath(), ArtemisMain.class, "CORE").started();
    }

    /** Starts an Artemis that speaks all protocols on one port: the last whole distribution that can be had. */
    public static BrokerProcess startWithAllProtocols(Path folder) {
        return startWithAllProtocols(folder, "");
    }

    /** The same, over TLS alone. */
    public static BrokerProcess startWithTls(Path folder, SelfSigned certificate) {
        return startWithAllProtocols(folder,
                "&sslEnabled=true&keyStoreType=PKCS12&keyStorePath=" + certificate.keyStore()
                        + "&keyStorePassword=" + certificate.password());
    }

    private static BrokerProcess startWithAllProtocols(Path folder, String options) {
        try (Stream<Path> unpacked = Files.list(Path.of("target", "artemis"))) {
            String libraries = unpacked.findFirst().orElseThrow().resolve("lib").resolve("*").toString();
            return new BrokerProcess(folder, RestService.freePort(),
                    Path.of("target", "test-classes") + ":" + libraries,
                    ArtemisMain.class, "CORE,AMQP,STOMP,OPENWIRE" + options).started();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Starts an ActiveMQ Classic. */
    public static BrokerProcess startClassic(Path folder) {
        return new BrokerProcess(folder, RestService.freePort(), ownClassPath(), ClassicMain.class).started();
    }

    /** The test's, without Quarkus' logging: where no application configures it, it makes a text of each packet for its trace. */
    private static String ownClassPath() {
        return Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> !entry.contains("slf4j-jboss-logmanager"))
                .collect(Collectors.joining(File.pathSeparator));
    }

    private BrokerProcess started() {
        restart();
        return this;
    }

    /** Starts it again, after a kill, on the same port and journal. */
    public void restart() {
        Path log = folder.resolve("broker-" + System.nanoTime() + ".log");
        try {
            Files.createDirectories(folder);
            process = new ProcessBuilder(program).redirectErrorStream(true).redirectOutput(log.toFile()).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Awaitility.await("broker").atMost(Duration.ofSeconds(180)).until(() -> {
            String text = Files.readString(log);
            if (!process.isAlive()) {
                throw new AssertionError(text);
            }
            return text.contains(IS_UP);
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

    /** Its address for Artemis' own client and for ActiveMQ Classic's. */
    public String url() {
        return url("tcp");
    }

    /** Its address under that scheme. */
    public String url(String scheme) {
        return scheme + "://127.0.0.1:" + port;
    }

    /** The port that it listens on. */
    public int port() {
        return port;
    }

    /** Connections of Artemis' own client from outside. */
    public ConnectionFactory client() {
        return new ActiveMQConnectionFactory(url(), USER, PASSWORD);
    }

    @Override
    public void close() {
        kill9();
    }
}
