// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;

/** The charset of a file and the length of its byte order marks in bytes; some programs add a second mark. */
record Encoding(Charset charset, int markLength) {
    private static final String SAVE_AS_CSV = ": save it as 'CSV UTF-8' and drop it again";
    private static final Map<String, String> OTHER_FORMATS = Map.of("504B0304",
            "a zip or a spreadsheet workbook (xlsx)",
            "504B0506", "a zip", "504B0708", "a zip", "D0CF11E0", "an old spreadsheet workbook (xls)", "25504446",
            "a PDF", "1F8B", "a gzip", "89504E47", "a picture");

    /** Bytes in each character that matters for lines and delimiters. */
    int unit() {
        return charset.equals(StandardCharsets.UTF_8) ? 1 : 2;
    }

    /** The byte order, if a character has two bytes. */
    ByteOrder order() {
        return charset.equals(StandardCharsets.UTF_16LE) ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
    }

    /** Detects the charset from a file's first bytes; refuses a file that is not text. */
    static Encoding of(Path file, byte[] head, int length) throws CsvRefused {
        String start = HexFormat.of().withUpperCase().formatHex(head, 0, Math.min(length, 4));
        if (start.equals("FFFE0000") || start.equals("0000FEFF")) {
            throw new CsvRefused(file, "the text is UTF-32, which is not read" + SAVE_AS_CSV);
        }
        if (start.startsWith("FFFE")) {
            return new Encoding(StandardCharsets.UTF_16LE, marks(head, length, 2));
        }
        if (start.startsWith("FEFF")) {
            return new Encoding(StandardCharsets.UTF_16BE, marks(head, length, 2));
        }
        for (Map.Entry<String, String> other : OTHER_FORMATS.entrySet()) {
            if (start.startsWith(other.getKey())) {
                throw new CsvRefused(file, "not text but " + other.getValue() + SAVE_AS_CSV);
            }
        }
        int mark = start.startsWith("EFBBBF") ? marks(head, length, 3) : 0;
        refuseBinary(file, head, mark, length);
        return new Encoding(StandardCharsets.UTF_8, mark);
    }

    /** The bytes that repetitions of the first mark take up. */
    private static int marks(byte[] head, int length, int mark) {
        int end = mark;
        while (end + mark <= length && Arrays.equals(head, 0, mark, head, end, end + mark)) {
            end += mark;
        }
        return end;
    }

    /** Checks the first line that is not blank: a NUL further down rejects a row, not the file. */
    private static void refuseBinary(Path file, byte[] head, int from, int length) throws CsvRefused {
        int i = from;
        while (i < length && (head[i] == '\n' || head[i] == '\r' || head[i] == ' ')) {
            i++;
        }
        int line = i;
        int[] nuls = new int[2];
        int controls = 0;
        for (; i < length && head[i] != '\n' && head[i] != '\r' && head[i] != StrictText.CTRL_Z; i++) {
            if (head[i] == 0) {
                nuls[i & 1]++;
            } else if (head[i] > 0 && head[i] < ' ' && head[i] != '\t') {
                controls++;
            }
        }
        if (controls == 0 && Math.abs(nuls[0] - nuls[1]) * 4 > i - line) {
            throw new CsvRefused(file, "line 1: the text looks like UTF-16 " + (nuls[1] > nuls[0] ? "LE" : "BE")
                    + " without a byte order mark" + SAVE_AS_CSV);
        }
        if (nuls[0] + nuls[1] + controls > 0) {
            throw new CsvRefused(file, "not text, the first line holds control characters" + SAVE_AS_CSV);
        }
    }
}
