// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.BosInTests;
import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.Summary;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;

/** A file that cannot be used is put aside with a reason that a user can act on, and not one of its rows is sent. */
@QuarkusTest
@WithTestResource(BosInTests.class)
class RefusedFilesTest {
    BosServer bos;
    DataTree data;

    @TempDir
    Path elsewhere;

    private long postsBefore;

    @BeforeEach
    void count() {
        postsBefore = bos.postCount();
    }

    @AfterEach
    void nothingWasSent() {
        assertThat(bos.postCount()).isEqualTo(postsBefore);
    }

    private record Unusable(String stem, byte[] content, String reason) {
        static Unusable text(String stem, String content, String reason) {
            return new Unusable(stem, content.getBytes(StandardCharsets.UTF_8), reason);
        }

        static Unusable bytes(String stem, String hex, String reason) {
            return new Unusable(stem, HexFormat.of().parseHex(hex), reason);
        }

        String name() {
            return stem + ".csv";
        }
    }

    @Test
    void namesTheReason() {
        refuses(List.of(
                Unusable.text("no-header", "12345678926,127\n12345678927,128\n", "line 1: no header"),
                Unusable.text("no-ackno", "referenceid,name\n12345678926,x\n", "missing column ackno"),
                Unusable.text("no-referenceid", "ackno,name\n127,x\n", "missing column referenceid"),
                Unusable.text("column-twice", "referenceid,ackno,AckNo\n12345678926,127,128\n",
                        "column ackno is there more than once (columns 2, 3)"),
                Unusable.text("empty", "", "the file is empty"),
                Unusable.text("only-blank", "\n\n\n", "the file is empty"),
                Unusable.text("title", "Refunds in May\n\nreferenceid;ackno\n1;2\n", "which line 3 names"),
                Unusable.text("open-quote", "\"referenceid,ackno\n12345678926,127\n", "quote")));
    }

    @Test
    void namesWhatIsNotText() {
        refuses(List.of(
                Unusable.bytes("workbook", "504b0304140006000800", "xlsx"),
                Unusable.bytes("picture", "89504e470d0a1a0a", "picture"),
                Unusable.bytes("nul", "726566006572656e636569642c61636b6e6f0a312c320a", "not text"),
                Unusable.bytes("latin", "7265666572656e636569642c61636b6e6f2c6e616d650a312c322c4de46c6c65720a",
                        "line 2"),
                Unusable.bytes("utf32", "fffe0000310000000a000000", "UTF-32")));
    }

    private void refuses(List<Unusable> files) {
        files.forEach(file -> data.drop(file.name(), file.content()));

        assertThat(files).allSatisfy(file -> {
            Summary summary = data.results(file.stem()).summary();
            assertThat(summary.reason()).startsWith(file.name() + ": ").contains(file.reason());
            assertRefused(summary, file.name());
            assertThat(data.archive().resolve("refused/" + summary.batch() + ".csv"))
                    .hasBinaryContent(file.content());
        });
    }

    @Test
    void linksAreNotFollowed() throws IOException {
        Path secret = elsewhere.resolve("secret.csv");
        Files.writeString(secret, "referenceid,ackno\n12345678926,127\n");
        Files.createSymbolicLink(data.inbox().resolve("link.csv"), secret);
        Files.createSymbolicLink(data.inbox().resolve("dangling.csv"), elsewhere.resolve("nothing"));

        assertThat(data.results("link").summary().reason()).contains("is a link");
        assertThat(data.results("dangling").summary().reason()).contains("is a link");
        assertRefused(data.results("link").summary(), "link.csv");
        assertRefused(data.results("dangling").summary(), "dangling.csv");
        assertThat(secret).hasContent("referenceid,ackno\n12345678926,127\n");
    }

    @Test
    void pipesAreNotOpened() throws Exception {
        Path pipe = data.inbox().resolve("pipe.csv");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).inheritIO().start().waitFor()).isZero();

        Summary summary = data.results("pipe").summary();

        assertThat(summary.reason()).contains("not a regular file");
        assertRefused(summary, "pipe.csv");
    }

    @Test
    void namesWithControlCharactersAreNotTaken() throws IOException {
        for (String name : new String[]{"line\nbreak.csv", "es\u001b[31mc.csv", "csi\u009b31m.csv", "tab\there.csv",
                "back\\slash.csv"}) {
            data.drop(name, "referenceid,ackno\n12345678926,127\n");
        }

        for (String stem : new String[]{"line_break", "es_[31mc", "csi_31m", "tab_here", "back_slash"}) {
            Summary summary = data.results(stem).summary();
            assertThat(summary.reason()).contains("name that cannot be used").doesNotContainPattern("\\p{Cc}");
            assertThat(summary.state()).isEqualTo("refused");
        }
        assertThat(data.names(data.inbox())).noneMatch(name -> name.endsWith(".csv") && !name.startsWith("folder"));
    }

    @Test
    void aNameThatLeavesNoRoomForTheBatchIsNotTaken() {
        String stem = "\u5217".repeat(83); // three bytes each: no file name may be longer
        data.drop(stem + ".csv", "referenceid,ackno\n12345678926,127\n");

        Summary summary = data.results("\u5217".repeat(66)).summary();

        assertThat(summary.reason()).contains("at most 200 bytes");
        assertThat(data.names(data.inbox())).doesNotContain(stem + ".csv");
    }

    @Test
    void theSameRefusedFileAgainIsRefusedAgain() {
        data.drop("again.csv", "a,b\n1,2\n");
        String first = data.results("again").summary().batch();

        data.drop("again.csv", "a,b\n1,2\n");

        assertThat(data.results(first + "-2").summary().state()).isEqualTo("refused");
    }

    @Test
    void aRefusedFileDoesNotHoldUpTheNext() throws IOException {
        data.drop("bad.csv", "a,b\n1,2\n");
        data.drop("good.csv", "referenceid,ackno\nx,127\n");

        assertThat(data.results("bad").summary().state()).isEqualTo("refused");
        assertThat(data.results("good").summary().rejected()).isEqualTo(1);
        assertThat(Files.readString(data.results("good").folder().resolve("error.csv"), StandardCharsets.UTF_8))
                .contains("referenceid must hold digits only");
    }

    private void assertRefused(Summary summary, String name) {
        assertThat(summary.state()).isEqualTo("refused");
        assertThat(summary.file()).isEqualTo(name);
        assertThat(summary.rows()).isZero();
        await().atMost(Duration.ofSeconds(60)).until(() -> !Files.exists(data.inbox().resolve(name),
                LinkOption.NOFOLLOW_LINKS));
        assertThat(Files.exists(data.archive().resolve("refused/" + summary.batch() + ".csv"),
                LinkOption.NOFOLLOW_LINKS)).isTrue();
        assertThat(data.names(data.outbox().resolve(summary.batch()))).containsExactly("summary.json");
    }
}
