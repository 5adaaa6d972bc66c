// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;

/** An input file that was read once from end to end and found usable. */
public final class CsvFile {
    private final Path path;
    private final String sha256;
    private final long size;
    private final long rowCount;
    private final Encoding encoding;
    private final Delimiter delimiter;
    private final Header header;

    private CsvFile(Path path, String sha256, long size, Encoding encoding, Delimiter delimiter, Header header,
            long rowCount) {
        this.path = path;
        this.sha256 = sha256;
        this.size = size;
        this.rowCount = rowCount;
        this.encoding = encoding;
        this.delimiter = delimiter;
        this.header = header;
    }

    /** Reads the whole file once; throws {@link CsvRefused} when no row of it can be used. */
    public static CsvFile inspect(Path file) throws CsvRefused, IOException {
        MessageDigest digest = sha256Digest();
        try (StrictText bytes = new StrictText(file, digest, Long.MAX_VALUE)) {
            ReplayText text = new ReplayText(bytes);
            String head = text.peek(Records.MAX_RECORD);
            Delimiter delimiter = Delimiter.of(file, head);
            Records records = new Records(text, delimiter);
            Header header = Header.read(file, records, head);
            records.countOnly();
            long rows = 0;
            while (records.next()) {
                rows++;
            }
            return new CsvFile(file, HexFormat.of().formatHex(digest.digest()), bytes.size(), bytes.encoding(),
                    delimiter,
                    header, rows);
        } catch (UndecodableText e) {
            throw new CsvRefused(file, e.getMessage() + ": the bytes are not valid text in the file's charset:"
                    + " save it as 'CSV UTF-8' and drop it again");
        }
    }

    /**
     * Opens the rows, {@link #rowCount()} of them, whatever is written behind them meanwhile; throws when the file changed its
     * size since it was inspected.
     */
    public CsvRows rows() throws IOException {
        if (Files.size(path) != size) {
            throw new IOException(path + " has changed since it was inspected");
        }
        StrictText bytes;
        try {
            bytes = new StrictText(path, null, size);
        } catch (CsvRefused e) {
            throw new IOException(path + " has changed since it was inspected", e);
        }
        return new CsvRows(header, delimiter.character(), new Records(new ReplayText(bytes), delimiter));
    }

    /** The same file, which was moved to that place. */
    public CsvFile at(Path place) {
        return new CsvFile(place, sha256, size, encoding, delimiter, header, rowCount);
    }

    /** Where the file is. */
    public Path path() {
        return path;
    }

    /** The SHA-256 of the file's bytes, 64 lower-case hex digits. */
    public String sha256() {
        return sha256;
    }

    /** Bytes in the file. */
    public long size() {
        return size;
    }

    /** Records after the header, rejected ones counted, blank lines not; 0 of a file that is a header alone. */
    public long rowCount() {
        return rowCount;
    }

    /** The charset that the file was decoded with. */
    public Charset charset() {
        return encoding.charset();
    }

    /** Whether the file begins with a byte order mark. */
    boolean isMarked() {
        return encoding.markLength() > 0;
    }

    /** Comma, semicolon or tab. */
    public char delimiter() {
        return delimiter.character();
    }

    /** The file's own column names in its order, without the columns that a result file added. */
    public List<String> columns() {
        return header.columns();
    }

    private static MessageDigest sha256Digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java platform has it
        }
    }
}
