// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import center.bos.refund.model.Invisible;

/**
 * The header record of a file.
 *
 * @param names all column names as they stand in the file
 * @param columns the file's own column names, without those that a result file added
 * @param evidence the outcomes of its own rows, if it is a result file
 */
record Header(List<String> names, List<String> columns, int referenceid, int ackno, Evidence evidence) {
    static final String REFERENCEID = "referenceid";
    static final String ACKNO = "ackno";
    /** Number of records that are searched for the header. */
    static final int MOST_TITLES = 20;
    private static final Pattern NUMBER = Pattern.compile("^\\s*\\d+\\s*$|\\d{4}");
    private static final int MAX_NAME = 40;
    private static final int MAX_NAMES = 20;

    /** Whether these column names include all needed ones. */
    static boolean namesBoth(List<String> names) {
        return !positions(names, REFERENCEID).isEmpty() && !positions(names, ACKNO).isEmpty();
    }

    /**
     * Reads the first record as the header; refuses a file without a header, or without each needed column exactly once.
     *
     * @param head the file's first characters
     */
    static Header read(Path file, Records records, String head) throws IOException, CsvRefused {
        if (!records.next()) {
            throw new CsvRefused(file, "the file is empty: it needs a header line with the columns referenceid and"
                    + " ackno, and rows");
        }
        String at = "line " + records.line() + ": ";
        if (records.fault() != null) {
            throw new CsvRefused(file, at + (records.fault() == Records.Fault.QUOTE
                    ? "a quote (\") in the header is not closed, or text follows it: close it"
                    : "the header is over 64 KiB: the first line must hold the column names"));
        }
        List<String> names = ResultColumns.withoutUnnamedBehind(List.copyOf(records.fields()));
        if (names.stream().anyMatch(name -> name.indexOf('\0') >= 0)) {
            throw new CsvRefused(file, at + "not text, the header holds a NUL: save the file as 'CSV UTF-8'");
        }
        if (!namesBoth(names)) {
            throw new CsvRefused(file, at + missing(names, Delimiter.lineOfHeader(head)));
        }
        List<String> columns = List.copyOf(ResultColumns.stripped(names));
        return new Header(names, columns, only(file, at, names, REFERENCEID), only(file, at, names, ACKNO),
                Evidence.columns(names, columns.size()));
    }

    /** A column's name for a message, shortened. */
    String name(int index) {
        return index < names.size() ? shortened(names.get(index)) : "column " + (index + 1);
    }

    private static int only(Path file, String at, List<String> names, String needed) throws CsvRefused {
        List<Integer> positions = positions(names, needed);
        if (positions.size() > 1) {
            throw new CsvRefused(file, at + "the column " + needed + " is there more than once (columns "
                    + positions.stream().map(i -> String.valueOf(i + 1)).collect(Collectors.joining(", "))
                    + "): keep one of them");
        }
        return positions.get(0);
    }

    private static String missing(List<String> names, long lineOfHeader) {
        List<String> missing = new ArrayList<>(List.of(REFERENCEID, ACKNO));
        missing.removeIf(needed -> !positions(names, needed).isEmpty());
        String lacks = "missing " + (missing.size() > 1 ? "columns " : "column ") + String.join(" and ", missing);
        if (lineOfHeader > 0) {
            return "no header, " + lacks + ", which line " + lineOfHeader
                    + " names: remove what stands above that line";
        }
        // a first line with numbers is a customer's row, which no message may show
        if (names.stream().anyMatch(name -> NUMBER.matcher(name).find())) {
            return "no header, " + lacks + ", this line looks like a row: put a line with the column names above it";
        }
        String found = names.stream().limit(MAX_NAMES).map(Header::shortened).collect(Collectors.joining(", "));
        return (missing.size() > 1 ? "no header, " : "") + lacks + " (found: " + found
                + (names.size() > MAX_NAMES ? ", …" : "") + "): name the columns in the first line";
    }

    static List<Integer> positions(List<String> names, String needed) {
        return IntStream.range(0, names.size())
                // ROOT: in a Turkish locale I does not become i
                .filter(i -> Invisible.stripped(names.get(i)).toLowerCase(Locale.ROOT).equals(needed)).boxed().toList();
    }

    private static String shortened(String name) {
        String oneLine = Invisible.named(name);
        return oneLine.length() <= MAX_NAME ? oneLine : oneLine.substring(0, MAX_NAME) + "…";
    }
}
