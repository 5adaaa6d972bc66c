// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

import center.bos.refund.testkit.BosInTests;
import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.Post;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.Results;
import center.bos.refund.testkit.Summary;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;

/** What a user sees who drops files into the inbox. */
@QuarkusTest
@WithTestResource(BosInTests.class)
class FileTriggerTest {
    BosServer bos;
    DataTree data;

    @BeforeEach
    void answerSuccess() {
        bos.reply(Reply.success());
    }

    @Test
    void eachRowComesBackInOneOfTheTwoFilesInOrderWithItsOwnColumns() {
        CsvFiles file = CsvFiles.rows(450).from(1_000_000).column("Kunde", i -> "Müller, \"" + i + "\"\nzwei Zeilen")
                .column("amount", i -> i + ".50");
        // every third row fails, and the answers come out of order
        bos.reply(post -> (Long.parseLong(post.ackno()) % 3 == 0 ? Reply.code(200, 2) : Reply.success())
                .after(Duration.ofMillis(Long.parseLong(post.ackno()) % 7)));

        data.drop("orders.csv", file);

        Results results = data.results("orders");
        Map<Long, Map<String, String>> byLine = new TreeMap<>();
        assertThat(lines(results.success())).isSorted().hasSize(300);
        assertThat(lines(results.error())).isSorted().hasSize(150);
        results.success().forEach(row -> byLine.put(Long.valueOf(row.get("line")), row));
        results.error().forEach(row -> byLine.put(Long.valueOf(row.get("line")), row));
        assertThat(byLine).hasSize(450);
        List<Map<String, String>> rows = new ArrayList<>(byLine.values());
        for (int i = 0; i < rows.size(); i++) {
            Map<String, String> row = rows.get(i);
            assertThat(row.keySet()).containsExactly("referenceid", "ackno", "Kunde", "amount", "line", "outcome",
                    "response_code", "http_status", "message", "attempts", "answered_at");
            assertThat(row.get("referenceid")).isEqualTo(file.pair(i).referenceid());
            assertThat(row.get("ackno")).isEqualTo(file.pair(i).ackno());
            assertThat(row.get("Kunde")).isEqualTo("Müller, \"" + i + "\"\nzwei Zeilen");
            assertThat(row.get("amount")).isEqualTo(i + ".50");
            boolean sent = (1_000_001 + i) % 3 != 0;
            assertThat(row.get("outcome")).isEqualTo(sent ? "SUCCESS" : "ERROR");
            assertThat(row.get("response_code")).isEqualTo(sent ? "1" : "2");
            assertThat(row.get("http_status")).isEqualTo("200");
            assertThat(row.get("attempts")).isEqualTo("1");
            assertThat(Instant.parse(row.get("answered_at"))).isBeforeOrEqualTo(Instant.now());
            assertThat(bos.postsFor(row.get("referenceid"), row.get("ackno"))).hasSize(1);
        }
    }

    @Test
    void theSummaryAddsUpAndTheOriginalEndsInTheArchive() throws IOException {
        bos.reply(post -> switch (post.ackno()) {
            case "2000002" -> Reply.code(200, 2);
            case "2000003" -> Reply.code(412, 3);
            default -> Reply.success();
        });
        String content = "referenceid;ackno;name\r\n12347678926;2000001;a\r\n12347678927;2000002;b\r\n"
                + "12347678928;2000003;c\r\n12347678926;2000001;again\r\n1.23457E+10;5;d\r\n77;;e\r\n78;79;f;g\r\n";

        data.drop("mixed.csv", content);

        Results results = Results.of(data.results("mixed").folder(), ';');
        Summary summary = results.summary();
        assertThat(summary.rows()).isEqualTo(7).isEqualTo(summary.sum());
        assertThat(summary.success()).isEqualTo(1);
        assertThat(summary.error()).isEqualTo(2);
        assertThat(summary.duplicate()).isEqualTo(1);
        assertThat(summary.rejected()).isEqualTo(3);
        assertThat(summary.inDoubt()).isZero();
        assertThat(summary.state()).isEqualTo("complete");
        assertThat(summary.reason()).isNull();
        assertThat(summary.file()).isEqualTo("mixed.csv");
        assertThat(summary.sha256()).hasSize(64);
        assertThat(summary.batch()).isEqualTo("mixed-" + summary.sha256().substring(0, 8))
                .isEqualTo(results.folder().getFileName().toString());
        assertThat(Instant.parse(summary.finishedAt())).isAfterOrEqualTo(Instant.parse(summary.startedAt()));
        assertThat(results.error()).extracting(row -> row.get("outcome")).containsExactly("ERROR", "ERROR", "DUPLICATE",
                "REJECTED", "REJECTED", "REJECTED");
        assertThat(results.error()).extracting(row -> row.get("line")).containsExactly("3", "4", "5", "6", "7", "8");
        assertThat(results.error().get(2).get("message")).contains(summary.batch()).contains("line 2");
        assertThat(results.error().get(3).get("message")).contains("referenceid").contains("scientific");
        assertThat(results.error().get(4).get("message")).contains("ackno is empty");
        assertThat(results.error().get(5).get("message")).contains("4 fields, the header has 3");
        assertThat(Files.readString(data.archive().resolve(summary.batch() + ".csv"))).isEqualTo(content);
        assertThat(data.names(data.inbox())).doesNotContain("mixed.csv");
        assertThat(data.names(results.folder())).containsExactly("error.csv", "success.csv", "summary.json");
    }

    @Test
    void theErrorFileCanBeDroppedAsItIs() throws IOException {
        Set<String> refusedOnce = ConcurrentHashMap.newKeySet();
        refusedOnce.addAll(Set.of("3000002", "3000004"));
        bos.reply(post -> refusedOnce.remove(post.ackno()) ? Reply.code(200, 2) : Reply.success());
        data.drop("first.csv", CsvFiles.rows(5).from(3_000_000).column("note", i -> "n" + i));
        Results first = data.results("first");
        assertThat(first.error()).hasSize(2);

        data.drop("error.csv", Files.readAllBytes(first.folder().resolve("error.csv")));

        Results second = data.results("error");
        assertThat(second.success()).extracting(row -> row.get("ackno")).containsExactly("3000002", "3000004");
        assertThat(second.success()).extracting(row -> row.get("note")).containsExactly("n1", "n3");
        assertThat(second.success().get(0).keySet()).containsExactly("referenceid", "ackno", "note", "line", "outcome",
                "response_code", "http_status", "message", "attempts", "answered_at");
        assertThat(second.error()).isEmpty();
        assertThat(posts("3000002")).hasSize(2);
        assertThat(posts("3000001")).hasSize(1);
    }

    @Test
    void theSameNameWithOtherContentIsAnotherBatch() {
        data.drop("daily.csv", CsvFiles.rows(3).from(4_000_000));
        Results monday = data.results("daily");

        data.drop("daily.csv", CsvFiles.rows(3).from(4_000_100));

        await().atMost(Duration.ofSeconds(90)).until(() -> Results.finished(data.outbox(), "daily").size() == 2);
        Results tuesday = Results.finished(data.outbox(), "daily").stream()
                .filter(found -> !found.folder().equals(monday.folder())).findFirst().orElseThrow();
        assertThat(tuesday.summary().success()).isEqualTo(3);
        assertThat(monday.summary().success()).isEqualTo(3);
        assertThat(tuesday.summary().batch()).isNotEqualTo(monday.summary().batch());
    }

    @Test
    void theSameContentAgainIsAllDuplicatesAndNotCalled() throws IOException {
        byte[] content = data.drop("twice.csv", CsvFiles.rows(20).from(5_000_000));
        Results first = data.results("twice");
        long posts = bos.postCount();

        data.drop("twice.csv", content);

        Results second = data.results(first.summary().batch() + "-2");
        assertThat(second.summary().duplicate()).isEqualTo(20);
        assertThat(second.error()).hasSize(20).allSatisfy(row -> {
            assertThat(row.get("outcome")).isEqualTo("DUPLICATE");
            assertThat(row.get("message")).isEqualTo("repeats batch " + first.summary().batch() + " line "
                    + row.get("line") + ", which ended SUCCESS");
            assertThat(row.get("attempts")).isEqualTo("0");
        });
        assertThat(second.success()).isEmpty();
        assertThat(bos.postCount()).isEqualTo(posts);
        assertThat(first.summary().success()).isEqualTo(20);
        assertThat(data.names(data.archive())).contains(first.summary().batch() + ".csv",
                first.summary().batch() + "-2.csv");
    }

    @Test
    void aFileThatIsStillBeingWrittenIsNotTaken() throws Exception {
        Path slow = data.inbox().resolve("slow.csv");
        CsvFiles rows = CsvFiles.rows(30).from(6_000_000);
        try (BufferedWriter out = Files.newBufferedWriter(slow)) {
            out.write("referenceid,ackno\n");
            for (int i = 0; i < 30; i++) {
                out.write(rows.pair(i).referenceid() + "," + rows.pair(i).ackno() + "\n");
                out.flush();
                // the writer is what is slow here
                await().pollDelay(Duration.ofMillis(200)).until(() -> true);
                assertThat(slow).exists();
                assertThat(posts(rows.pair(0).ackno())).isEmpty();
            }
        }

        assertThat(data.results("slow").summary().success()).isEqualTo(30);
    }

    @Test
    void onlyFilesNamedCsvAreTaken() throws Exception {
        data.drop("upper.CSV", CsvFiles.rows(1).from(7_000_000));
        Files.writeString(data.inbox().resolve("later.csv.part"), "referenceid,ackno\n1,7000101\n");
        Files.writeString(data.inbox().resolve("notes.txt"), "referenceid,ackno\n1,7000102\n");
        Files.createDirectories(data.inbox().resolve("folder.csv"));

        data.results("upper");

        assertThat(data.names(data.inbox())).contains("later.csv.part", "notes.txt", "folder.csv");
        assertThat(posts("7000101")).isEmpty();
        assertThat(posts("7000102")).isEmpty();
    }

    private record Sheet(String charset, char delimiter, boolean mark, long from) {
        String stem() {
            return "sheet-" + charset + "-" + (int) delimiter;
        }

        byte[] content() throws IOException {
            CsvFiles rows = CsvFiles.rows(3).from(from).delimiter(delimiter).lineEnd("\r\n").column("Name",
                    i -> "Zoë" + delimiter + i);
            byte[] plain = Files.readAllBytes(rows.charset(Charset.forName(charset)).writeTo(
                    Files.createTempDirectory("made").resolve("x.csv")));
            return mark ? join("\uFEFF".getBytes(Charset.forName(charset)), plain) : plain;
        }
    }

    @Test
    void readsTheDelimitersAndCharsetsThatSpreadsheetsWrite() throws IOException {
        List<Sheet> sheets = List.of(new Sheet("UTF-8", ',', false, 8_000_000),
                new Sheet("UTF-8", ';', true, 8_000_100),
                new Sheet("UTF-8", '\t', false, 8_000_200), new Sheet("UTF-16LE", ';', true, 8_000_300),
                new Sheet("UTF-16BE", ',', true, 8_000_400));
        for (Sheet sheet : sheets) {
            data.drop(sheet.stem() + ".csv", sheet.content());
        }

        assertThat(sheets).allSatisfy(sheet -> {
            Results results = Results.of(data.results(sheet.stem()).folder(), sheet.delimiter());
            assertThat(results.summary().success()).isEqualTo(3);
            assertThat(results.success()).extracting(row -> row.get("Name")).containsExactly(
                    "Zoë" + sheet.delimiter() + "0", "Zoë" + sheet.delimiter() + "1", "Zoë" + sheet.delimiter() + "2");
        });
    }

    @Test
    void aFileWhoseWriterGoesOnAfterAPauseComesBackAsASecondBatch() throws IOException {
        String first = "referenceid,ackno\n1,8500001\n2,8500002\n";
        try (BufferedWriter writer = Files.newBufferedWriter(data.inbox().resolve("paused.csv"))) {
            writer.append(first).flush();
            Results early = data.results("paused");
            assertThat(early.success()).hasSize(2);

            writer.append("3,8500003\n").flush();

            Results whole = await().atMost(Duration.ofSeconds(90))
                    .until(() -> Results.finished(data.outbox(), "paused").stream()
                            .filter(results -> results.summary().rows() == 3).findFirst(), Optional::isPresent)
                    .get();
            assertThat(whole.success()).extracting(row -> row.get("ackno")).containsExactly("8500003");
            assertThat(whole.error()).extracting(row -> row.get("outcome")).containsExactly("DUPLICATE", "DUPLICATE");
            assertThat(data.archive().resolve(early.summary().batch() + ".csv")).hasContent(first);
            assertThat(bos.posts()).filteredOn(post -> post.ackno().startsWith("850000")).hasSize(3);
        }
    }

    @Test
    void aFileThatIsWrittenInPlaceAfterAPauseComesBackAsASecondBatch() throws IOException {
        try (RandomAccessFile writer = new RandomAccessFile(data.inbox().resolve("placed.csv").toFile(), "rw")) {
            writer.writeBytes("referenceid,ackno\n1,8600001\n");
            writer.setLength(writer.getFilePointer() + "2,8600002\n".length());
            assertThat(data.results("placed").success()).hasSize(1);

            writer.writeBytes("2,8600002\n");
        }

        Results whole = await().atMost(Duration.ofSeconds(90))
                .until(() -> Results.finished(data.outbox(), "placed").stream()
                        .filter(results -> results.summary().duplicate() == 1).findFirst(), Optional::isPresent)
                .get();
        assertThat(whole.success()).extracting(row -> row.get("ackno")).containsExactly("8600002");
        assertThat(bos.posts()).filteredOn(post -> post.ackno().startsWith("860000")).hasSize(2);
    }

    @Test
    void cellsThatASpreadsheetWouldRunAreDefused() {
        bos.reply(post -> post.ackno().equals("9000002")
                ? Reply.json(200, "{\"status\":false,\"response_code\":2,\"message\":\"=cmd|'/c calc'!A1\"}")
                : Reply.success());

        data.drop("formulas.csv",
                "referenceid,ackno,=1+1\n12,9000001,\"=HYPERLINK(\"\"http://x\"\")\"\n13,9000002,@SUM(1)\n");

        Results results = data.results("formulas");
        assertThat(results.success().get(0)).containsEntry("'=1+1", "'=HYPERLINK(\"http://x\")");
        assertThat(results.error().get(0)).containsEntry("'=1+1", "'@SUM(1)").containsEntry("message",
                "'=cmd|'/c calc'!A1");
    }

    @Test
    void idsGoOutAsTheyStandAndNothingElseOfTheRowDoes() {
        data.drop("ids.csv", "ACKNO,Secret,ReferenceId\n 123456789012345678 ,s3cret,\"99999999999\"\n");

        data.results("ids");
        Post post = bos.postsFor("99999999999", "123456789012345678").get(0);
        assertThat(post.body()).isEqualTo("{\"referenceid\":99999999999,\"ackno\":123456789012345678}");
        assertThat(post.headers()).extracting(header -> header.name().toLowerCase(java.util.Locale.ROOT))
                .isSubsetOf("authorization", "content-type", "accept", "host", "content-length",
                        "connection");
    }

    private List<Post> posts(String ackno) {
        return bos.posts().stream().filter(post -> post.ackno().equals(ackno)).toList();
    }

    private static List<Long> lines(List<Map<String, String>> rows) {
        return rows.stream().map(row -> Long.valueOf(row.get("line"))).toList();
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] both = java.util.Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }
}
