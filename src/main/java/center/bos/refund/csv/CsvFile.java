// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;

import org.apache.commons.codec.digest.DigestUtils;

/**
 * An input file that was read once from end to end and found usable.
 *
 * @param rowCount records after the header, rejected ones counted, blank lines not; 0 of a file that is a header alone
 * @param encoding what the file was decoded with
 */
public record CsvFile(Path path, String sha256, long size, long rowCount, Encoding encoding, Delimiter delimiter,
        Header header) {

    /** Reads the whole file once; throws {@link CsvRefused} when no row of it can be used. */
    public static CsvFile inspect(Path file) throws CsvRefused, IOException {
        MessageDigest digest = DigestUtils.getSha256Digest();
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
            return new CsvFile(file, HexFormat.of().formatHex(digest.digest()), bytes.size(), rows, bytes.encoding(),
                    delimiter, header);
        } catch (ReplayText.UndecodableText e) {
            throw new CsvRefused(file, e.getMessage() + ": the bytes are not valid text in the file's charset:"
                    + " save it as 'CSV UTF-8' and drop it again");
        }
    }

    /** The SHA-256 of a file's bytes, 64 lower-case hex digits; zeros if it is not a regular file. */
    public static String sha256(Path file) throws IOException {
        return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
                ? new DigestUtils(DigestUtils.getSha256Digest()).digestAsHex(file)
                : "0".repeat(64);
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

    /** The same file after it was moved to that place. */
    public CsvFile at(Path place) {
        return new CsvFile(place, sha256, size, rowCount, encoding, delimiter, header);
    }

    /** Whether the file begins with a byte order mark. */
    boolean isMarked() {
        return encoding.markLength() > 0;
    }

    /** The file's own column names in its order, without the columns that a result file added. */
    public List<String> columns() {
        return header.columns();
    }
}
