// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import center.bos.refund.testkit.CamelProcess;
import center.bos.refund.testkit.MarkdownBlock;
import center.bos.refund.testkit.RestService;

/** {@code camel run} in an unpacked release, by the commands of docs/camel.md as they are printed but for the port. */
@Execution(ExecutionMode.CONCURRENT)
class CamelRunIT {
    private static final Duration SOON = Duration.ofMinutes(2);
    private static final List<String> COMMANDS = MarkdownBlock.of(Path.of("docs/camel.md")).stream()
            .filter(block -> block.language().equals("sh")).map(MarkdownBlock::text).toList();

    @TempDir
    Path folder;
    private Path home;
    private final int simulated = RestService.freePort();
    private final int port = RestService.freePort();

    @BeforeEach
    void unpack() throws Exception {
        try (Stream<Path> files = Files.list(Path.of("target"))) {
            Path release = files.filter(file -> file.getFileName().toString().matches("bos-refund-[^/]*\\.tar\\.gz"))
                    .findFirst().orElseThrow();
            Process tar = new ProcessBuilder("tar", "xzf", release.toAbsolutePath().toString())
                    .directory(folder.toFile())
                    .start();
            assertThat(tar.waitFor()).isZero();
        }
        try (Stream<Path> files = Files.list(folder)) {
            home = files.filter(Files::isDirectory).findFirst().orElseThrow();
        }
        Path settings = home.resolve("examples/camel/application.properties");
        Files.writeString(settings, Files.readString(settings).replace("127.0.0.1:8080", "127.0.0.1:" + port));
    }

    @Test
    void theExampleHandsAPairOverAndReceivesItsOutcome() throws Exception {
        Path tools = CamelProcess.cli(Files.createDirectories(folder.resolve("tools")));
        Process simulator = service("simulator", 0, simulated);
        Process service = service("service", 1, port);
        try {
            await("simulator").atMost(SOON).until(() -> alive(simulator, "simulator").contains("Watching "));
            await("service").atMost(SOON).until(() -> alive(service, "service").contains("Watching "));
            Process camel = shell("camel", COMMANDS.get(2), Map.of("PATH", tools + ":" + System.getenv("PATH")));
            try {
                Path received = home.resolve("examples/camel/received/outcomes.jsonl");
                await("outcome").atMost(SOON).until(() -> !alive(camel, "camel").isEmpty() && Files.exists(received));

                assertThat(Files.readString(received)).contains("\"outcome\":\"SUCCESS\"", "12345678926");
                await("printed").atMost(SOON).untilAsserted(() -> assertThat(alive(camel, "camel"))
                        .contains("Handed over: SUCCESS", "An outcome came").doesNotContain("12345678926"));
            } finally {
                end(camel);
            }
        } finally {
            end(service);
            end(simulator);
        }
    }

    private Process service(String name, int command, int itsPort) throws IOException {
        return shell(name, COMMANDS.get(command).replace("8090", Integer.toString(simulated)),
                Map.of("REFUND_HTTP_PORT", Integer.toString(itsPort), "REFUND_MANAGEMENT_PORT", "0", "JAVA_HOME",
                        System.getProperty("java.home")));
    }

    private Process shell(String name, String script, Map<String, String> environment) throws IOException {
        ProcessBuilder builder = new ProcessBuilder("sh", "-eu", "-c", script).directory(home.toFile())
                .redirectErrorStream(true).redirectOutput(folder.resolve(name + ".out").toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    private String alive(Process process, String name) throws IOException {
        String printed = Files.readString(folder.resolve(name + ".out"));
        assertThat(process.isAlive()).as(printed).isTrue();
        return printed;
    }

    private static void end(Process process) throws InterruptedException {
        List<ProcessHandle> all = Stream.concat(process.descendants(), Stream.of(process.toHandle())).toList();
        all.forEach(ProcessHandle::destroy);
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            all.forEach(ProcessHandle::destroyForcibly);
        }
    }
}
