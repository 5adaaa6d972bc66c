// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;

import de.siegmar.fastcsv.reader.CloseableIterator;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;

/**
 * A result file with its header and only the selected rows, unchanged. It is read on demand, so that neither memory nor disk grows
 * with the file.
 */
public final class SelectedRows extends InputStream {
    private static final int PIECE = 64 * 1024;
    /** A result's row is longer than the row that it is about. */
    private static final int LONGEST = 2 * 1024 * 1024;

    private final CloseableIterator<CsvRecord> records;
    private final ByteArrayOutputStream selected = new ByteArrayOutputStream();
    private final CsvWriter writer;
    private final Predicate<ResultCells> wanted;
    private InputStream piece;

    private SelectedRows(Reader text, boolean marked, char delimiter, Predicate<ResultCells> wanted) {
        this.records = CsvReader.builder().fieldSeparator(delimiter).maxBufferSize(LONGEST).ofCsvRecord(text)
                .iterator();
        this.wanted = wanted;
        this.writer = CsvWriter.builder().fieldSeparator(delimiter).lineDelimiter(LineDelimiter.LF).build(selected,
                StandardCharsets.UTF_8);
        if (marked) {
            selected.writeBytes(CsvResultWriter.MARK);
        }
        if (records.hasNext()) {
            writer.writeRecord(records.next().getFields());
        }
        piece = taken();
    }

    /**
     * Opens a result file.
     *
     * @param wanted selects by the result cells of a row, before formulas were defused; an empty cell is null
     */
    public static SelectedRows of(Path results, Predicate<ResultCells> wanted) throws IOException {
        char delimiter;
        try (Reader head = Files.newBufferedReader(results)) {
            char[] start = new char[Records.MAX_RECORD];
            int length = Math.max(0, head.read(start));
            delimiter = Delimiter.of(results, new String(start, 0, length).replace("\uFEFF", "")).character();
        } catch (CsvRefused e) {
            throw new IOException(e);
        }
        InputStream bytes = new BufferedInputStream(Files.newInputStream(results));
        try {
            bytes.mark(CsvResultWriter.MARK.length);
            boolean marked = Arrays.equals(bytes.readNBytes(CsvResultWriter.MARK.length), CsvResultWriter.MARK);
            if (!marked) {
                bytes.reset();
            }
            return new SelectedRows(new InputStreamReader(bytes, StandardCharsets.UTF_8), marked, delimiter, wanted);
        } catch (IOException | RuntimeException e) {
            bytes.close();
            throw e;
        }
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        int read = piece.read(target, offset, length);
        while (read < 0 && records.hasNext()) {
            select();
            read = piece.read(target, offset, length);
        }
        return read;
    }

    private void select() throws IOException {
        try {
            while (selected.size() < PIECE && records.hasNext()) {
                List<String> row = records.next().getFields();
                if (wanted.test(cells(row.subList(row.size() - ResultColumns.NAMES.size(), row.size())))) {
                    writer.writeRecord(row);
                }
            }
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        piece = taken();
    }

    /** In the order of {@link ResultColumns#NAMES}, of which the line is none of the cells. */
    private static ResultCells cells(List<String> added) {
        return new ResultCells(cell(added, 1), cell(added, 2), cell(added, 3), cell(added, 4), cell(added, 5),
                cell(added, 6));
    }

    private static String cell(List<String> cells, int index) {
        String cell = cells.get(index);
        return cell.isEmpty() ? null : SpreadsheetCell.original(cell);
    }

    private InputStream taken() {
        try {
            writer.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e); // memory
        }
        InputStream taken = new ByteArrayInputStream(selected.toByteArray());
        selected.reset();
        return taken;
    }

    @Override
    public void close() throws IOException {
        records.close();
    }
}
