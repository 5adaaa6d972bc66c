// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.RestServiceExtension;
import center.bos.refund.testkit.Results;

/** A pair that comes more than once; each test has pairs of its own. */
class DuplicatesIT {

    private static final Duration LONG = Duration.ofSeconds(90);

    @RegisterExtension
    static final RestServiceExtension service = RestServiceExtension.with(launch -> launch);
    private BosServer bos;
    private RestService rest;
    private DataTree data;

    @BeforeEach
    void look() {
        data = new DataTree(rest.data());
    }

    @Test
    void sendsAPairThatIsTwiceInAFileForItsFirstRow() {
        data.drop("thrice.csv", csv(IntStream.range(0, 150).mapToObj(i -> 100 + i % 50 + ",1").toList()));

        Results results = data.results("thrice");
        assertThat(service.posts()).hasSize(50);
        assertThat(results.success()).hasSize(50)
                .allSatisfy(row -> assertThat(row).containsEntry("line", firstLine(row)));
        assertThat(results.error()).hasSize(100).allSatisfy(row -> assertThat(row).containsEntry("outcome", "DUPLICATE")
                .containsEntry("message", "repeats batch " + batch(results) + " line " + firstLine(row)
                        + ", which ended SUCCESS"));
    }

    private static String firstLine(Map<String, String> row) {
        return Integer.toString(Integer.parseInt(row.get("referenceid")) - 100 + 2);
    }

    @Test
    void callsOnceForAPairThatIsTwiceInAFileAlthoughItEndsInError() {
        bos.reply(Reply.code(200, 2));
        data.drop("errors.csv", csv(List.of("1,1", "2,2", "01,1")));

        assertThat(data.results("errors").summary().duplicate()).isEqualTo(1);
        assertThat(data.results("errors").summary().error()).isEqualTo(2);
        assertThat(service.posts()).hasSize(2);
    }

    @Test
    void sendsAPairThatIsInTwoFilesAtTheSameMomentOnce() {
        bos.reply(Reply.success().after(Duration.ofMillis(20)));
        CsvFiles rows = CsvFiles.rows(300).from(10_000);
        data.drop("one.csv", rows);
        data.drop("two.csv", rows.column("other", i -> "x"));

        Results first = data.results("one");
        Results second = data.results("two");
        assertThat(service.posts()).hasSize(300);
        assertThat(rows.pairs()).allSatisfy(
                pair -> assertThat(bos.postsFor(pair.referenceid(), pair.ackno())).hasSize(1));
        assertThat(first.summary().success() + second.summary().success()).isEqualTo(300);
        assertThat(first.summary().duplicate() + second.summary().duplicate()).isEqualTo(300);
        assertNamesASuccessOf(second, first.error());
        assertNamesASuccessOf(first, second.error());
    }

    @Test
    void callsForAFileThatIsDroppedAgainWhileAndAfterItRunsOnlyOnce() {
        bos.reply(Reply.success().after(Duration.ofMillis(50)));
        CsvFiles rows = CsvFiles.rows(400).from(20_000);
        data.drop("again.csv", rows);
        await().atMost(LONG).until(() -> service.posts().size() > 20);
        assertThat(data.inbox().resolve("again.csv")).doesNotExist();
        data.drop("again.csv", rows);
        awaitBatches("again", 2);
        data.drop("again.csv", rows);
        List<Results> all = awaitBatches("again", 3);

        assertThat(service.posts()).hasSize(400);
        assertThat(all.stream().mapToLong(results -> results.summary().success()).sum()).isEqualTo(400);
        assertThat(all.stream().mapToLong(results -> results.summary().duplicate()).sum()).isEqualTo(800);
        assertThat(all.stream().filter(results -> results.folder().toString().endsWith("-3")))
                .singleElement().satisfies(last -> assertThat(last.summary().duplicate()).isEqualTo(400));
    }

    @Test
    void saysWhenADuplicateRepeatsARowThatDidNotEndSuccess() {
        bos.reply(post -> post.ackno().equals("32") ? Reply.code(500, 1) : Reply.success());
        String file = csv(List.of("31,31", "32,32"));
        data.drop("doubted.csv", file);
        Results first = data.results("doubted");
        data.drop("doubted.csv", file);

        Results second = awaitBatches("doubted", 2).stream()
                .filter(results -> !results.folder().equals(first.folder())).findFirst().orElseThrow();
        assertThat(service.posts()).hasSize(2);
        assertThat(first.error()).extracting(row -> row.get("line")).containsExactly("3");
        assertThat(second.error()).hasSize(2).allSatisfy(row -> assertThat(row).containsEntry("message",
                "repeats batch " + batch(first) + " line " + row.get("line") + ", which ended "
                        + (row.get("line").equals("3") ? "IN_DOUBT" : "SUCCESS")));
    }

    @Test
    void sendsAPairAgainThatEndedInError() {
        bos.reply(Reply.code(200, 2));
        CsvFiles rows = CsvFiles.rows(5).from(30_000);
        data.drop("failed.csv", rows);
        assertThat(data.results("failed").summary().error()).isEqualTo(5);
        bos.reply(Reply.success());
        data.drop("failed.csv", rows);

        assertThat(awaitBatches("failed", 2)).extracting(results -> results.summary().success())
                .containsExactlyInAnyOrder(0L, 5L);
        assertThat(service.posts()).hasSize(10);
    }

    private static String csv(List<String> rows) {
        return rows.stream().collect(Collectors.joining("\n", "referenceid,ackno\n", "\n"));
    }

    private List<Results> awaitBatches(String stem, int count) {
        return await().atMost(LONG).until(() -> Results.finished(data.outbox(), stem),
                found -> found.size() == count);
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
}
