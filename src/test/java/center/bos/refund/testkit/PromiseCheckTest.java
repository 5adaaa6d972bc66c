// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import static java.nio.charset.StandardCharsets.UTF_16;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PromiseCheckTest {

    private static final CsvFiles FOUR = CsvFiles.rows(4).column("name", row -> "a,\n\"" + row + "\"");
    private static final String HEADER = "referenceid,ackno,name,line,outcome,message\n";

    @TempDir
    Path folder;

    private Path input;
    private Path outbox;
    private Path results;
    private List<String> log;
    private String success;
    private String error;
    private String summary;

    @BeforeEach
    void allIsWell() {
        input = FOUR.writeTo(folder.resolve("in.csv"));
        outbox = folder.resolve("outbox");
        results = outbox.resolve("in-0123abcd");
        // a row takes two lines here, so that rows begin on 2, 4, 6 and 8
        success = HEADER + row(0, 2, "SUCCESS") + row(2, 6, "SUCCESS");
        error = HEADER + row(1, 4, "ERROR") + row(3, 8, "IN_DOUBT");
        summary = "{\"rows\":4,\"success\":2,\"error\":1,\"in_doubt\":1,\"duplicate\":0,\"rejected\":0,"
                + "\"state\":\"complete\",\"new\":{}}";
        log = new ArrayList<>(List.of(post(0), post(1), post(2), post(3)));
    }

    @Test
    void findsNothingWhereThePromiseHolds() throws Exception {
        assertThatCode(check().inFlight(1)::verify).doesNotThrowAnyException();
    }

    @Test
    void findsAPairThatWasSentTwiceUnlessThatIsAllowed() throws Exception {
        log.add(post(2));

        assertThatThrownBy(check().inFlight(1)::verify).isInstanceOf(AssertionError.class)
                .hasMessageContaining("sent more than 1 times").hasMessageContaining(FOUR.pair(2).referenceid());
        assertThatCode(check().inFlight(1).max(2)::verify).doesNotThrowAnyException();
    }

    @Test
    void findsASuccessThatWasNeverSent() throws Exception {
        log.remove(0);

        assertBroken("SUCCESS rows that no request stands behind", FOUR.pair(0).ackno());
    }

    @Test
    void findsMoreInDoubtThanWereInFlight() throws Exception {
        assertThatThrownBy(check()::verify).isInstanceOf(AssertionError.class)
                .hasMessageContaining("more IN_DOUBT than were in flight: 1").hasMessageContaining("1 of at most 0");
    }

    @Test
    void findsALostRow() throws Exception {
        success = HEADER + row(0, 2, "SUCCESS");

        assertBroken("rows in neither file", "line 6 ");
    }

    @Test
    void findsARowInBothFiles() throws Exception {
        error = HEADER + row(0, 2, "ERROR") + row(1, 4, "ERROR") + row(3, 8, "IN_DOUBT");

        assertBroken("rows that are there twice", "input line 2 in success.csv and error.csv");
    }

    @Test
    void findsRowsOutOfOrder() throws Exception {
        success = HEADER + row(2, 6, "SUCCESS") + row(0, 2, "SUCCESS");

        assertBroken("rows out of order", "input line 2 after 6");
    }

    @Test
    void findsARowOfAnotherLineOrPair() throws Exception {
        success = HEADER + row(0, 3, "SUCCESS") + row(1, 6, "SUCCESS");

        assertBroken("rows of no input line", "success.csv line 2");
        assertBroken("rows with another pair than their input line", FOUR.pair(2).referenceid());
    }

    @Test
    void findsARowInTheWrongFile() throws Exception {
        success = HEADER + row(0, 2, "SUCCESS") + row(2, 6, "DUPLICATE");

        assertBroken("rows in the wrong file", "DUPLICATE");
    }

    @Test
    void findsASummaryThatDoesNotHold() throws Exception {
        summary = summary.replace("\"success\":2", "\"success\":3").replace("complete", "refused");

        assertBroken("summaries that do not hold", "success is 3, not 2");
        assertBroken("summaries that do not hold", "sum of the counts is 5, not 4");
        assertBroken("summaries that are not complete", "refused");
    }

    @Test
    void namesTheFirstOffendersOnly() throws Exception {
        CsvFiles.rows(1_000).writeTo(input);
        success = HEADER;
        error = HEADER;

        assertThatThrownBy(check()::verify).hasMessageContaining("rows in neither file: 1000, the first 10")
                .satisfies(thrown -> assertThat(thrown.getMessage().lines().count()).isLessThan(30));
    }

    @Test
    void readsFilesWithOtherDelimitersAndCharsets() throws Exception {
        FOUR.delimiter(';').charset(UTF_16).lineEnd("\r\n").writeTo(input);

        assertThatCode(check().inFlight(1)::verify).doesNotThrowAnyException();
    }

    @Test
    void readsTheResultsByColumn() throws Exception {
        check();

        Results found = Results.await(outbox, "in", Duration.ofSeconds(5));

        assertThat(found.folder()).isEqualTo(results);
        assertThat(found.summary().inDoubt()).isEqualTo(1);
        assertThat(found.summary().sum()).isEqualTo(4);
        assertThat(found.success()).hasSize(2);
        assertThat(found.error().get(0)).containsAllEntriesOf(
                Map.of("referenceid", FOUR.pair(1).referenceid(), "name", "a,\n\"1\"", "outcome", "ERROR"));
        assertThat(Results.finished(outbox, "i")).isEmpty();
    }

    private void assertBroken(String kind, String where) throws IOException {
        assertThatThrownBy(check().inFlight(1)::verify).isInstanceOf(AssertionError.class).hasMessageContaining(kind)
                .hasMessageContaining(where);
    }

    private PromiseCheck check() throws IOException {
        Files.createDirectories(results);
        Files.writeString(results.resolve("success.csv"), success);
        Files.writeString(results.resolve("error.csv"), error);
        Files.writeString(results.resolve("summary.json"), summary);
        Path serverLog = Files.write(folder.resolve("posts.log"), log);
        return PromiseCheck.ofLog(serverLog).file(input, results);
    }

    private static String row(int index, int line, String outcome) {
        Pair pair = FOUR.pair(index);
        return pair.referenceid() + "," + pair.ackno() + ",\"a,\n\"\"" + index + "\"\"\"," + line + "," + outcome
                + ",\n";
    }

    private static String post(int index) {
        Pair pair = FOUR.pair(index);
        return "1700000000000\t" + pair.referenceid() + "\t" + pair.ackno();
    }
}
