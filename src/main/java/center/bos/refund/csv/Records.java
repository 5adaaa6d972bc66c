// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

import java.io.Closeable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Spliterator;

import center.bos.refund.model.Invisible;
import de.siegmar.fastcsv.reader.AbstractBaseCsvCallbackHandler;
import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;

/**
 * The records of a CSV text, without those whose cells are all blank. After a record that cannot be parsed it continues at the
 * next physical line, so that an unclosed quote costs one row and not the rest of the file.
 */
final class Records implements Closeable {
    /** Characters, delimiters counted, above which a record is too long. */
    static final int MAX_RECORD = 64 * 1024;
    /**
     * Characters after which parsing of a record stops. This is above the limit, so that a long note with a closed quote is one
     * record that is too long, and its lines are not taken for rows.
     */
    private static final int GIVE_UP = 16 * MAX_RECORD;

    /** What is wrong with a record as a whole. */
    enum Fault {
        QUOTE, TOO_LONG
    }

    private final ReplayText text;
    private final Delimiter delimiter;
    private final Fields current = new Fields();
    private Spliterator<Fields> parser;
    private long linesBefore;
    private boolean keepFields = true;
    private Fault fault;

    Records(ReplayText text, Delimiter delimiter) throws IOException {
        this.text = text;
        this.delimiter = delimiter;
        if (delimiter.isTold()) {
            text.skipLine(1);
            linesBefore = 1;
        }
        startParser();
    }

    /** From the next record on only {@link #next()} and {@link #line()} are used, which is much faster. */
    void countOnly() {
        keepFields = false;
    }

    /** Moves to the next record; false when there is none. */
    boolean next() throws IOException {
        try {
            do {
                if (!parser.tryAdvance(fields -> {
                })) {
                    return false;
                }
            } while (current.blank);
            fault = current.length > MAX_RECORD ? Fault.TOO_LONG : null;
        } catch (CsvParseException e) {
            if (e.getCause() != null) {
                throw e; // not about the text
            }
            long firstLine = text.skipLine(current.line);
            fault = Math.max(firstLine, current.length) > MAX_RECORD ? Fault.TOO_LONG : Fault.QUOTE;
            linesBefore = current.line;
            startParser();
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
        return true;
    }

    /** The physical line where the record starts, counted from 1. */
    long line() {
        return current.line;
    }

    /** What is wrong with the record as a whole, or null. */
    Fault fault() {
        return fault;
    }

    /** The record's fields; of a faulty record, those that were read before the fault. */
    List<String> fields() {
        return current.kept;
    }

    private void startParser() {
        // Strict about text after a closing quote: being lenient would glue "12"34 into an id, and would swallow good
        // rows after a quote that is never closed.
        parser = CsvReader.builder().fieldSeparator(delimiter.character()).skipEmptyLines(true)
                .allowUnclosedQuote(false)
                .extraFieldStrategy(FieldMismatchStrategy.IGNORE).missingFieldStrategy(FieldMismatchStrategy.IGNORE)
                .maxBufferSize(GIVE_UP).build(current, text).spliterator();
    }

    @Override
    public void close() throws IOException {
        text.close();
    }

    /** Takes the fields from the parser; one object for all records, to allocate nothing but the strings. */
    private final class Fields extends AbstractBaseCsvCallbackHandler<Fields> {
        private final List<String> kept = new ArrayList<>();
        private long line;
        private int length;
        private boolean blank;

        @Override
        protected void handleBegin(long startingLine) {
            line = linesBefore + startingLine;
            length = 0;
            blank = false;
            kept.clear();
            text.keepFrom(line);
        }

        @Override
        protected void handleField(int index, char[] buffer, int offset, int fieldLength, boolean quoted) {
            length += fieldLength + 1;
            if (length > GIVE_UP) {
                throw new CsvParseException("record too long");
            }
            blank = (blank || index == 0) && isBlank(buffer, offset, fieldLength);
            if (keepFields && length <= MAX_RECORD) {
                kept.add(fieldLength == 0 ? "" : new String(buffer, offset, fieldLength));
            }
        }

        private boolean isBlank(char[] buffer, int offset, int fieldLength) {
            for (int i = offset; i < offset + fieldLength; i++) {
                if (!Invisible.is(buffer[i])) {
                    return false;
                }
            }
            return true;
        }

        @Override
        protected Fields buildRecord() {
            return this;
        }
    }
}
