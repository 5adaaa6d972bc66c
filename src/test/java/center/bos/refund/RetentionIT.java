// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import com.fasterxml.jackson.databind.JsonNode;
import com.microsoft.playwright.assertions.PlaywrightAssertions;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.BrowserProcess;
import center.bos.refund.testkit.BrowserWindow;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;

/** What {@code refund.retention} leaves of files: the counts of their batches, and those in doubt. */
class RetentionIT {
    private static final Duration SOON = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void theFilesAndRowsOfFinishedBatchesGoAndTheirCountsStay() throws IOException {
        DataTree data = new DataTree(folder.resolve("data"));
        try (BosServer bos = BosServer.start()
                .reply(post -> post.ackno().equals("2") ? Reply.closeWithoutAnswer() : Reply.success());
                RestService rest = RestService.start(RefundProcess.in(folder).archived().against(bos)
                        .env("REFUND_DUPLICATE_WINDOW", "0"), folder)) {
            data.drop("stuck.csv", CsvFiles.rows(1).from(6_000));
            Path stuck = folderThatCannotBeRead(data.outbox().resolve(data.results("stuck").summary().batch()));
            data.drop("done.csv", CsvFiles.rows(3).from(7_000));
            data.drop("refused.csv", "something\n1\n");
            data.drop("doubt.csv", "referenceid,ackno\n1,2\n");
            String done = data.results("done").summary().batch();
            String refused = data.results("refused").summary().batch();
            String doubt = data.results("doubt").summary().batch();
            Path stray = Files.writeString(data.archive().resolve("rest-of-a-kill.csv"), "referenceid,ackno\n1,1\n");
            Files.setLastModifiedTime(stray, FileTime.from(Instant.now().minus(Duration.ofDays(1))));

            rest.close();
            RestService again = rest.again(RefundProcess.in(folder).archived().against(bos)
                    .env("REFUND_DUPLICATE_WINDOW", "0").env("REFUND_RETENTION", "1s"));

            await().atMost(SOON).until(() -> again.process().output().contains("Erased what is older than"));
            assertThat(again.process().output()).contains("The files of batch stuck-", "tried again in an hour");
            Files.move(stuck, folder.resolve("stuck"));
            assertThat(names(data)).noneMatch(name -> name.contains(done) || name.contains(refused)
                    || name.contains("rest-of-a-kill")).anyMatch(name -> name.contains(doubt));
            JsonNode counts = again.get("/batches/" + done).json();
            assertThat(counts.get("success").asInt()).isEqualTo(3);
            assertThat(again.get("/batches/" + done + "/rows").json().get("rows")).isEmpty();
            try (BrowserWindow window = BrowserProcess.start().open("http://127.0.0.1:" + again.port())) {
                window.go("/?batch=" + done);
                PlaywrightAssertions.assertThat(window.find(".empty"))
                        .hasText("Its rows were erased (refund.retention).");
            }
            assertThat(again.get("/batches/" + doubt + "/rows").json().get("rows")).hasSize(1);
            again.close();
        }
    }

    /** By the length of its path, which counts for root as well. */
    private Path folderThatCannotBeRead(Path in) throws IOException {
        Path shallow = Files.createDirectories(in.resolve(("d".repeat(200) + "/").repeat(15)));
        Files.createDirectories(folder.resolve("e/" + ("e".repeat(200) + "/").repeat(15)));
        return Files.move(folder.resolve("e"), shallow.resolve("e"));
    }

    private static List<String> names(DataTree data) throws IOException {
        try (Stream<Path> files = Files.walk(data.root())) {
            return files.map(Path::toString).toList();
        }
    }
}
