// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvFileTest {
    @TempDir
    Path folder;

    @Test
    void tellsWhatTheFileHolds() throws Exception {
        CsvFile file = inspect("name,referenceid,ackno\nAsha,1,2\nRavi,3,4\n");

        assertThat(file.columns()).containsExactly("name", "referenceid", "ackno");
        assertThat(file.rowCount()).isEqualTo(2);
        assertThat(file.delimiter().character()).isEqualTo(',');
        assertThat(file.encoding().charset()).isEqualTo(StandardCharsets.UTF_8);
        assertThat(file.size()).isEqualTo(41);
        assertThat(file.path()).isEqualTo(folder.resolve("in.csv"));
    }

    @Test
    void hashesEveryByteTheMarkAsWell() throws Exception {
        assertThat(inspect("\uFEFFreferenceid,ackno\n1,2\n").sha256())
                .isEqualTo("24c0c580223c4155d3c288961b65896dbdf2cff4d115ab8fc52d3bf65f209d1b");
    }

    @ParameterizedTest
    @ValueSource(strings = {",", ";", "\t"})
    void seesTheDelimiterInTheHeader(String delimiter) throws Exception {
        CsvFile file = inspect("referenceid,ackno,name\n1,2,x\n".replace(",", delimiter));

        assertThat(file.delimiter().character()).isEqualTo(delimiter.charAt(0));
        assertThat(file.columns()).containsExactly("referenceid", "ackno", "name");
    }

    @Test
    void isNotMisledByOtherDelimitersInColumnNames() throws Exception {
        assertThat(inspect("referenceid;\"a,b,c,d\";ackno\n1;x;2\n").delimiter().character()).isEqualTo(';');
        assertThat(inspect("referenceid;ackno;name, first, middle, last\n1;2;x\n").delimiter().character())
                .isEqualTo(';');
    }

    @Test
    void findsTheColumnsInAnyCaseAndOrder() throws Exception {
        CsvFile file = inspect(" AckNo ,\"REFERENCEID\"\n2,1\n");

        assertThat(file.columns()).containsExactly(" AckNo ", "REFERENCEID");
        try (CsvRows rows = file.rows()) {
            CsvRow row = rows.next();
            assertThat(row.row().referenceid()).isEqualTo("1");
            assertThat(row.row().ackno()).isEqualTo("2");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16LE", "UTF-16BE"})
    void readsTextWithAByteOrderMark(String charset) throws Exception {
        CsvFile file = inspect("\uFEFFreferenceid,ackno,name\r\n1,2,आशा 😀\r\n".getBytes(Charset.forName(charset)));

        assertThat(file.encoding().charset()).isEqualTo(Charset.forName(charset));
        assertThat(file.columns().get(0)).isEqualTo("referenceid");
        try (CsvRows rows = file.rows()) {
            assertThat(rows.next().cells()).containsExactly("1", "2", "आशा 😀");
        }
    }

    @Test
    void refusesBytesThatDoNotDecodeAndNamesTheLine() {
        byte[] latin1 = "referenceid,ackno,name\r\n1,2,ok\r\n3,4,Andr\u00E9\r\n".getBytes(StandardCharsets.ISO_8859_1);

        refused(latin1, "in.csv: line 3, character 9: ", "save it as 'CSV UTF-8'");
    }

    @Test
    void namesTheLineOfBadBytesFarIntoTheFile() throws IOException {
        for (String end : new String[]{"\n", "\r", "\r\n"}) {
            String rows = ("1,2" + end).repeat(20_001);
            byte[] text = ("referenceid,ackno" + end + rows + "\u00FF,2" + end).getBytes(StandardCharsets.ISO_8859_1);
            refused(text, "line 20003, character 1: ");
        }
    }

    @Test
    void refusesACharacterThatIsCutOffAtTheEnd() {
        byte[] whole = "\uFEFFreferenceid,ackno\n1,2".getBytes(StandardCharsets.UTF_16LE);

        refused(Arrays.copyOf(whole, whole.length - 1), "line 2, character 3: ");
    }

    @ParameterizedTest
    @CsvSource({"UTF-16LE,UTF-16 LE without a byte order mark", "UTF-16BE,UTF-16 BE without a byte order mark"})
    void refusesUtf16WithoutAMark(String charset, String hint) {
        refused("\nreferenceid,ackno\n1,2\n".getBytes(Charset.forName(charset)), hint, "CSV UTF-8");
    }

    @Test
    void refusesUtf32() {
        refused("\uFEFFreferenceid,ackno\n1,2\n".getBytes(Charset.forName("UTF-32LE")), "UTF-32");
    }

    @Test
    void refusesWhatIsNotText() {
        refused("PK\u0003\u0004stuff".getBytes(StandardCharsets.ISO_8859_1), "not text", "xlsx",
                "save it as 'CSV UTF-8'");
        refused(new byte[]{(byte) 0xD0, (byte) 0xCF, 0x11, (byte) 0xE0, 0}, "not text", "xls");
        refused(new byte[5000], "not text");
        refused("referenceid,ack\u0000no\n1,2\n".getBytes(StandardCharsets.UTF_8), "not text");
        refused("referenceid,ackno\u0007\n1,2\n".getBytes(StandardCharsets.UTF_8), "not text");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "\n\r\n  \n", "\uFEFF"})
    void refusesAnEmptyFile(String text) {
        refused(text.getBytes(StandardCharsets.UTF_8), "in.csv: the file is empty");
    }

    @ParameterizedTest
    @ValueSource(strings = {"referenceid,ackno", "referenceid,ackno\n\n \n", "referenceid,ackno\u001A",
            "sep=,\r\nreferenceid,ackno\r\n",
            "referenceid,ackno\n,\n"})
    void aHeaderAloneHasNoRows(String text) throws Exception {
        CsvFile file = inspect(text);

        assertThat(file.rowCount()).isZero();
        try (CsvRows rows = file.rows()) {
            assertThat(rows.hasNext()).isFalse();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"sep=;\r\n", "SEP=;\n", "\"sep=;\"\r", "\uFEFFsep=;\r\n"})
    void obeysALineThatTellsTheDelimiter(String line) throws Exception {
        CsvFile file = inspect(line + "\"referenceid\";ackno;\"a,b\"\n1;2;\"x\"\n3;4;\"open\n5;6;y\n");

        assertThat(file.delimiter().character()).isEqualTo(';');
        assertThat(file.columns()).containsExactly("referenceid", "ackno", "a,b");
        assertThat(rows(file)).extracting(row -> row.row().line()).containsExactly(3L, 4L, 5L);
        assertThat(rows(file)).extracting(row -> row.row().rejected()).containsExactly(false, true, false);
    }

    @Test
    void refusesADelimiterThatIsToldAndNotRead() {
        refused("sep=|\nreferenceid|ackno\n1|2\n", "line 1: sep= names a delimiter that is not read");
        refused("sep=;\nreferenceid,ackno\n1,2\n", "line 2: ", "missing columns referenceid and ackno");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16LE", "UTF-16BE"})
    void endsAtACtrlZ(String charset) throws Exception {
        Charset encoding = Charset.forName(charset);
        for (String end : new String[]{"\u001A", "\r\n\u001A", "\r\n\u001A\r\n", "\n" + "\u001A".repeat(127)}) {
            CsvFile file = inspect(("\uFEFFreferenceid,ackno,note\n1,2,\"x\"" + end).getBytes(encoding));
            assertThat(rows(file)).singleElement().satisfies(row -> {
                assertThat(row.row().rejection()).isNull();
                assertThat(row.cells()).containsExactly("1", "2", "x");
            });
        }
    }

    @Test
    void endsAtACtrlZWhereverItFallsInTheBuffers() throws Exception {
        String header = "referenceid,ackno,note\n";
        for (int length = 65_530; length < 65_540; length++) {
            String row = "1,2," + "x".repeat(length - header.length() - 4) + "\n3,4,z";
            List<CsvRow> rows = rows(inspect(header + row + "\u001A"));
            assertThat(rows).hasSize(2);
            assertThat(rows.get(1).cells()).containsExactly("3", "4", "z");
        }
    }

    @Test
    void aCtrlZInTheMiddleEndsNothing() throws Exception {
        List<CsvRow> rows = rows(inspect("referenceid,ackno\n1,2\u001A\n3,4\n"));

        assertThat(rows).hasSize(2);
        assertThat(rows.get(0).row().rejection()).contains("ackno", "U+001A");
    }

    @ParameterizedTest
    @ValueSource(strings = {"referenceid\u00A0,ackno", "\u200Breferenceid,\u00A0ackno\u200E",
            "\uFEFF\"referenceid\",ackno"})
    void takesInvisibleCharactersAroundColumnNamesAway(String header) throws Exception {
        assertThat(rows(inspect(header + "\n1,2\n"))).singleElement().extracting(row -> row.row().rejection()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16LE", "UTF-16BE"})
    void passesOverMarksThatWerePutBeforeTheFirst(String charset) throws Exception {
        CsvFile file = inspect("\uFEFF\uFEFF\uFEFF\"referenceid\",ackno\n1,2\n".getBytes(Charset.forName(charset)));

        assertThat(file.columns().get(0)).isEqualTo("referenceid");
    }

    @Test
    void takesTheMarkOfAJoinedFileAway() throws Exception {
        assertThat(rows(inspect("\uFEFFreferenceid,ackno\n1,2\n\uFEFF3,4\n"))).extracting(row -> row.row().rejection())
                .containsOnlyNulls();
    }

    @Test
    void namesInvisibleCharactersInColumnNames() {
        refused("reference\u200Bid,ackno\n1,2\n", "missing column referenceid (found: reference<U+200B>id, ackno)");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Refunds of 2026\n\n", "Refunds;;;\n;;;\n", "\"Refunds\nof May\"\n"})
    void saysOnWhichLineTheHeaderIsThatStandsBelowATitle(String title) {
        for (String header : new String[]{"referenceid,ackno\n1,2\n", "referenceid;ackno;x\n1;2;\n"}) {
            refused(title + header, "line 1: no header, missing columns referenceid and ackno, which line 3 names:"
                    + " remove what stands above that line");
        }
    }

    @Test
    void refusesAFileWithoutHeaderAndShowsNoCustomer() {
        assertThatThrownBy(() -> inspect("1234567,7654321,Asha\n1,2,x\n")).isInstanceOf(CsvRefused.class)
                .hasMessageContaining("line 1: no header").hasMessageNotContaining("123")
                .hasMessageNotContaining("Asha");
    }

    @Test
    void saysWhichColumnsAreMissingAndWhichWereFound() {
        refused("\nfoo;bar\n1;2\n", "line 2: no header, missing columns referenceid and ackno (found: foo, bar)");
        refused("referenceid,name\n1,x\n", "line 1: missing column ackno (found: referenceid, name)");
        refused("ackno\n1\n", "missing column referenceid (found: ackno)");
    }

    @Test
    void refusesANeededColumnThatIsThereTwice() {
        refused("referenceid,ackno,name, ReferenceID \n1,2,x,3\n", "line 1",
                "referenceid is there more than once (columns 1, 4)");
    }

    @Test
    void refusesAHeaderThatCannotBeRead() {
        refused("referenceid,\"ackno\n1,2\n3,4\n", "line 1", "a quote (\") in the header is not closed");
        refused("referenceid,ackno," + "x".repeat(70_000) + "\n1,2,3\n", "line 1", "the header is over 64 KiB");
    }

    @Test
    void readsAHeaderWithALineBreakInAColumnName() throws Exception {
        CsvFile file = inspect("referenceid,\"full\nname\",ackno\n1,x,2\n");

        assertThat(file.columns()).containsExactly("referenceid", "full\nname", "ackno");
        try (CsvRows rows = file.rows()) {
            assertThat(rows.next().row().line()).isEqualTo(3);
        }
    }

    @Test
    void doesNotReadAFileThatChangedSinceItWasInspected() throws Exception {
        CsvFile file = inspect("referenceid,ackno\n1,2\n");
        Files.writeString(file.path(), "referenceid,ackno\n1,2\n3,4\n");

        assertThatThrownBy(file::rows).isInstanceOf(IOException.class).hasMessageContaining("has changed");
    }

    private static List<CsvRow> rows(CsvFile file) throws IOException {
        List<CsvRow> all = new ArrayList<>();
        try (CsvRows rows = file.rows()) {
            rows.forEachRemaining(all::add);
        }
        assertThat(all).hasSize((int) file.rowCount());
        return all;
    }

    private CsvFile inspect(String text) throws IOException, CsvRefused {
        return inspect(text.getBytes(StandardCharsets.UTF_8));
    }

    private CsvFile inspect(byte[] bytes) throws IOException, CsvRefused {
        return CsvFile.inspect(Files.write(folder.resolve("in.csv"), bytes));
    }

    private void refused(String text, String... says) {
        refused(text.getBytes(StandardCharsets.UTF_8), says);
    }

    private void refused(byte[] bytes, String... says) {
        assertThatThrownBy(() -> inspect(bytes)).isInstanceOf(CsvRefused.class)
                .satisfies(e -> assertThat(e.getMessage()).startsWith("in.csv: ").contains(says));
    }
}
