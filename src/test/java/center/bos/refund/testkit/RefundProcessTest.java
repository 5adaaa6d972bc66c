// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RefundProcessTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    Path folder;

    @Test
    void returnsTheExitCodeAndWhatWasWritten() throws Exception {
        try (RefundProcess process = server().start("--unknown")) {
            assertThat(process.waitFor(SOON)).isEqualTo(1);
            assertThat(process.stdout()).isEmpty();
            assertThat(process.stderr()).contains("unknown or without a value: --unknown");
        }
    }

    @Test
    void killsAtOnceAndTerminatesWithNotice() throws Exception {
        try (RefundProcess killed = server().start(); RefundProcess terminated = server().start()) {
            BosServerTest.awaitPort(killed);
            BosServerTest.awaitPort(terminated);

            killed.kill9();
            terminated.terminate();

            assertThat(killed.isAlive()).isFalse();
            assertThat(killed.waitFor(SOON)).isEqualTo(128 + 9);
            assertThat(killed.stdout()).doesNotContain("posts");
            assertThat(terminated.waitFor(SOON)).isEqualTo(128 + 15);
            assertThat(terminated.stdout()).contains("posts 0");
        }
    }

    @Test
    void pausesAndResumes() throws Exception {
        try (RefundProcess process = server().start("--token", "fixed");
                RawClient client = new RawClient(BosServerTest.awaitPort(process))) {
            process.pause();
            await().until(() -> state(process) == 'T');
            client.sendRefund("fixed", "1", "2");
            assertThat(process.isAlive()).isTrue();

            process.resume();

            assertThat(client.readAnswer()).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void showsWhatWasWrittenWhenTheEndDoesNotCome() throws Exception {
        try (RefundProcess process = server().start()) {
            BosServerTest.awaitPort(process);

            assertThatThrownBy(() -> process.waitFor(Duration.ofMillis(10))).isInstanceOf(AssertionError.class)
                    .hasMessageContaining("listening ");
        }
    }

    @Test
    void runsInItsFolderWithItsEnvironmentAndArguments() throws Exception {
        try (RefundProcess process = server().env("JAVA_TOOL_OPTIONS", "-Dkit.seen=true").jvmArg("-XX:+UseSerialGC")
                .start("--log", "relative.log")) {
            BosServerTest.awaitPort(process);

            assertThat(process.stderr()).contains("-Dkit.seen=true");
            assertThat(folder.resolve("work").resolve("relative.log")).exists();
            assertThat(Files.readString(Path.of("/proc", Long.toString(process.pid()), "cmdline")))
                    .contains("-XX:+UseSerialGC");
        }
    }

    private RefundProcess.Launch server() throws IOException {
        return RefundProcess.in(folder.resolve("work")).jar(ServerJar.in(folder));
    }

    private static char state(RefundProcess process) throws IOException {
        String stat = Files.readString(Path.of("/proc", Long.toString(process.pid()), "stat"));
        return stat.charAt(stat.lastIndexOf(')') + 2);
    }
}
