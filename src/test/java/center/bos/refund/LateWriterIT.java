// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Stream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;

/** A writer that pauses for so long that its file is taken, and writes the rest while the service is down. */
class LateWriterIT {
    private static final Duration LONG = Duration.ofSeconds(120);
    private static final int ROWS = 600;

    @TempDir
    Path folder;

    @Test
    void theRestIsSentOnceWhateverTheWindowAndTheFileSystemOfTheInbox() throws Exception {
        DataTree data = new DataTree(folder.resolve("data"));
        Path whole = CsvFiles.rows(ROWS).writeTo(folder.resolve("whole.csv"));
        byte[] content = Files.readAllBytes(whole);
        int half = half(content);
        Path elsewhere = elsewhere();
        Files.createDirectories(data.root());
        Files.createSymbolicLink(data.inbox(), elsewhere);
        try (BosServer bos = BosServer.start();
                RandomAccessFile writer = new RandomAccessFile(elsewhere.resolve("rows.csv").toFile(), "rw")) {
            try (RestService rest = RestService.start(process(bos), folder)) {
                writer.write(content, 0, half);
                writer.setLength(content.length);
                assertThat(data.results("rows").summary().success()).isEqualTo(ROWS / 2);
                rest.process().kill9();
            }
            writer.write(content, half, content.length - half);
            try (RestService rest = RestService.start(process(bos), folder)) {
                Results rest2 = await().atMost(LONG)
                        .until(() -> Results.finished(data.outbox(), "rows").stream()
                                .filter(results -> results.summary().rows() == ROWS).findFirst(), Optional::isPresent)
                        .get();
                assertThat(rest2.summary().success()).isEqualTo(ROWS / 2);
                assertThat(rest2.summary().duplicate()).isEqualTo(ROWS / 2);
                assertThat(rest.process().output().lines()
                        .filter(line -> line.contains("rows.csv was written to after it was taken"))).hasSize(1);
            }
            assertThat(bos.postCount()).isEqualTo(ROWS);
        } finally {
            delete(elsewhere);
        }
    }

    @Test
    void aFileThatIsWrittenAnewAndRefusedMeanwhileIsSentOnceWhateverTheWindow() throws Exception {
        DataTree data = new DataTree(folder.resolve("data"));
        try (BosServer bos = BosServer.start(); RestService rest = RestService.start(process(bos), folder)) {
            data.drop("rows.csv", "referenceid,ackno\n1,1\n");
            await().atMost(LONG).until(() -> Results.finished(data.outbox(), "rows").size() == 1);
            Files.writeString(inInbox(data), "");
            await().atMost(LONG).until(() -> Results.finished(data.outbox(), "rows").size() == 2);

            Files.writeString(inInbox(data), "referenceid,ackno\n1,1\n2,2\n");

            await().atMost(LONG).until(() -> Results.finished(data.outbox(), "rows").size() == 3);
            assertThat(bos.postCount()).isEqualTo(2);
        }
    }

    private static Path inInbox(DataTree data) throws IOException {
        try (Stream<Path> files = Files.walk(data.inbox())) {
            return files.filter(Files::isRegularFile).findFirst().orElseThrow();
        }
    }

    private RefundProcess.Launch process(BosServer bos) {
        return RefundProcess.in(folder).archived().against(bos).env("REFUND_DUPLICATE_WINDOW", "0");
    }

    /** Where the first half of the rows ends. */
    private static int half(byte[] content) {
        int rows = -1; // the header
        for (int i = 0; i < content.length; i++) {
            if (content[i] == '\n' && ++rows == ROWS / 2) {
                return i + 1;
            }
        }
        throw new AssertionError(Arrays.toString(content));
    }

    /** A folder on another file system, where the machine has one that may be written. */
    private Path elsewhere() throws IOException {
        Path memory = Path.of("/dev/shm");
        FileStore here = Files.getFileStore(folder);
        return Files.isWritable(memory) && !Files.getFileStore(memory).equals(here)
                ? Files.createTempDirectory(memory, "inbox-")
                : Files.createDirectory(folder.resolve("elsewhere"));
    }

    private static void delete(Path tree) throws IOException {
        try (var paths = Files.walk(tree)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}
