// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Random;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CsvRowsTest {
    private static final String HEADER = "referenceid,ackno,name\n";

    @TempDir
    Path folder;

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void countsPhysicalLinesAcrossBlankOnesAndQuotedLineBreaks(String end) throws Exception {
        List<CsvRow> rows = read((HEADER + "1,2,\"a\nb\n\nc\"\n\n   \n3,4,x\n5,6,y").replace("\n", end));

        assertThat(rows).extracting(row -> row.row().line()).containsExactly(2L, 8L, 9L);
        assertThat(rows).extracting(row -> row.row().rejection()).containsOnlyNulls();
        assertThat(rows.get(0).cells()).containsExactly("1", "2", "a\nb\n\nc".replace("\n", end));
        assertThat(rows.get(2).cells()).containsExactly("5", "6", "y");
    }

    @Test
    void unquotesCells() throws Exception {
        assertThat(read(HEADER + "\"1\",\"2\",\"Rao, \"\"Asha\"\"\"\n").get(0).cells()).containsExactly("1", "2",
                "Rao, \"Asha\"");
    }

    @Test
    void keepsLeadingZerosAndTrimsIds() throws Exception {
        CsvRow row = read(HEADER + " 0012 ,\t000000000000000034,\n").get(0);

        assertThat(row.row().rejected()).isFalse();
        assertThat(row.row().referenceid()).isEqualTo("0012");
        assertThat(row.row().ackno()).isEqualTo("000000000000000034");
        assertThat(row.cells().get(0)).isEqualTo(" 0012 ");
    }

    @Test
    void takesTheIdsOfAResultFileThatHasAnApostropheBeforeATab() throws Exception {
        CsvRow row = read(HEADER + SpreadsheetCell.defused("\t0012") + "," + SpreadsheetCell.defused("\t34") + ",\n")
                .get(0);

        assertThat(row.row().referenceid()).isEqualTo("0012");
        assertThat(row.row().ackno()).isEqualTo("34");
        assertThat(row.cells().get(0)).isEqualTo("'\t0012");
    }

    @Test
    void rejectsAScientificNumberAndGoesOn() throws Exception {
        List<CsvRow> rows = read(HEADER + "1.23457E+10,2,x\n1,\"1,5e9\",x\n3,4,y\n");

        assertRejected(rows.get(0), 2, "referenceid", "scientific notation", "format the column as text");
        assertRejected(rows.get(1), 3, "ackno", "scientific notation");
        assertThat(rows.get(0).row().referenceid()).isEmpty();
        assertThat(rows.get(0).row().ackno()).isEmpty();
        assertThat(rows.get(2).row().rejected()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"12a", "-1", "+1", "1.0", "१२", "1 2"})
    void rejectsAnIdThatIsNotDigits(String id) throws Exception {
        assertRejected(read(HEADER + id + ",2,x\n").get(0), 2, "referenceid must hold digits only");
    }

    @Test
    void rejectsAnEmptyIdAndNamesEachColumn() throws Exception {
        assertRejected(read(HEADER + ",  ,x\n").get(0), 2, "referenceid is empty", "ackno is empty");
    }

    @Test
    void rejectsAnIdOfNineteenDigits() throws Exception {
        List<CsvRow> rows = read(HEADER + "1,1234567890123456789,x\n1,123456789012345678,x\n");

        assertRejected(rows.get(0), 2, "ackno has 19 digits: at most 18");
        assertThat(rows.get(1).row().rejected()).isFalse();
    }

    @Test
    void doesNotRepeatLongData() throws Exception {
        assertThat(read(HEADER + "y".repeat(50_000) + ",2,x\n").get(0).row().rejection()).hasSizeLessThan(200);
    }

    @Test
    void rejectsTheWrongNumberOfFieldsAndLosesNothing() throws Exception {
        List<CsvRow> rows = read("amount,referenceid,ackno,name\n1,2\n12,5,77,88,Rao, Asha\n1,2,3,\n");

        assertRejected(rows.get(0), 2, "the row has 2 fields, the header has 4");
        assertThat(rows.get(0).cells()).containsExactly("1", "'2", "", "");
        assertRejected(rows.get(1), 3, "the row has 6 fields, the header has 4");
        assertThat(rows.get(1).cells()).containsExactly("12", "'5", "'77", "88,Rao, Asha");
        assertThat(rows.get(1).row().referenceid()).isEmpty();
        assertThat(rows.get(2).row().rejected()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {",,", "\"\",\"\",\"\"", " , ,", ",,,,,,", "\u00A0,\u200B,", "\uFEFF", ","})
    void leavesOutRowsOfDelimitersAlone(String blank) throws Exception {
        List<CsvRow> rows = read(HEADER + blank + "\n1,2,x\n" + (blank + "\n").repeat(1247));

        assertThat(rows).singleElement().satisfies(row -> {
            assertThat(row.row().line()).isEqualTo(3);
            assertThat(row.row().rejected()).isFalse();
        });
    }

    @Test
    void takesEmptyCellsTooManyOrTooFewAtTheEnd() throws Exception {
        List<CsvRow> rows = read(HEADER + "1,2\n1,2,x,\n1,2,x,,\" \",\n");
        List<CsvRow> unnamed = read("referenceid,ackno,,\n1,2\n1,2,,,,\n1,2,x\n");

        assertThat(rows).extracting(row -> row.row().rejection()).containsOnlyNulls();
        assertThat(rows).extracting(CsvRow::cells).containsExactly(List.of("1", "2", ""), List.of("1", "2", "x"),
                List.of("1", "2", "x"));
        assertThat(unnamed).extracting(row -> row.row().rejection()).containsOnlyNulls();
        assertThat(unnamed).extracting(CsvRow::cells).containsExactly(List.of("1", "2", "", ""),
                List.of("1", "2", "", ""), List.of("1", "2", "x", ""));
    }

    @Test
    void rejectsAFieldTooManyThatIsNotEmptyAndARowWithoutBothIds() throws Exception {
        List<CsvRow> rows = read(HEADER + "1,2,x,,y\n1\n1,\n,2\n");

        assertRejected(rows.get(0), 2, "the row has 5 fields, the header has 3");
        assertRejected(rows.get(1), 3, "the row has 1 field, the header has 3");
        assertRejected(rows.get(2), 4, "the row has 2 fields, the header has 3");
        assertRejected(rows.get(3), 5, "the row has 2 fields, the header has 3");
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u00A0", "\u200B", "\uFEFF", "\u2007", "\u200E", "\u2060", "\u00AD", "\u202F",
            " \u00A0\t"})
    void takesInvisibleCharactersAroundIdsAway(String invisible) throws Exception {
        CsvRow row = read(HEADER + invisible + "1" + invisible + "," + invisible + "2" + invisible + ",x\n").get(0);

        assertThat(row.row().rejection()).isNull();
        assertThat(row.row().referenceid() + " " + row.row().ackno()).isEqualTo("1 2");
    }

    @ParameterizedTest
    @CsvSource({"1\u200B2, U+200B", "1\u00A02, U+00A0", "\u202E12, U+202E", "1\u00072, U+0007"})
    void namesAnInvisibleCharacterThatCannotBeTakenAway(String id, String codePoint) throws Exception {
        assertRejected(read(HEADER + id + ",2,x\n").get(0), 2, "referenceid must hold digits only", codePoint);
    }

    @Test
    void rejectsARowThatHoldsANul() throws Exception {
        List<CsvRow> rows = read(HEADER + "1,2,a\0b\n1\0,2,x\n" + "\0".repeat(900) + "\n3,4,x\n");

        assertRejected(rows.get(0), 2, "name holds a NUL");
        assertRejected(rows.get(1), 3, "referenceid holds a NUL");
        assertThat(rows.get(2).row().rejected()).isTrue();
        assertThat(rows.get(3).row().rejected()).isFalse();
        assertThat(rows).hasSize(4);
    }

    @Test
    void losesOnlyTheRowWithAQuoteThatIsNeverClosed() throws Exception {
        List<CsvRow> rows = read(HEADER + "1,2,x\n3,4,\"open\n5,6,y\n7,8,z\n");

        assertThat(rows).extracting(row -> row.row().line()).containsExactly(2L, 3L, 4L, 5L);
        assertRejected(rows.get(1), 3, "name", "quote", "not closed");
        assertThat(rows.get(1).cells()).containsExactly("'3", "'4", "");
        assertThat(rows.get(2).cells()).containsExactly("5", "6", "y");
        assertThat(rows.get(3).row().rejected()).isFalse();
    }

    @Test
    void losesOnlyTheRowWithAnOpenQuoteWhenLaterRowsAreQuoted() throws Exception {
        List<CsvRow> rows = read(HEADER + "3,4,\"open\n5,6,\"y\"\n\"7\",\"8\",z\n9,10,\"last");

        assertThat(rows).extracting(row -> row.row().rejected()).containsExactly(true, false, false, true);
        assertThat(rows).extracting(row -> row.row().line()).containsExactly(2L, 3L, 4L, 5L);
    }

    @ParameterizedTest
    @ValueSource(strings = {"\n", "\r\n", "\r"})
    void losesOnlyTheRowWithAnOpenQuoteInALongFile(String end) throws Exception {
        StringBuilder text = new StringBuilder(HEADER.replace("\n", end)).append("1,2,\"open").append(end);
        for (int i = 0; i < 400_000; i++) {
            text.append(i).append(",6,y").append(end);
        }
        List<CsvRow> rows = read(text.toString());

        assertThat(rows).hasSize(400_001);
        assertThat(rows.get(0).row().rejected()).isTrue();
        assertThat(rows.subList(1, rows.size())).noneMatch(row -> row.row().rejected());
        assertThat(rows.get(400_000).row().line()).isEqualTo(400_002);
        assertThat(rows.get(400_000).row().referenceid()).isEqualTo("399999");
    }

    @Test
    void rejectsTextAfterAClosingQuoteRatherThanGlueAnId() throws Exception {
        List<CsvRow> rows = read(HEADER + "\"12\"34,2,x\n3,4,y\n");

        assertRejected(rows.get(0), 2, "referenceid", "quote");
        assertThat(rows.get(1).row().rejected()).isFalse();
    }

    @Test
    void rejectsARowOver64KiBAndGoesOn() throws Exception {
        String kib = "x".repeat(1024);
        List<CsvRow> rows = read(HEADER + "1,2," + kib.repeat(63) + "\n1,2," + kib.repeat(64) + "\n1,2,\""
                + kib.repeat(80) + "\"\n1,2," + ",".repeat(70_000) + "\n1,2," + kib.repeat(3000) + "\n3,4,y\n");

        assertThat(rows).extracting(row -> row.row().rejected()).containsExactly(false, true, true, true, true, false);
        assertThat(rows.subList(1, 5)).allSatisfy(row -> assertThat(row.row().rejection()).contains("over 64 KiB"));
        assertThat(rows.get(1).cells()).containsExactly("'1", "'2", "");
        assertThat(rows).extracting(row -> row.row().line()).containsExactly(2L, 3L, 4L, 5L, 6L, 7L);
    }

    @Test
    void takesNoLineOfALongQuotedNoteForARow() throws Exception {
        List<CsvRow> rows = read(HEADER + "1,2,\"" + "5,6,y\n".repeat(20_000) + "\"\n3,4,z\n");

        assertThat(rows).hasSize(2);
        assertRejected(rows.get(0), 2, "over 64 KiB");
        assertThat(rows.get(1).row().line()).isEqualTo(20_003);
    }

    @Test
    void yieldsAsManyRowsAsWereCountedWhateverTheText() throws Exception {
        Random random = new Random(7);
        String[] parts = {"1", "2,", ",", "\"", "\"\"", "\n", "\r", "\r\n", "x", "\0", " ", "1,2,x\n", "1,2,\"x\"\r\n",
                "y".repeat(3000), "z".repeat(70_000)};
        for (int file = 0; file < 300; file++) {
            StringBuilder text = new StringBuilder(HEADER).append("1,2,x\n");
            for (int i = random.nextInt(400); i > 0; i--) {
                int longOnes = random.nextInt(20) == 0 ? 0 : 2;
                text.append(parts[random.nextInt(parts.length - longOnes)]);
            }
            List<CsvRow> rows = read(text.toString());
            assertThat(rows).extracting(row -> row.row().line()).isSorted().doesNotHaveDuplicates();
            assertThat(rows).allSatisfy(row -> assertThat(row.cells()).hasSize(3));
        }
    }

    @Test
    void keepsItsPlaceWhereverALineEndFallsInTheBuffers() throws Exception {
        for (int pad = 8100; pad < 8200; pad++) {
            List<CsvRow> rows = read(
                    HEADER + "1,2," + "x".repeat(pad) + "\r\n3,4,\"open\r\n5,6,\"y\"\r\n7,8,\"z\"x\r\n9,10,last\r\n");
            assertThat(rows).extracting(row -> row.row().line()).containsExactly(2L, 3L, 4L, 5L, 6L);
            assertThat(rows).extracting(row -> row.row().rejected()).containsExactly(false, true, false, true, false);
        }
    }

    @ParameterizedTest
    @CsvSource(value = {"SUCCESS | the file says SUCCESS: said before",
            "in_doubt | the file says IN_DOUBT: said before",
            "DUPLICATE | the file says DUPLICATE: said before", "ERROR |", "REJECTED |", "'' |"}, delimiter = '|')
    void hasEvidenceAgainstARowThatAResultFileCallsSentOrInDoubt(String outcome, String evidence) throws Exception {
        List<CsvRow> rows = read(
                "referenceid,ackno,line,outcome,response_code,http_status,message,attempts,answered_at\n"
                        + "1,2,2," + outcome + ",,,said before,1,2026-01-01T00:00:00Z\n");

        assertThat(rows.get(0).row().rejection()).isNull();
        assertThat(rows.get(0).row().evidence()).isEqualTo(evidence);
        assertThat(rows.get(0).cells()).containsExactly("1", "2");
    }

    @Test
    void evidenceSurvivesWhatASpreadsheetDoesToAResultFile() throws Exception {
        // columns deleted, one added, an unnamed one at the end
        assertThat(read("Outcome;referenceid;ackno;note\nIn_Doubt;1;2;\n;3;4;\npaid;5;6;\n"))
                .extracting(row -> row.row().evidence()).containsExactly("the file says IN_DOUBT", null, null);
        assertThat(
                read("referenceid,ackno,outcome,line,outcome,response_code,http_status,message,attempts,answered_at,\n"
                        + "1,2,paid,2,IN_DOUBT,,,,1,,\n1,2,IN_DOUBT,2,ERROR,,,,1,,\n"))
                .extracting(row -> row.row().evidence())
                .containsExactly("the file says IN_DOUBT", null);
    }

    @Test
    void evidenceDoesNotGrowWithEachDrop() throws Exception {
        assertThat(read("referenceid,ackno,line,outcome,response_code,http_status,message,attempts,answered_at\n"
                + "1,2,2,DUPLICATE,,,\"repeats batch a line 2, which ended SUCCESS; the file says IN_DOUBT: reset\",0,\n"
                + "1,2,2,SUCCESS,,," + "m".repeat(1000) + ",0,\n")).extracting(row -> row.row().evidence())
                .satisfiesExactly(
                        first -> assertThat(first).isEqualTo("the file says IN_DOUBT: reset"),
                        second -> assertThat(second).hasSizeLessThan(330));
    }

    @Test
    void rejectsAnOutcomeInAResultFileThatSaysNothing() throws Exception {
        assertRejected(read("referenceid,ackno,line,outcome,response_code,http_status,message,attempts,answered_at\n"
                + "1,2,2,sent?,,,,1,\n").get(0), 2, "outcome is not one of SUCCESS, ERROR, IN_DOUBT", "empty the cell");
    }

    @Test
    void hasNothingAfterTheLastRow() throws Exception {
        try (CsvRows rows = inspect(HEADER + "1,2,x").rows()) {
            rows.next();
            assertThat(rows.hasNext()).isFalse();
            assertThatThrownBy(rows::next).isInstanceOf(NoSuchElementException.class);
        }
    }

    private CsvFile inspect(String text) throws Exception {
        return CsvFile.inspect(Files.write(folder.resolve("in.csv"), text.getBytes(StandardCharsets.UTF_8)));
    }

    private List<CsvRow> read(String text) throws Exception {
        CsvFile file = inspect(text);
        List<CsvRow> all = new ArrayList<>();
        try (CsvRows rows = file.rows()) {
            rows.forEachRemaining(all::add);
        }
        assertThat(all).hasSize((int) file.rowCount());
        return all;
    }

    private static void assertRejected(CsvRow row, long line, String... says) {
        assertThat(row.row().line()).isEqualTo(line);
        assertThat(row.row().rejection()).contains(says);
    }
}
