// SPDX-License-Identifier: Apache-2.0
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

/**
 * The characters of a file, without a Ctrl-Z at its end (an old end-of-file mark). An invalid byte sequence throws, after all
 * characters before it were read.
 */
final class StrictText extends Reader {
    static final byte CTRL_Z = 0x1A;
    /** Bytes that are decoded last, so that the end of a file is seen as a whole. */
    private static final int TAIL = 1024;

    private final InputStream in;
    private final MessageDigest digest;
    private final long most;
    private final ByteBuffer bytes = ByteBuffer.wrap(new byte[64 * 1024]).limit(0);
    private final Encoding encoding;
    private final CharsetDecoder decoder;
    private long size;
    private int heldBack;
    private boolean ended;

    /**
     * Opens a file; every byte of it, its byte order mark as well, is added to the digest, which may be null.
     *
     * @param most bytes to read at most
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
        bytes.order(encoding.order());
        cutEndMark();
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
            cutEndMark();
        }
    }

    private void fill() throws IOException {
        bytes.limit(bytes.limit() + heldBack).compact();
        int read = in.readNBytes(bytes.array(), bytes.position(), (int) Math.min(bytes.remaining(), most - size));
        if (digest != null) {
            digest.update(bytes.array(), bytes.position(), read);
        }
        size += read;
        ended = read < bytes.remaining();
        bytes.position(bytes.position() + read).flip();
        heldBack = ended ? 0 : TAIL;
        bytes.limit(bytes.limit() - heldBack);
    }

    /** At the end of the file, removes a Ctrl-Z and the line breaks behind it. */
    private void cutEndMark() {
        int unit = encoding.unit();
        int cut = bytes.limit();
        if (!ended || bytes.remaining() % unit != 0) {
            return;
        }
        for (int at = cut - unit; at >= bytes.position(); at -= unit) {
            int c = unit == 1 ? bytes.get(at) : bytes.getChar(at);
            if (c == CTRL_Z) {
                cut = at;
            } else if (c != '\r' && c != '\n') {
                break;
            }
        }
        bytes.limit(cut);
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
