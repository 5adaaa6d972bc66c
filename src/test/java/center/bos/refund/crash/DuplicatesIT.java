// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.Results;

@Execution(ExecutionMode.CONCURRENT)
class DuplicatesIT {

    private static final Duration LONG = Duration.ofSeconds(90);

    @TempDir
    Path folder;

    private BosServer bos;
    private Path inbox;
    private Path outbox;

    @BeforeEach
    void start() {
        bos = BosServer.start();
        inbox = folder.resolve("data").resolve("inbox");
        outbox = folder.resolve("data").resolve("outbox");
    }

    @AfterEach
    void stop() {
        bos.close();
    }

    @Test
    void sendsAPairThatIsTwiceInAFileForItsFirstRow() {
        List<String> lines = IntStream.range(0, 150).mapToObj(i -> i % 50 + ",1").toList();
        send(write("in.csv", lines), 0);

        Results results = Results.await(outbox, "in", LONG);
        assertThat(bos.postCount()).isEqualTo(50);
        assertThat(results.success()).allSatisfy(
                row -> assertThat(row.get("line"))
                        .isEqualTo(Integer.toString(Integer.parseInt(row.get("referenceid")) + 2)));
        assertThat(results.error()).hasSize(100).allSatisfy(row -> assertThat(row).containsEntry("outcome", "DUPLICATE")
                .containsEntry("message", "repeats batch " + batch(results) + " line "
                        + (Integer.parseInt(row.get("referenceid")) + 2) + ", which ended SUCCESS"));
    }

    @Test
    void callsOnceForAPairThatIsTwiceInAFileAlthoughItEndsInError() {
        bos.reply(Reply.code(200, 2));
        Path input = write("in.csv", List.of("1,1", "2,2", "01,1"));
        send(input, 1);

        assertThat(bos.postCount()).isEqualTo(2);
        assertThat(Results.await(outbox, "in", LONG).summary().duplicate()).isEqualTo(1);
    }

    @Test
    void repeatingRowsInDoubtDoesNotLookLikeSuccess() {
        bos.reply(post -> post.referenceid().startsWith("9") ? Reply.hang() : Reply.success());
        Path input = write("in.csv", List.of("1,1", "2,2", "91,1", "92,2"));
        try (RefundProcess command = process().start("send", input.toString())) {
            await().atMost(LONG).until(() -> bos.postCount() == 4);
            command.kill9();
        }
        send(input, 1);

        try (RefundProcess again = process().start("send", input.toString())) {
            assertThat(again.waitFor(LONG)).as(again.output()).isEqualTo(1);
            assertThat(again.stdout()).contains("DUPLICATE           4", "repeats a row that ended IN_DOUBT");
        }
        try (RefundProcess check = process().start("check", input.toString())) {
            assertThat(check.waitFor(LONG)).as(check.output()).isEqualTo(1);
            assertThat(check.stdout()).contains("line 4: DUPLICATE, repeats batch in-", "which ended IN_DOUBT");
        }
        assertThat(bos.postCount()).isEqualTo(4);
    }

    @Test
    void sendsAPairThatIsInTwoFilesAtTheSameMomentOnce() {
        bos.reply(Reply.success().after(Duration.ofMillis(20)));
        CsvFiles rows = CsvFiles.rows(300);
        Path one = rows.writeTo(folder.resolve("one.csv"));
        Path two = rows.column("other", i -> "x").writeTo(folder.resolve("two.csv"));
        try (RefundProcess command = process().start("send", one.toString(), two.toString())) {
            assertThat(command.waitFor(LONG)).isZero();
        }
        assertThat(bos.postCount()).isEqualTo(300);
        assertThat(rows.pairs()).allSatisfy(
                pair -> assertThat(bos.postsFor(pair.referenceid(), pair.ackno())).hasSize(1));
        Results first = Results.await(outbox, "one", LONG);
        Results second = Results.await(outbox, "two", LONG);
        assertThat(first.summary().success() + second.summary().success()).isEqualTo(300);
        assertThat(first.summary().duplicate() + second.summary().duplicate()).isEqualTo(300);
        assertNamesASuccessOf(second, first.error());
        assertNamesASuccessOf(first, second.error());
    }

    @Test
    void callsForAFileThatIsDroppedAgainWhileAndAfterItRunsOnlyOnce() throws Exception {
        bos.reply(Reply.success().after(Duration.ofMillis(50)));
        CsvFiles rows = CsvFiles.rows(400);
        try (RefundProcess service = process().start("serve")) {
            Path first = rows.writeTo(inbox.resolve("in.csv"));
            await().atMost(LONG).until(() -> bos.postCount() > 20);
            assertThat(first).doesNotExist();
            rows.writeTo(inbox.resolve("in.csv"));
            await().atMost(LONG).until(() -> Results.finished(outbox, "in").size() == 2);
            rows.writeTo(inbox.resolve("in.csv"));
            await().atMost(LONG).until(() -> Results.finished(outbox, "in").size() == 3);
        }
        assertThat(bos.postCount()).isEqualTo(400);
        List<Results> all = Results.finished(outbox, "in");
        assertThat(all.stream().mapToLong(results -> results.summary().success()).sum()).isEqualTo(400);
        assertThat(all.stream().mapToLong(results -> results.summary().duplicate()).sum()).isEqualTo(800);
        assertThat(all.stream().filter(results -> results.folder().toString().endsWith("-3")))
                .singleElement().satisfies(last -> assertThat(last.summary().duplicate()).isEqualTo(400));
    }

    @Test
    void saysWhenADuplicateRepeatsARowThatDidNotEndSuccess() {
        bos.reply(post -> post.number() == 1 ? Reply.code(500, 1) : Reply.success());
        Path input = write("in.csv", List.of("1,1", "2,2"));
        send(input, 1);
        send(input, 1);

        assertThat(bos.postCount()).isEqualTo(2);
        List<Results> all = Results.finished(outbox, "in");
        assertThat(all).hasSize(2);
        Results first = all.stream().filter(results -> results.summary().success() == 1).findFirst().orElseThrow();
        Results second = all.stream().filter(results -> results.summary().duplicate() == 2).findFirst().orElseThrow();
        String doubted = first.error().get(0).get("line");
        assertThat(second.error()).allSatisfy(row -> assertThat(row).containsEntry("message",
                "repeats batch " + batch(first) + " line " + row.get("line") + ", which ended "
                        + (row.get("line").equals(doubted) ? "IN_DOUBT" : "SUCCESS")));
    }

    @Test
    void sendsAPairAgainThatEndedInError() {
        bos.reply(Reply.code(200, 2));
        CsvFiles rows = CsvFiles.rows(5);
        Path input = rows.writeTo(folder.resolve("in.csv"));
        send(input, 1);
        bos.reply(Reply.success());
        send(input, 0);

        assertThat(bos.postCount()).isEqualTo(10);
        assertThat(Results.finished(outbox, "in")).extracting(results -> results.summary().success())
                .containsExactlyInAnyOrder(0L, 5L);
    }

    private Path write(String name, List<String> rows) {
        try {
            return Files.writeString(folder.resolve(name), "referenceid,ackno\n" + String.join("\n", rows) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void send(Path input, int expected) {
        try (RefundProcess command = process().start("send", input.toString())) {
            assertThat(command.waitFor(LONG)).as(command.output()).isEqualTo(expected);
        }
    }

    private static String batch(Results results) {
        return results.folder().getFileName().toString();
    }

    private static void assertNamesASuccessOf(Results holder, List<Map<String, String>> duplicates) {
        List<String> names = holder.success().stream()
                .map(row -> "repeats batch " + batch(holder) + " line " + row.get("line")).toList();
        // the other file may be done before the row that it repeats
        assertThat(duplicates).allSatisfy(row -> assertThat(names)
                .contains(row.get("message").replaceFirst(", which (ended SUCCESS|has no outcome yet)$", "")));
    }

    private RefundProcess.Launch process() {
        return RefundProcess.in(folder).archived().against(bos).env("REFUND_HTTP_PORT", "0");
    }
}
