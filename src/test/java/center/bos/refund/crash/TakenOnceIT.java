// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;
import center.bos.refund.testkit.Summary;

/** A kill while a file is taken from the inbox or refused: each of its rows is sent once, whatever its writer does meanwhile. */
class TakenOnceIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String BEFORE_A_FILE_IS_MOVED_TO = """
            RULE kill
            CLASS center.bos.refund.folder.DurableFile
            METHOD move
            AT ENTRY
            IF $2.toString().contains("%s")
            """;

    @TempDir
    Path folder;

    private DataTree data;

    @BeforeEach
    void find() {
        data = new DataTree(folder.resolve("data"));
    }

    @Test
    void aFileThatGrewBeforeItWasMovedIsOneBatchAlsoWithoutADuplicateWindow() throws Exception {
        try (BosServer bos = BosServer.start()) {
            killBefore("/.taken/", bos, "referenceid,ackno\n1,1\n");
            append("2,2\n");
            try (RestService rest = RestService.start(process(bos), folder)) {
                data.results("rows");
                TimeUnit.SECONDS.sleep(3); // by then the file is taken again, or was
                assertThat(rest.get("/batches").json().get("batches")).singleElement()
                        .satisfies(batch -> assertThat(batch.get("state").asText()).isEqualTo("complete"));
            }
            assertThat(bos.postCount()).isEqualTo(2);
            assertThat(Results.finished(data.outbox(), "rows")).hasSize(1);
        }
    }

    @Test
    void aFileThatGrewBeforeTheNextStartIsSentOnceAlsoWithoutADuplicateWindow() throws Exception {
        try (BosServer bos = BosServer.start()) {
            killBefore("/archive/", bos, "referenceid,ackno\n1,1\n2,2\n");
            append("3,3\n");
            try (RestService rest = RestService.start(process(bos), folder)) {
                assertThat(resultsOf(3).success()).extracting(row -> row.get("ackno")).containsExactly("3");
            }
            assertThat(resultsOf(2).summary().success()).isEqualTo(2);
            assertThat(bos.postCount()).isEqualTo(3);
        }
    }

    @Test
    void aFileOfAHeaderAloneIsComplete() throws Exception {
        try (BosServer bos = BosServer.start()) {
            killBefore("/archive/", bos, "referenceid,ackno\n");
            try (RestService rest = RestService.start(process(bos), folder)) {
                assertThat(data.results("rows").summary().rows()).isZero();
            }
        }
    }

    @Test
    void anEmptyFileIsRefusedAndTakenOnceItsWriterHasFilledIt() throws Exception {
        try (BosServer bos = BosServer.start()) {
            killBefore("/archive/refused/", bos, "");
            try (RestService rest = RestService.start(process(bos), folder)) {
                Summary refused = data.results("rows").summary();
                assertThat(refused.reason()).contains("the file is empty");
                assertThat(data.archive().resolve("refused/" + refused.batch() + ".csv")).isEmptyFile();

                append("referenceid,ackno\n1,1\n");

                assertThat(resultsOf(1).summary().success()).isEqualTo(1);
                assertThat(rest.process().output()).contains("rows.csv was written to after it was refused as batch "
                        + refused.batch());
            }
            assertThat(bos.postCount()).isEqualTo(1);
            assertThat(data.archive().resolve("refused")).isDirectoryContaining(Files::isRegularFile);
        }
    }

    /** Drops a file, and kills the service before the first file is moved to a place that has that in its path. */
    private void killBefore(String place, BosServer bos, String content) throws Exception {
        Files.createFile(folder.resolve(KillPoint.ARMED));
        try (RestService rest = RestService.start(KillAgent.inject(
                KillPoint.script(BEFORE_A_FILE_IS_MOVED_TO.formatted(place), 1), folder, process(bos)), folder)) {
            data.drop("rows.csv", content);
            rest.process().waitFor(SOON);
        }
        assertThat(bos.postCount()).isZero();
        Files.delete(folder.resolve(KillPoint.ARMED));
    }

    /** Writes on in the file, as a program does that still has it open. */
    private void append(String rows) throws IOException {
        try (Stream<Path> files = Files.walk(data.inbox())) {
            Files.writeString(files.filter(Files::isRegularFile).findFirst().orElseThrow(), rows,
                    StandardOpenOption.APPEND);
        }
    }

    private Results resultsOf(int rows) {
        return await().atMost(SOON).until(() -> Results.finished(data.outbox(), "rows").stream()
                .filter(results -> results.summary().rows() == rows).findFirst(), Optional::isPresent).get();
    }

    private RefundProcess.Launch process(BosServer bos) {
        return RefundProcess.in(folder).archived().against(bos).env("REFUND_DUPLICATE_WINDOW", "0");
    }
}
