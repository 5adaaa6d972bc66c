// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.apache.commons.codec.digest.DigestUtils;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;

/** Files that cannot be read, moved or written: one line for the operator, nothing lost, and no other file held up. */
@Execution(ExecutionMode.CONCURRENT)
class FileTroubleIT {
    private static final Duration LONG = Duration.ofSeconds(120);
    /** More than there are readers of batches. */
    private static final int SPOILT = 6;

    @TempDir
    Path folder;

    private BosServer bos;
    private DataTree data;

    @BeforeEach
    void start() {
        bos = BosServer.start();
        data = new DataTree(folder.resolve("data"));
    }

    @AfterEach
    void stop() {
        bos.close();
    }

    @Test
    void batchesWhoseFileWasSpoiltHoldUpNoOther() throws IOException {
        for (int i = 0; i < SPOILT; i++) {
            data.drop("spoilt" + i + ".csv", CsvFiles.rows(5).from(100L * (i + 1)));
        }
        try (RefundProcess service = process().env("BOS_BASE_URL", "http://127.0.0.1:" + RestService.freePort())
                .start("serve")) {
            await().atMost(LONG).until(() -> archived().size() == SPOILT);
            service.terminate();
            assertThat(service.waitFor(LONG)).isZero();
        }
        List<Path> files = archived();
        for (Path file : files) {
            Files.writeString(file, Files.readString(file).replace("referenceid", "somethingid"));
        }
        data.drop("good.csv", CsvFiles.rows(5).from(10_000));
        try (RefundProcess service = process().start("serve")) {
            assertThat(data.results("good").summary().success()).isEqualTo(5);
            // read once more for its rows, or for the results alone
            assertThat(service.output())
                    .containsPattern("the (file|results) of batch spoilt\\d-\\w+ cannot be (read|written)");
            for (Path file : files) {
                Files.writeString(file, Files.readString(file).replace("somethingid", "referenceid"));
            }
            for (int i = 0; i < SPOILT; i++) {
                assertThat(data.results("spoilt" + i).summary().success()).isEqualTo(5);
            }
            service.terminate();
            assertThat(service.waitFor(LONG)).isZero();
        }
    }

    @Test
    void filesThatCannotBeArchivedAreSaidOnceAndReadWhenTheyCan() throws IOException {
        try (RestService rest = RestService.start(process(), folder)) {
            blockArchive();
            for (int i = 0; i < 20; i++) {
                data.drop("moved" + i + ".csv", CsvFiles.rows(1).from(100 + i));
            }
            await().atMost(LONG).until(() -> rest.process().output().contains("cannot be read"));
            await().pollDelay(Duration.ofSeconds(5)).until(() -> true); // for how much is said meanwhile
            assertThat(rest.process().output().lines().filter(line -> line.contains("cannot be read"))
                    .map(line -> line.replaceFirst(".*until it works", ""))).isNotEmpty().doesNotHaveDuplicates();
            String verdict = rest.get("/service").json().get("verdict").asText();
            assertThat(verdict)
                    .containsPattern("; tried again until it works: the file of batch moved\\d+-\\w+ cannot be read: ");
            String stuck = verdict.replaceFirst(".*the file of batch (\\S+) .*", "$1");
            assertThat(rest.get("/batches/" + stuck).json().get("reason").asText()).contains(stuck, "cannot be read");

            freeArchive();

            for (int i = 0; i < 20; i++) {
                assertThat(data.results("moved" + i).summary().success()).isEqualTo(1);
            }
            await().atMost(LONG)
                    .until(() -> rest.get("/service").json().get("verdict").asText().equals("Nothing waits"));
        }
        assertThat(bos.postCount()).isEqualTo(20);
    }

    @Test
    void aFileThatIsWrittenToBeforeItCouldBeArchivedIsReadAsItWasTakenAndAsItIs() throws IOException {
        try (RestService rest = RestService.start(process(), folder)) {
            blockArchive();
            data.drop("rows.csv", "referenceid,ackno\n1,1\n");
            await().atMost(LONG).until(() -> rest.process().output().contains("cannot be read"));
            try (Stream<Path> files = Files.walk(data.inbox())) {
                Files.writeString(files.filter(Files::isRegularFile).findFirst().orElseThrow(), "2,2\n",
                        StandardOpenOption.APPEND);
            }
            await().atMost(LONG).until(() -> rest.process().output().contains("written to after it was taken"));

            freeArchive();

            await().atMost(LONG).until(() -> Results.finished(data.outbox(), "rows").size() == 2);
        }
        assertThat(bos.postCount()).isEqualTo(2);
    }

    @Test
    void theReasonOfARefusalIsWrittenOnceItCanBeAndHoldsUpNoOtherFile() throws IOException {
        List<Path> results = new ArrayList<>();
        try (RestService rest = RestService.start(process(), folder)) {
            for (int i = 0; i < 40; i++) {
                String content = "something,ackno\n1," + i + "\n";
                results.add(data.outbox().resolve("bad" + i + "-" + DigestUtils.sha256Hex(content).substring(0, 8)));
                Files.createFile(results.get(i));
                data.drop("bad" + i + ".csv", content);
            }
            await().atMost(LONG).until(() -> rest.process().output().contains("cannot be taken"));
            data.drop("good.csv", "referenceid,ackno\n1,1\n");
            // sooner than after a pause for each of the others
            assertThat(Results.await(data.outbox(), "good", Duration.ofSeconds(40)).summary().success()).isEqualTo(1);

            for (Path file : results) {
                Files.delete(file);
            }

            assertThat(data.results("bad0").summary().reason()).contains("referenceid");
            assertThat(data.results("bad39").summary().reason()).contains("referenceid");
        }
    }

    private void blockArchive() throws IOException {
        Files.delete(data.archive().resolve("refused"));
        Files.delete(data.archive());
        Files.createFile(data.archive());
    }

    private void freeArchive() throws IOException {
        Files.delete(data.archive());
        Files.createDirectory(data.archive());
    }

    @Test
    void sendSaysThatResultsCannotBeWrittenAndGoesOnNextTime() throws IOException {
        Path input = CsvFiles.rows(3).writeTo(folder.resolve("in.csv"));
        try (RefundProcess send = process().env("BOS_BASE_URL", "http://127.0.0.1:" + RestService.freePort())
                .start("send", input.toString())) {
            await().atMost(LONG).until(() -> send.stderr().contains("; paused, cannot connect"));
            send.terminate();
            assertThat(send.waitFor(LONG)).as(send.output()).isEqualTo(3);
        }
        Path results = data.outbox().resolve(archived().get(0).getFileName().toString().replace(".csv", ""));
        Files.createFile(results);
        try (RefundProcess send = process().start("send", input.toString())) {
            assertThat(send.waitFor(LONG)).as(send.output()).isEqualTo(3);
            assertThat(send.stderr()).contains("gave up: the results of batch in-", "cannot be written",
                    "is there and is"
                            + " not a folder");
        }
        Files.delete(results);
        try (RefundProcess send = process().start("send", input.toString())) {
            assertThat(send.waitFor(LONG)).as(send.output()).isZero();
        }
        assertThat(bos.postCount()).isEqualTo(3);
    }

    @Test
    void aNameThatTheLocaleCannotReadHoldsUpNoOther() throws Exception {
        Files.createDirectories(data.inbox());
        assertThat(new ProcessBuilder("sh", "-c",
                "printf 'referenceid,ackno\\n1,1\\n' > \"$(printf 'caf\\303\\251.csv')\"")
                .directory(data.inbox().toFile()).start().waitFor()).isZero();
        data.drop("plain.csv", CsvFiles.rows(2).from(50));
        try (RefundProcess service = process().env("LC_ALL", "C").start("serve")) {
            assertThat(data.results("plain").summary().success()).isEqualTo(2);
            await().atMost(LONG).until(() -> service.output().contains("LC_ALL=C.UTF-8"));
        }
        try (RefundProcess service = process().env("LC_ALL", "C.UTF-8").start("serve")) {
            await().atMost(LONG).until(() -> bos.postCount() == 3);
        }
        assertThat(bos.postsFor("1", "1")).hasSize(1);
    }

    private List<Path> archived() throws IOException {
        if (!Files.isDirectory(data.archive())) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(data.archive())) {
            return files.filter(file -> file.toString().endsWith(".csv")).toList();
        }
    }

    private RefundProcess.Launch process() {
        return RefundProcess.in(folder).archived().against(bos).env("REFUND_HTTP_PORT", "0");
    }
}
