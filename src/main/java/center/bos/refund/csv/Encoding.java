package center.bos.refund.csv;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.Map;

/** The charset of a file and the length of its byte order mark, in bytes. */
record Encoding(Charset charset, int markLength) {
    private static final String SAVE_AS_CSV = ": save it as 'CSV UTF-8' and drop it again";
    private static final Map<String, String> OTHER_FORMATS = Map.of("504B0304",
            "a zip or a spreadsheet workbook (xlsx)",
            "504B0506", "a zip", "504B0708", "a zip", "D0CF11E0", "an old spreadsheet workbook (xls)", "25504446",
            "a PDF", "1F8B", "a gzip", "89504E47", "a picture");

    /** Tells the charset from a file's first bytes; refuses what is not text. */
    static Encoding of(Path file, byte[] head, int length) throws CsvRefused {
        String start = HexFormat.of().withUpperCase().formatHex(head, 0, Math.min(length, 4));
        if (start.equals("FFFE0000") || start.equals("0000FEFF")) {
            throw new CsvRefused(file, "the text is UTF-32, which is not read" + SAVE_AS_CSV);
        }
        if (start.startsWith("FFFE")) {
            return new Encoding(StandardCharsets.UTF_16LE, 2);
        }
        if (start.startsWith("FEFF")) {
            return new Encoding(StandardCharsets.UTF_16BE, 2);
        }
        for (Map.Entry<String, String> other : OTHER_FORMATS.entrySet()) {
            if (start.startsWith(other.getKey())) {
                throw new CsvRefused(file, "not text but " + other.getValue() + SAVE_AS_CSV);
            }
        }
        int mark = start.startsWith("EFBBBF") ? 3 : 0;
        refuseBinary(file, head, mark, length);
        return new Encoding(StandardCharsets.UTF_8, mark);
    }

    /** Looks at the first line that is not blank: a NUL further down spoils a row, not the file. */
    private static void refuseBinary(Path file, byte[] head, int from, int length) throws CsvRefused {
        int i = from;
        while (i < length && (head[i] == '\n' || head[i] == '\r' || head[i] == ' ')) {
            i++;
        }
        int line = i;
        int[] nuls = new int[2];
        int controls = 0;
        for (; i < length && head[i] != '\n' && head[i] != '\r'; i++) {
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
