// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Iterator;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;

/** Reads any CSV that the product may read or write, however odd its rows are. */
record CsvDialect(char delimiter) {

    /** The dialect of that file: of the three delimiters, the one that its header has most of. */
    static CsvDialect of(Path file) throws IOException {
        try (CsvReader<CsvRecord> reader = new CsvDialect('\u0001').open(file)) {
            Iterator<CsvRecord> records = reader.iterator();
            String header = records.hasNext() ? String.join("", records.next().getFields()) : "";
            char best = ',';
            for (char candidate : new char[]{';', '\t'}) {
                if (count(header, candidate) > count(header, best)) {
                    best = candidate;
                }
            }
            return new CsvDialect(best);
        }
    }

    CsvReader<CsvRecord> open(Path file) throws IOException {
        return CsvReader.builder().fieldSeparator(delimiter).detectBomHeader(true).allowExtraFields(true)
                .allowMissingFields(true).allowExtraCharsAfterClosingQuote(true).ofCsvRecord(file);
    }

    private static long count(String text, char wanted) {
        return text.chars().filter(character -> character == wanted).count();
    }
}
