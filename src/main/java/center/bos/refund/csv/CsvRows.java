// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;

import center.bos.refund.model.IdRule;
import center.bos.refund.model.Invisible;
import center.bos.refund.model.NewRow;

/** The rows of a file in order, read on demand; reading throws {@link UncheckedIOException}. */
public final class CsvRows implements Iterator<CsvRow>, AutoCloseable {
    private static final String MARKED = "; an apostrophe was put before its ids, so that the row is not sent unchecked:"
            + " remove it if the row is right";

    private final Header header;
    private final char delimiter;
    private final Records records;
    private boolean fetched;
    private boolean present;

    CsvRows(Header header, char delimiter, Records records) throws IOException {
        this.header = header;
        this.delimiter = delimiter;
        this.records = records;
        records.next(); // the header
    }

    /** Whether there is another row. */
    @Override
    public boolean hasNext() {
        if (!fetched) {
            try {
                present = records.next();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            fetched = true;
        }
        return present;
    }

    /** The next row, good or rejected. */
    @Override
    public CsvRow next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        fetched = false;
        String misshapen = misshapen();
        String[] cells = cells();
        if (misshapen != null) {
            String rejection = mark(cells) ? misshapen + MARKED : misshapen;
            return new CsvRow(new NewRow(records.line(), "", "", rejection), List.of(cells));
        }
        String nul = nul();
        String referenceid = id(cells[header.referenceid()]);
        String ackno = id(cells[header.ackno()]);
        String unusable = both(IdRule.rejection(Header.REFERENCEID, referenceid),
                IdRule.rejection(Header.ACKNO, ackno));
        Evidence evidence = header.evidence();
        String rejection = nul != null ? nul : unusable != null ? unusable : evidence.rejection(records.fields());
        return new CsvRow(new NewRow(records.line(), rejection == null ? referenceid : "",
                rejection == null ? ackno : "", rejection, evidence.against(records.fields())), List.of(cells));
    }

    /** Closes the file. */
    @Override
    public void close() throws IOException {
        records.close();
    }

    /** A result file has an apostrophe before an id that a tab stands before; such a file may be dropped again. */
    private static String id(String cell) {
        return Invisible.stripped(SpreadsheetCell.original(cell));
    }

    /** Why the row cannot be split into its fields, or null. */
    private String misshapen() {
        int fields = records.fields().size();
        if (records.fault() == Records.Fault.TOO_LONG) {
            return "the row is over 64 KiB: shorten it, and look for a quote (\") that is not closed";
        }
        if (records.fault() == Records.Fault.QUOTE) {
            return header.name(fields) + ": a quote (\") is not closed, or text follows the closing one:"
                    + " close it, or write a quote inside a quoted cell as \"\"";
        }
        int expected = header.names().size();
        if (fields > expected && !isBlank(records.fields().subList(expected, fields))
                || fields < expected && !(isThere(header.referenceid()) && isThere(header.ackno()))) {
            return "the row has " + fields + (fields == 1 ? " field" : " fields") + ", the header has " + expected
                    + (fields > expected
                            ? ": put quotes around a cell that holds the delimiter"
                            : ": add the missing cells, empty ones as well");
        }
        return null;
    }

    private boolean isThere(int column) {
        return column < records.fields().size() && !isBlank(records.fields().subList(column, column + 1));
    }

    private static boolean isBlank(List<String> cells) {
        return cells.stream().allMatch(cell -> Invisible.stripped(cell).isEmpty());
    }

    private String nul() {
        List<String> fields = records.fields();
        for (int i = 0; i < fields.size(); i++) {
            if (fields.get(i).indexOf('\0') >= 0) {
                return header.name(i) + " holds a NUL character: remove it";
            }
        }
        return null;
    }

    private static String both(String first, String second) {
        return first == null ? second : second == null ? first : first + "; " + second;
    }

    /** One cell for each of the file's own columns: missing ones are empty, surplus ones that are not blank are joined into the last. */
    private String[] cells() {
        List<String> fields = records.fields();
        String[] cells = new String[header.columns().size()];
        for (int i = 0; i < cells.length; i++) {
            cells[i] = i < fields.size() ? fields.get(i) : "";
        }
        int expected = header.names().size();
        if (fields.size() > expected && !isBlank(fields.subList(expected, fields.size()))) {
            cells[cells.length - 1] += delimiter
                    + String.join(String.valueOf(delimiter), fields.subList(expected, fields.size()));
        }
        return cells;
    }

    /**
     * Padding and joining make a misshapen row look whole, perhaps with shifted cells. An apostrophe before its ids keeps the
     * row from being sent if error.csv is dropped again unchecked. Returns whether the row has ids.
     */
    private boolean mark(String[] cells) {
        boolean marked = false;
        for (int id : new int[]{header.referenceid(), header.ackno()}) {
            if (IdRule.digitsOnly(Invisible.stripped(cells[id]))) {
                cells[id] = "'" + Invisible.stripped(cells[id]);
                marked = true;
            }
        }
        return marked;
    }
}
