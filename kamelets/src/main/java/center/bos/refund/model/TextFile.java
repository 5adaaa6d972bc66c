// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.model;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Text of a file that a person wrote: UTF-8 with or without a byte order mark, or UTF-16 with one. */
public final class TextFile {
    private static final String MARK = "\uFEFF";

    private TextFile() {
    }

    /**
     * The text without a byte order mark.
     *
     * @throws IOException if it cannot be read, or does not decode; the message then names the line and the charset
     */
    public static String read(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Charset charset = charset(bytes);
        CharsetDecoder decoder = charset.newDecoder(); // reports what it cannot decode
        CharBuffer text = CharBuffer.allocate(bytes.length + 1);
        CoderResult end = decoder.decode(ByteBuffer.wrap(bytes), text, true);
        text.flip();
        if (end.isError()) {
            long line = 1 + text.chars().filter(c -> c == '\n').count();
            throw new IOException(file + " line " + line + " is not " + charset + ": save the file as UTF-8");
        }
        return text.toString().replaceFirst("^" + MARK, "");
    }

    /** The text of a file in which only ASCII matters, such as PEM; comments may be in any charset. */
    public static String readAscii(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        Charset charset = charset(bytes);
        return new String(bytes, charset == StandardCharsets.UTF_8 ? StandardCharsets.ISO_8859_1 : charset);
    }

    private static Charset charset(byte[] bytes) {
        int start = bytes.length < 2 ? 0 : (bytes[0] & 0xFF) << 8 | bytes[1] & 0xFF;
        return start == 0xFFFE
                ? StandardCharsets.UTF_16LE
                : start == 0xFEFF ? StandardCharsets.UTF_16BE : StandardCharsets.UTF_8;
    }
}
