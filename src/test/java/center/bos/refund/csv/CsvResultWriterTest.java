// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvResultWriterTest {
    private static final ResultCells ERROR = new ResultCells("ERROR", "2", "200", "Invalid, ackno", "1",
            "2026-01-01T00:00:00Z");

    @TempDir
    Path folder;

    @Test
    void addsSevenColumnsToThoseOfTheInput() throws Exception {
        Path result = results("name;AckNo;referenceid\r\n\"Rao; Asha\";2;01\r\n", ERROR);

        assertThat(Files.readAllBytes(result)).asString(StandardCharsets.UTF_8)
                .isEqualTo(
                        "name;AckNo;referenceid;line;outcome;response_code;http_status;message;attempts;answered_at\n"
                                + "\"Rao; Asha\";2;01;2;ERROR;2;200;Invalid, ackno;1;2026-01-01T00:00:00Z\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16LE"})
    void beginsWithAMarkWhereTheInputDoes(String charset) throws Exception {
        Path file = Files.write(folder.resolve("in.csv"),
                "\uFEFFreferenceid,ackno\n1,2\n".getBytes(Charset.forName(charset)));

        Path result = writeAll(CsvFile.inspect(file), folder.resolve("out.csv"), ERROR);

        assertThat(Files.readString(result)).startsWith("\uFEFFreferenceid,ackno,line,outcome");
        assertThat(CsvFile.inspect(result).columns()).containsExactly("referenceid", "ackno");
    }

    @Test
    void writesAnEmptyCellForNull() throws Exception {
        Path result = results("referenceid,ackno\nx,2\n", new ResultCells("REJECTED", null, null, "why", null, null));

        assertThat(Files.readString(result)).endsWith("\nx,2,2,REJECTED,,,why,,\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"=1+1", "+1+1", "-1-A1", "-", "+91-98765-43210", "@SUM(A1)", "\tx", "\rx", "  =1",
            "\u00A0=1", "\uFF1D1+1", "\uFF0B1",
            "\uFF0D1", "\uFF201", "\uFEFF=1"})
    void defusesWhatASpreadsheetWouldRun(String formula) throws Exception {
        Path result = results("referenceid,ackno,\"" + formula + "\"\n1,2,\"" + formula + "\"\n",
                new ResultCells("ERROR", formula, formula, formula, formula, formula));

        CsvFile written = CsvFile.inspect(result);
        assertThat(written.columns()).containsExactly("referenceid", "ackno", "'" + formula);
        assertThat(Files.readString(result)).contains("'" + formula).doesNotContain("," + formula, "\"" + formula);
    }

    @Test
    void leavesOtherCellsAsTheyAre() throws Exception {
        Path result = results(
                "referenceid,ackno,name\n1,2,'=x\n1,2,a=b\n1,2,  x\n1,2,-12.50\n1,2,+919876543210\n1,2,\"say \"\"hi\"\"\nthere\"\n",
                ERROR);

        assertThat(Files.readString(result)).contains("1,2,'=x,2", "1,2,a=b,3", "1,2,  x,4",
                "1,2,-12.50,5", "1,2,+919876543210,6", "1,2,\"say \"\"hi\"\"\nthere\",7");
    }

    @Test
    void aResultFileDroppedAgainHasTheSameColumnsAndRows() throws Exception {
        Path first = results("referenceid,ackno,note\n1,2,=x\n3,4,\"a,\nb\"\n5,1E+5,z\n6,7,8,9\n0,1,\"open\n", ERROR);
        CsvFile again = CsvFile.inspect(first);
        Path second = writeAll(again, folder.resolve("second.csv"), ERROR);

        assertThat(again.columns()).containsExactly("referenceid", "ackno", "note");
        assertThat(again.rowCount()).isEqualTo(5);
        assertThat(CsvFile.inspect(second).columns()).isEqualTo(again.columns());
        assertThat(rows(CsvFile.inspect(second))).extracting(CsvRow::cells)
                .isEqualTo(rows(again).stream().map(CsvRow::cells).toList());
    }

    @Test
    void aRowThatWasMisshapenIsNotSentWhenTheResultFileIsDroppedAgain() throws Exception {
        Path result = results("amount,referenceid,ackno,note\n12,5,77,88,x\n1,2\n1,2,3,\"open\n", ERROR);

        assertThat(rows(CsvFile.inspect(result))).hasSize(3)
                .allSatisfy(row -> assertThat(row.row().rejection()).contains("referenceid starts with an apostrophe"));
    }

    @Test
    void aResultFileWithSurplusFieldsKeepsThem() throws Exception {
        Path result = results("referenceid,ackno,note\n1,2,x\n", ERROR);
        Files.writeString(result, Files.readString(result).replace("00:00Z", "00:00Z,more,yet more"));

        assertThat(rows(CsvFile.inspect(result)).get(0).cells()).containsExactly("'1", "'2", "x,more,yet more");
    }

    @Test
    void writesAFileAnew() throws Exception {
        Path target = Files.writeString(folder.resolve("out.csv"), "old ".repeat(1000));
        Path input = Files.writeString(folder.resolve("in.csv"), "referenceid,ackno\n1,2\n");

        assertThat(Files.readString(writeAll(CsvFile.inspect(input), target, ERROR))).doesNotContain("old");
    }

    private Path results(String input, ResultCells cells) throws Exception {
        Path file = Files.write(folder.resolve("in.csv"), input.getBytes(StandardCharsets.UTF_8));
        return writeAll(CsvFile.inspect(file), folder.resolve("out.csv"), cells);
    }

    private static Path writeAll(CsvFile input, Path target, ResultCells cells) throws Exception {
        try (CsvRows rows = input.rows(); CsvResultWriter writer = CsvResultWriter.create(target, input)) {
            while (rows.hasNext()) {
                writer.write(rows.next(), cells);
            }
        }
        return target;
    }

    private static List<CsvRow> rows(CsvFile file) throws Exception {
        List<CsvRow> all = new ArrayList<>();
        try (CsvRows rows = file.rows()) {
            rows.forEachRemaining(all::add);
        }
        return all;
    }
}
