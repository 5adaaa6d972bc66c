package center.bos.refund.csv;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The header record of a file.
 *
 * @param names all column names as they stand in the file
 * @param columns the file's own column names, without those that a result file added
 * @param referenceid index of that column
 * @param ackno index of that column
 */
record Header(List<String> names, List<String> columns, int referenceid, int ackno) {
    static final String REFERENCEID = "referenceid";
    static final String ACKNO = "ackno";
    private static final char[] DELIMITERS = {',', ';', '\t'};
    private static final Pattern NUMBER = Pattern.compile("^\\s*\\d+\\s*$|\\d{4}");
    private static final int MAX_NAME = 40;
    private static final int MAX_NAMES = 20;

    /** The delimiter with which a file's first characters give the needed columns, else the one with most columns. */
    static char delimiter(String head) throws IOException {
        char best = DELIMITERS[0];
        int most = 0;
        for (char delimiter : DELIMITERS) {
            try (Records records = new Records(new ReplayText(new StringReader(head)), delimiter)) {
                if (!records.next()) {
                    continue;
                }
                List<String> names = records.fields();
                if (!positions(names, REFERENCEID).isEmpty() && !positions(names, ACKNO).isEmpty()) {
                    return delimiter;
                }
                int count = names.size() + (records.fault() != null ? 1 : 0); // the field with the fault
                if (count > most) {
                    most = count;
                    best = delimiter;
                }
            }
        }
        return best;
    }

    /** Reads the first record as the header; refuses a file that has none, or not each needed column once. */
    static Header read(Path file, Records records) throws IOException, CsvRefused {
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
        List<String> names = List.copyOf(records.fields());
        if (names.stream().anyMatch(name -> name.indexOf('\0') >= 0)) {
            throw new CsvRefused(file, at + "not text, the header holds a NUL: save the file as 'CSV UTF-8'");
        }
        int referenceid = only(file, at, names, REFERENCEID);
        int ackno = only(file, at, names, ACKNO);
        return new Header(names, List.copyOf(ResultColumns.stripped(names)), referenceid, ackno);
    }

    /** A column's name for a message: short, whatever the file says. */
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
        if (positions.isEmpty()) {
            throw new CsvRefused(file, at + missing(names));
        }
        return positions.get(0);
    }

    private static String missing(List<String> names) {
        List<String> missing = new ArrayList<>(List.of(REFERENCEID, ACKNO));
        missing.removeIf(needed -> !positions(names, needed).isEmpty());
        String lacks = "missing " + (missing.size() > 1 ? "columns " : "column ") + String.join(" and ", missing);
        // a first line with numbers is a customer's row, which no message may show
        if (names.stream().anyMatch(name -> NUMBER.matcher(name).find())) {
            return "no header, " + lacks + ", this line looks like a row: put a line with the column names above it";
        }
        String found = names.stream().limit(MAX_NAMES).map(Header::shortened).collect(Collectors.joining(", "));
        return (missing.size() > 1 ? "no header, " : "") + lacks + " (found: " + found
                + (names.size() > MAX_NAMES ? ", …" : "") + "): name the columns in the first line";
    }

    private static List<Integer> positions(List<String> names, String needed) {
        List<Integer> positions = new ArrayList<>();
        for (int i = 0; i < names.size(); i++) {
            // ROOT: in a Turkish locale I does not become i
            if (names.get(i).strip().toLowerCase(Locale.ROOT).equals(needed)) {
                positions.add(i);
            }
        }
        return positions;
    }

    private static String shortened(String name) {
        String oneLine = name.strip().replaceAll("\\p{Cntrl}+", " ");
        return oneLine.length() <= MAX_NAME ? oneLine : oneLine.substring(0, MAX_NAME) + "…";
    }
}
