// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.awaitility.Awaitility;

/** A Kafka broker of one node in a process of its own; closing it kills it. */
public final class KafkaProcess implements AutoCloseable {
    private static final Path TARGET = Path.of(System.getProperty("user.dir"), "src", "test", "kafka", "target");
    private static final Duration START = Duration.ofSeconds(90);
    private static final String CLUSTER = "bos-refund-test-cluste";

    private final Process process;
    private final Path folder;
    private final int port;

    private KafkaProcess(Process process, Path folder, int port) {
        this.process = process;
        this.folder = folder;
        this.port = port;
    }

    /** The jars of Camel's component that the documents drop into an installation. */
    public static Path component() {
        return TARGET.resolve("component");
    }

    /** Starts a broker that keeps its messages in that folder, and waits until it takes some. */
    public static KafkaProcess start(Path folder) {
        int port = RestService.freePort();
        int controller = RestService.freePort();
        try {
            Files.createDirectories(folder);
            Path settings = Files.writeString(folder.resolve("server.properties"), """
                    process.roles=broker,controller
                    node.id=1
                    listeners=PLAINTEXT://127.0.0.1:%d,CONTROLLER://127.0.0.1:%d
                    advertised.listeners=PLAINTEXT://127.0.0.1:%d
                    controller.listener.names=CONTROLLER
                    controller.quorum.voters=1@127.0.0.1:%d
                    log.dirs=%s
                    offsets.topic.replication.factor=1
                    auto.create.topics.enable=true
                    """.formatted(port, controller, port, controller, folder.resolve("messages")));
            Process format = java(folder, "format", "kafka.tools.StorageTool", "format", "-t", CLUSTER,
                    "-c", settings.toString());
            if (!format.waitFor(START.toSeconds(), TimeUnit.SECONDS) || format.exitValue() != 0) {
                throw new IllegalStateException(Files.readString(folder.resolve("format.out")));
            }
            Process broker = java(folder, "broker", "kafka.Kafka", settings.toString());
            Awaitility.await("Kafka").atMost(START).ignoreException(ConnectException.class).until(() -> {
                if (!broker.isAlive()) {
                    throw new AssertionError(Files.readString(folder.resolve("broker.out")));
                }
                new Socket(InetAddress.getLoopbackAddress(), port).close();
                return true;
            });
            return new KafkaProcess(broker, folder, port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private static Process java(Path folder, String name, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m", "-cp",
                TARGET.resolve("broker") + "/*"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".out").toFile()).start();
    }

    /** Where clients find it. */
    public String address() {
        return "127.0.0.1:" + port;
    }

    /** What the broker has written of a topic, in which the text of each message stands as it is. */
    public String written(String topic) {
        Path partition = folder.resolve("messages").resolve(topic + "-0");
        if (Files.notExists(partition)) {
            return "";
        }
        StringBuilder text = new StringBuilder();
        try (Stream<Path> files = Files.list(partition)) {
            for (Path segment : files.filter(file -> file.toString().endsWith(".log")).sorted().toList()) {
                text.append(new String(Files.readAllBytes(segment), StandardCharsets.ISO_8859_1));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    @Override
    public void close() {
        process.destroyForcibly();
        try {
            process.waitFor();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
