// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Arrays;

/** Reads the requests of one connection; a head that repeats byte for byte, as a client's do, is parsed once. */
final class RequestReader {

    private static final int MOST = 4 << 20;
    private static final byte[] CONTINUE = "HTTP/1.1 100 Continue\r\n\r\n".getBytes(ISO_8859_1);

    private final InputStream in;
    private final OutputStream out;
    private byte[] buffer = new byte[4096];
    private int start;
    private int end;
    private byte[] lastBytes = {};
    private Head lastHead;

    RequestReader(InputStream in, OutputStream out) {
        this.in = in;
        this.out = out;
    }

    /** Waits for the first byte of the next request; false at the end of the stream. */
    boolean awaitRequest() throws IOException {
        return start < end || fill();
    }

    Request read() throws IOException {
        Head head = readHead();
        if (head.expectsContinue()) {
            out.write(CONTINUE);
            out.flush();
        }
        return new Request(head, head.chunked() ? readChunks() : readBody(head.bodyLength()));
    }

    private Head readHead() throws IOException {
        int scanned = 0;
        int length;
        while ((length = blankLine(scanned)) < 0) {
            scanned = Math.max(0, end - start - 3);
            need();
        }
        int from = start;
        start += length;
        if (lastHead == null || !Arrays.equals(buffer, from, start, lastBytes, 0, lastBytes.length)) {
            lastHead = Head.parse(buffer, from, start);
            lastBytes = Arrays.copyOfRange(buffer, from, start);
        }
        return lastHead;
    }

    private int blankLine(int scanned) {
        for (int i = start + scanned; i + 3 < end; i++) {
            if (buffer[i] == '\r' && buffer[i + 1] == '\n' && buffer[i + 2] == '\r' && buffer[i + 3] == '\n') {
                return i + 4 - start;
            }
        }
        return -1;
    }

    private String readBody(int length) throws IOException {
        while (end - start < length) {
            need();
        }
        String body = new String(buffer, start, length, UTF_8);
        start += length;
        return body;
    }

    private String readChunks() throws IOException {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        while (true) {
            String line = readLine();
            int extension = line.indexOf(';');
            int size = Integer.parseInt((extension < 0 ? line : line.substring(0, extension)).trim(), 16);
            if (size == 0) {
                while (!readLine().isEmpty()) {
                    // a trailer
                }
                return body.toString(UTF_8);
            }
            while (end - start < size) {
                need();
            }
            body.write(buffer, start, size);
            start += size;
            readLine();
        }
    }

    private String readLine() throws IOException {
        for (int i = 0;; i++) {
            while (start + i >= end) {
                need();
            }
            if (buffer[start + i] == '\n') {
                String line = new String(buffer, start, i, ISO_8859_1);
                start += i + 1;
                return line.endsWith("\r") ? line.substring(0, line.length() - 1) : line;
            }
        }
    }

    private void need() throws IOException {
        if (!fill()) {
            throw new EOFException("the client left in the middle of a request");
        }
    }

    private boolean fill() throws IOException {
        if (start == end) {
            start = 0;
            end = 0;
        } else if (end == buffer.length && start > 0) {
            System.arraycopy(buffer, start, buffer, 0, end - start);
            end -= start;
            start = 0;
        } else if (end == buffer.length) {
            if (buffer.length >= MOST) {
                throw new IOException("a request of more than " + MOST + " bytes");
            }
            buffer = Arrays.copyOf(buffer, buffer.length * 2);
        }
        int count = in.read(buffer, end, buffer.length - end);
        if (count > 0) {
            end += count;
        }
        return count > 0;
    }
}
