// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.Results;

/** Files as Excel, banks and people make them: {@code check} and {@code send} read them alike, as a person means them. */
@Execution(ExecutionMode.CONCURRENT)
class FilesFromElsewhereIT {
    private static final Duration SOON = Duration.ofSeconds(120);

    @TempDir
    Path folder;

    @AutoClose
    private final BosServer bos = BosServer.start();

    @Test
    void checkAndSendReadEachAsAPersonMeansIt() throws IOException {
        // %d: a pair of its own for each
        Map<String, String> oneRow = new LinkedHashMap<>();
        oneRow.put("delimiters-alone", "referenceid,ackno,note\n%d,127,x\n" + ",,\n".repeat(1247));
        oneRow.put("unnamed-column", "referenceid,ackno,\n%d,127\n");
        oneRow.put("cell-too-many", "referenceid,ackno\n%d,127,\n");
        oneRow.put("cell-too-few", "referenceid,ackno,note\n%d,127\n");
        oneRow.put("told-delimiter", "sep=;\r\nreferenceid;ackno\r\n%d;127\r\n");
        oneRow.put("ctrl-z", "referenceid,ackno\r\n%d,127\r\n\u001A");
        oneRow.put("hard-space", "referenceid\u00A0,ackno\n\u00A0%d,127\u200B\n");
        oneRow.put("two-marks", "\uFEFF\uFEFFreferenceid,ackno\n\uFEFF%d,127\n");
        long referenceid = 12_345_678_926L;
        for (Map.Entry<String, String> file : oneRow.entrySet()) {
            write(file.getKey() + ".csv", file.getValue().replace("%d", Long.toString(referenceid++)));
        }
        write("header-alone.csv", "referenceid,ackno\n");
        String[] all = Stream.concat(oneRow.keySet().stream(), Stream.of("header-alone")).map(stem -> stem + ".csv")
                .toArray(String[]::new);

        RefundProcess check = run(0, "check", all);
        oneRow.keySet().forEach(stem -> assertThat(check.stdout())
                .contains(stem + ".csv: 1 row, 1 to send, 0 duplicate, 0 rejected"));
        assertThat(check.stdout()).contains("header-alone.csv: 0 rows, 0 to send, 0 duplicate, 0 rejected");
        assertThat(bos.postCount()).isZero();

        run(0, "send", all);
        assertThat(bos.postCount()).isEqualTo(oneRow.size());
        for (String stem : oneRow.keySet()) {
            assertThat(result(stem).summary().rows()).as(stem).isEqualTo(1);
            assertThat(result(stem).summary().success()).as(stem).isEqualTo(1);
        }
        assertThat(result("header-alone").summary().state()).isEqualTo("complete");
        assertThat(result("header-alone").summary().rows()).isZero();
        assertThat(result("header-alone").folder().resolve("error.csv")).content()
                .isEqualTo("referenceid,ackno,line,outcome,response_code,http_status,message,attempts,answered_at\n");
        assertThat(result("two-marks").folder().resolve("success.csv")).content()
                .startsWith("\uFEFFreferenceid,ackno,line,");
        assertThat(result("told-delimiter").folder().resolve("success.csv")).content()
                .startsWith("referenceid;ackno;line;");
    }

    @Test
    void whatARefusedOrRejectedOneHoldsIsNamed() throws IOException {
        write("title.csv", "Refunds in May\n\nreferenceid;ackno\n1;2\n");
        write("hidden.csv", "reference\u200Bid,ackno\n1,2\n");
        write("pipes.csv", "sep=|\nreferenceid|ackno\n1|2\n");
        assertThat(run(2, "send", "title.csv", "hidden.csv", "pipes.csv").stderr()).contains(
                "title.csv: line 1: no header, missing columns referenceid and ackno, which line 3 names",
                "missing column referenceid (found: reference<U+200B>id, ackno)",
                "pipes.csv: line 1: sep= names a delimiter that is not read");
        write("inside.csv", "referenceid,ackno\n1\u00A02,2\n1,2,,x\n");
        assertThat(run(1, "check", "inside.csv").stdout()).contains(
                "line 2: REJECTED, referenceid must hold digits only and holds the invisible character U+00A0",
                "line 3: REJECTED, the row has 4 fields, the header has 2");
        assertThat(bos.postCount()).isZero();
    }

    @Test
    void aResultFileThatIsDroppedAgainTextsNobodyTwiceWhateverTheWindow() throws IOException {
        write("may.csv", "referenceid,ackno\n1,1\n2,2\n3,3\n1,1\nx,4\n");
        bos.reply(post -> switch (post.ackno()) {
            case "1" -> Reply.success();
            case "2" -> Reply.code(200, 2);
            default -> Reply.reset();
        });
        run(1, "send", "may.csv");
        Path results = result("may").folder();
        Files.copy(results.resolve("success.csv"), folder.resolve("success.csv"));
        Files.writeString(folder.resolve("error.csv"),
                Files.readString(results.resolve("error.csv")).replace("\nx,4,", "\n4,4,"));
        bos.reply(Reply.success());

        RefundProcess check = run(1, "check", "error.csv", "success.csv");
        assertThat(check.stdout()).contains("error.csv: 4 rows, 2 to send, 2 duplicate, 0 rejected",
                "line 3: DUPLICATE, the file says IN_DOUBT: ",
                "line 4: DUPLICATE, the file says DUPLICATE: repeats batch may-",
                "success.csv: 1 row, 0 to send, 1 duplicate, 0 rejected", "line 2: DUPLICATE, the file says SUCCESS");

        assertThat(run(1, "send", "error.csv", "success.csv").stdout())
                .contains("the file says in its column outcome that it was sent");
        assertThat(bos.postsFor("1", "1")).hasSize(1);
        assertThat(bos.postsFor("2", "2")).hasSize(2);
        assertThat(bos.postsFor("3", "3")).hasSize(1);
        assertThat(bos.postsFor("4", "4")).hasSize(1);
        assertThat(result("error").success()).extracting(row -> row.get("ackno")).containsExactly("2", "4");
        assertThat(result("error").error()).extracting(row -> row.get("outcome")).containsOnly("DUPLICATE");
        assertThat(result("error").error().get(0).get("message")).contains("repeats batch may-",
                "line 4, which ended IN_DOUBT; the file says IN_DOUBT: ");
        assertThat(result("success").error().get(0).get("message"))
                .contains("line 2, which ended SUCCESS; the file says");
        // of rows that ended SUCCESS
        run(0, "send", "success.csv");

        run(0, "send", "--again", "--yes", "success.csv");
        assertThat(bos.postsFor("1", "1")).hasSize(2);
    }

    private void write(String name, String text) throws IOException {
        Files.writeString(folder.resolve(name), text, StandardCharsets.UTF_8);
    }

    private Results result(String stem) {
        return Results.await(folder.resolve("data/outbox"), stem, SOON);
    }

    /** With a window in which nothing is a duplicate for the ledger's sake. */
    private RefundProcess run(int exitCode, String command, String... words) {
        try (RefundProcess process = RefundProcess.in(folder).archived().against(bos)
                .env("REFUND_DUPLICATE_WINDOW", "0s")
                .start(Stream.concat(Stream.of(command), Stream.of(words)).toArray(String[]::new))) {
            assertThat(process.waitFor(SOON)).as(process.output()).isEqualTo(exitCode);
            return process;
        }
    }
}
