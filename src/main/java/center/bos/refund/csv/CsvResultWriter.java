// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;

/**
 * Writes one result file: UTF-8 with a byte order mark if the input has one, LF, the input's columns and delimiter, then
 * {@link ResultColumns#NAMES}.
 */
public final class CsvResultWriter implements AutoCloseable {
    static final byte[] MARK = "\uFEFF".getBytes(StandardCharsets.UTF_8);
    private static final int BUFFER = 64 * 1024;

    private final FileChannel channel;
    private final CsvWriter writer;
    private final List<String> cells = new ArrayList<>();

    private CsvResultWriter(FileChannel channel, char delimiter) {
        this.channel = channel;
        this.writer = CsvWriter.builder().fieldSeparator(delimiter).lineDelimiter(LineDelimiter.LF).bufferSize(BUFFER)
                .build(Channels.newOutputStream(channel), StandardCharsets.UTF_8);
    }

    /** Creates or overwrites the file and writes the header. */
    public static CsvResultWriter create(Path target, CsvFile input) throws IOException {
        FileChannel channel = FileChannel.open(target, StandardOpenOption.CREATE, StandardOpenOption.WRITE,
                StandardOpenOption.TRUNCATE_EXISTING);
        CsvResultWriter results = new CsvResultWriter(channel, input.delimiter().character());
        try {
            if (input.isMarked()) {
                channel.write(ByteBuffer.wrap(MARK));
            }
            input.columns().forEach(results::add);
            ResultColumns.NAMES.forEach(results::add);
            results.endRow();
            return results;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /** Writes a row's own cells and its outcome; cells that a spreadsheet would run as a formula are defused. */
    public void write(CsvRow row, ResultCells result) throws IOException {
        row.cells().forEach(this::add);
        // in the order of ResultColumns.NAMES
        add(String.valueOf(row.row().line()));
        add(result.outcome());
        add(result.responseCode());
        add(result.httpStatus());
        add(result.message());
        add(result.attempts());
        add(result.answeredAt());
        endRow();
    }

    /** Closes the file once all of it is on the disk. */
    @Override
    public void close() throws IOException {
        try (channel) {
            if (channel.isOpen()) {
                writer.flush();
                channel.force(true);
            }
        }
    }

    private void add(String cell) {
        cells.add(SpreadsheetCell.defused(cell));
    }

    private void endRow() throws IOException {
        try {
            writer.writeRecord(cells);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } finally {
            cells.clear();
        }
    }
}
