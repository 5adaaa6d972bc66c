// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongFunction;
import java.util.stream.LongStream;

/** An input file to be made: rows of pairs that never repeat for different seeds and row numbers. */
public final class CsvFiles {

    /** Past 32 bits, as the API page's own example is. */
    private static final long FIRST_REFERENCE = 12_345_678_926L;

    private final long rows;
    private final long seed;
    private final char delimiter;
    private final String lineEnd;
    private final Charset charset;
    private final Map<String, LongFunction<String>> extra;

    private CsvFiles(long rows, long seed, char delimiter, String lineEnd, Charset charset,
            Map<String, LongFunction<String>> extra) {
        this.rows = rows;
        this.seed = seed;
        this.delimiter = delimiter;
        this.lineEnd = lineEnd;
        this.charset = charset;
        this.extra = extra;
    }

    /** That many rows, from seed 0, separated by commas, lines ended by LF, in UTF-8. */
    public static CsvFiles rows(long rows) {
        return new CsvFiles(rows, 0, ',', "\n", UTF_8, Map.of());
    }

    /** Starts the pairs at that number; files do not share a pair if their seeds lie apart by the rows of one. */
    public CsvFiles from(long seed) {
        return new CsvFiles(rows, seed, delimiter, lineEnd, charset, extra);
    }

    /** Separates the fields by that. */
    public CsvFiles delimiter(char delimiter) {
        return new CsvFiles(rows, seed, delimiter, lineEnd, charset, extra);
    }

    /** Ends the lines by that. */
    public CsvFiles lineEnd(String lineEnd) {
        return new CsvFiles(rows, seed, delimiter, lineEnd, charset, extra);
    }

    /** Encodes the file so; a byte order mark is written only if the charset does it. */
    public CsvFiles charset(Charset charset) {
        return new CsvFiles(rows, seed, delimiter, lineEnd, charset, extra);
    }

    /** Adds a column after the two ids; its cells are made from the row's index, from 0, and quoted where needed. */
    public CsvFiles column(String name, LongFunction<String> cell) {
        Map<String, LongFunction<String>> more = new LinkedHashMap<>(extra);
        more.put(name, cell);
        return new CsvFiles(rows, seed, delimiter, lineEnd, charset, more);
    }

    /** The pair of the row with that index, from 0. */
    public Pair pair(long index) {
        return new Pair(Long.toString(FIRST_REFERENCE + seed + index), Long.toString(1 + seed + index));
    }

    /** All pairs in row order. */
    public List<Pair> pairs() {
        return LongStream.range(0, rows).mapToObj(this::pair).toList();
    }

    /** Writes the file, its folders too, and returns its path. */
    public Path writeTo(Path file) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            try (BufferedWriter out = Files.newBufferedWriter(file, charset)) {
                List<String> cells = new ArrayList<>(List.of("referenceid", "ackno"));
                cells.addAll(extra.keySet());
                writeLine(out, cells);
                for (long i = 0; i < rows; i++) {
                    Pair pair = pair(i);
                    cells.clear();
                    cells.add(pair.referenceid());
                    cells.add(pair.ackno());
                    for (LongFunction<String> cell : extra.values()) {
                        cells.add(cell.apply(i));
                    }
                    writeLine(out, cells);
                }
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void writeLine(BufferedWriter out, List<String> cells) throws IOException {
        for (int i = 0; i < cells.size(); i++) {
            if (i > 0) {
                out.write(delimiter);
            }
            out.write(quoted(cells.get(i)));
        }
        out.write(lineEnd);
    }

    private String quoted(String cell) {
        boolean plain = cell.indexOf(delimiter) < 0 && cell.indexOf('"') < 0 && cell.indexOf('\n') < 0
                && cell.indexOf('\r') < 0;
        return plain ? cell : '"' + cell.replace("\"", "\"\"") + '"';
    }
}
