// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.csv;

import java.io.IOException;
import java.io.Reader;
import java.nio.charset.CharacterCodingException;

/**
 * Text that can be read again from any line since the one that the reader marked. Lines are counted as the CSV parser does:
 * LF, CR and CRLF each end one.
 */
final class ReplayText extends Reader {
    private static final int CHUNK = 8192;

    private final Reader source;
    private char[] window = new char[4 * CHUNK];
    private int start; // first character of startLine
    private int position; // next character to hand out
    private int end;
    private long startLine = 1;
    private long keptLine = 1;

    /** Bytes that are not valid in the file's charset. */
    static final class UndecodableText extends IOException {
        UndecodableText(long line, int character, Throwable cause) {
            super("line " + line + ", character " + character, cause);
        }
    }

    ReplayText(Reader source) {
        this.source = source;
    }

    /** Marks this line: the lines before it may be discarded. */
    void keepFrom(long line) {
        keptLine = line;
    }

    /** Peeks at the first characters, at most {@code length}; only before anything was read. */
    String peek(int length) throws IOException {
        while (end < length && fill()) {
            continue;
        }
        return new String(window, 0, Math.min(end, length));
    }

    /** Continues after the given line, which must not be before the marked one; returns its length in characters. */
    long skipLine(long line) throws IOException {
        keptLine = line;
        forget();
        long length = 0;
        int next = nextLine();
        while (next < 0) {
            // the line goes on beyond the window: drop it, but for a CR that may be half of a CRLF
            int dropTo = end > start && window[end - 1] == '\r' ? end - 1 : end;
            length += dropTo - start;
            start = dropTo;
            position = end;
            next = fill() ? nextLine() : end;
        }
        length += next - start;
        start = next;
        position = next;
        startLine = line + 1;
        return length;
    }

    @Override
    public int read(char[] target, int offset, int length) throws IOException {
        if (position == end && !fill()) {
            return -1;
        }
        int count = Math.min(length, end - position);
        System.arraycopy(window, position, target, offset, count);
        position += count;
        return count;
    }

    private boolean fill() throws IOException {
        forget();
        if (window.length - end < CHUNK) {
            int live = end - start;
            char[] target = window.length - live < CHUNK ? new char[window.length * 2] : window;
            System.arraycopy(window, start, target, 0, live);
            window = target;
            position -= start;
            end = live;
            start = 0;
        }
        try {
            int read = source.read(window, end, CHUNK);
            end += Math.max(read, 0);
            return read > 0;
        } catch (CharacterCodingException e) {
            keptLine = Long.MAX_VALUE;
            forget();
            boolean lineEnded = end > start && window[end - 1] == '\r';
            throw new UndecodableText(lineEnded ? startLine + 1 : startLine, lineEnded ? 1 : end - start + 1, e);
        }
    }

    private void forget() {
        while (startLine < keptLine) {
            int next = nextLine();
            if (next < 0) {
                return;
            }
            start = next;
            startLine++;
        }
    }

    /** Where the line after startLine starts, or -1 if the window does not show it, as with a CR at its end. */
    private int nextLine() {
        for (int i = start; i < end; i++) {
            char c = window[i];
            if (c == '\n') {
                return i + 1;
            }
            if (c == '\r') {
                return i + 1 == end ? -1 : window[i + 1] == '\n' ? i + 2 : i + 1;
            }
        }
        return -1;
    }

    @Override
    public void close() throws IOException {
        source.close();
    }
}
