package center.bos.refund.csv;

import java.io.IOException;
import java.io.InputStream;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;

/** The characters of a file; a byte sequence that does not decode throws, after all that stands before it was read. */
final class StrictText extends Reader {
    private final InputStream in;
    private final MessageDigest digest;
    private final long most;
    private final ByteBuffer bytes = ByteBuffer.wrap(new byte[64 * 1024]).limit(0);
    private final Encoding encoding;
    private final CharsetDecoder decoder;
    private long size;
    private boolean ended;

    /**
     * Opens a file; every byte of it, its byte order mark as well, is added to the digest, which may be null.
     *
     * @param most bytes after which the file is taken to end
     */
    StrictText(Path file, MessageDigest digest, long most) throws IOException, CsvRefused {
        this.digest = digest;
        this.most = most;
        this.in = Files.newInputStream(file);
        try {
            fill();
            encoding = Encoding.of(file, bytes.array(), bytes.limit());
        } catch (CsvRefused | IOException e) {
            in.close();
            throw e;
        }
        bytes.position(encoding.markLength());
        // REPORT, because a replaced character could change a customer's data without a word
        decoder = encoding.charset().newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
    }

    Encoding encoding() {
        return encoding;
    }

    /** Bytes read so far. */
    long size() {
        return size;
    }

    @Override
    public int read(char[] target, int offset, int length) throws IOException {
        CharBuffer out = CharBuffer.wrap(target, offset, length);
        while (true) {
            CoderResult result = decoder.decode(bytes, out, ended);
            if (out.position() > offset) {
                return out.position() - offset; // an error is met again by the next read
            }
            if (result.isError()) {
                result.throwException();
            }
            if (ended) {
                return -1;
            }
            fill();
        }
    }

    private void fill() throws IOException {
        bytes.compact();
        int read = in.readNBytes(bytes.array(), bytes.position(), (int) Math.min(bytes.remaining(), most - size));
        if (digest != null) {
            digest.update(bytes.array(), bytes.position(), read);
        }
        size += read;
        ended = read < bytes.remaining();
        bytes.position(bytes.position() + read).flip();
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
