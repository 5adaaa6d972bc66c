// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;

import center.bos.refund.model.Batch;
import center.bos.refund.model.Source;
import center.bos.refund.testkit.OwnThread;

/** What the command line says before anything starts; SendIT has bad usage as a process. */
class RefundCliTest {
    private final PrintStream out = System.out;
    private final PrintStream err = System.err;
    private final ByteArrayOutputStream said = new ByteArrayOutputStream();
    private final ByteArrayOutputStream complained = new ByteArrayOutputStream();

    @BeforeEach
    void listen() {
        System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void leave() {
        System.setOut(out);
        System.setErr(err);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "send", "send --unknown x.csv", "resend", "resend x --line y", "unknown",
            "serve more"})
    void exits2OnBadUsage(String words) {
        assertThat(RefundCli.run(words.isEmpty() ? new String[0] : words.split(" "))).isEqualTo(2);

        assertThat(complained.toString(StandardCharsets.UTF_8)).contains("Usage: refund").doesNotContain("\tat ");
        assertThat(said.toString(StandardCharsets.UTF_8)).isEmpty();
    }

    @Test
    void theAuditIsCheckedWhileAServiceWritesResultsAndAnErpTakesThem(@TempDir Path outbox) throws Exception {
        Path batch = Files.createDirectory(outbox.resolve("rows-1a2b3c4d"));
        AtomicBoolean ended = new AtomicBoolean();
        Future<Void> service = OwnThread.run(() -> {
            try {
                while (!ended.get()) {
                    Path part = Files.createFile(batch.resolve(".success.csv.part"));
                    Files.delete(Files.move(part, batch.resolve("success.csv")));
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        try {
            for (int time = 0; time < 30_000; time++) {
                AuditCommand.addAnchors(outbox, new ArrayList<>());
            }
        } finally {
            ended.set(true);
            service.get();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"status", "pause", "resume", "cancel", "release", "resend"})
    void exits2IfTheBatchHasNoName(String command) {
        for (String batch : new String[]{"", " ", "/"}) {
            assertThat(RefundCli.run(command, batch)).isEqualTo(2);
            assertThat(complained.toString(StandardCharsets.UTF_8))
                    .contains(
                            "'" + batch + "' names no batch: status lists the open ones, data/outbox holds the others");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"pause", "resume", "cancel", "release", "resend"})
    void exits2IfAReasonIsNoLineOfText(String command) {
        for (String reason : new String[]{"", "two\nlines", "\u001b[2J", "\u009b2J", "x".repeat(501)}) {
            assertThat(RefundCli.run(command, "x-1a2b3c4d", "--reason", reason)).isEqualTo(2);
            assertThat(complained.toString(StandardCharsets.UTF_8)).contains("--reason must have 1 to 500 characters");
            complained.reset();
        }
    }

    @Test
    void waitsForNoResultsThatAnotherNodeWrites() {
        Batch cancelled = new Batch(1, Source.FILE, "rows", "rows.csv", "", "one", Batch.State.OPEN, null, false, 5, 1,
                5, 0, 0, 0, 0, 0, 5, Instant.EPOCH, null, null, "inbox");

        assertThat(SendJob.isToDo(cancelled, "one")).isTrue();
        assertThat(SendJob.isToDo(cancelled, "two")).isFalse();
        assertThat(SendJob.isToDo(cancelled.completed(Instant.EPOCH), "one")).isFalse();
    }

    @Test
    void tellsWhyABatchWasRefused() {
        assertThat(StatusCommand.text(JsonNodeFactory.instance.objectNode().put("batch", "x-1a2b3c4d")
                .put("state", "refused").put("reason", "x.csv: the file is empty")))
                .startsWith("Batch x-1a2b3c4d: refused, ")
                .endsWith(System.lineSeparator() + "  x.csv: the file is empty");
    }

    @Test
    void takesNoRowsOfAFileForWords(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("rows.csv"), "referenceid,ackno\n12345678926,127\n");

        assertThat(RefundCli.run("status", "@" + file, "more")).isEqualTo(2);
        assertThat(complained.toString(StandardCharsets.UTF_8)).contains("more").doesNotContain("12345678926");
    }

    @ParameterizedTest
    @ValueSource(strings = {"help", "--help"})
    void listsTheCommands(String word) {
        assertThat(RefundCli.run(word)).isZero();

        assertThat(said.toString(StandardCharsets.UTF_8)).contains("Usage: refund ", "send", "serve");
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "send", "check", "resend", "serve"})
    void eachCommandHasHelpWithExamples(String command) {
        assertThat(RefundCli.run(command, "--help")).isZero();

        assertThat(said.toString(StandardCharsets.UTF_8)).contains("Usage: refund " + command, "Example",
                "refund " + command);
    }
}
