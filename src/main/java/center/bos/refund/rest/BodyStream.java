// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;

/** The body of a paused request, read piece by piece on the calling thread, so that memory stays flat. */
final class BodyStream extends InputStream {
    private static final int PIECES_AHEAD = 8;
    private static final long LONGEST_SILENCE_SECONDS = 10;
    /** Seconds for any body; each 16 KiB adds one more. */
    private static final long SECONDS = 10;
    private static final long BYTES_A_SECOND = 16 * 1024;
    private static final Buffer END = Buffer.buffer();

    private final HttpServerRequest request;
    private final Reception reception;
    private final long largest;
    private final BlockingQueue<Buffer> pieces = new LinkedBlockingQueue<>();
    private final long begun = System.nanoTime();
    private volatile Throwable failure;
    private Buffer piece = Buffer.buffer();
    private int position;
    private long bytes;

    BodyStream(HttpServerRequest request, long largest, Reception reception) throws Refusal {
        this.request = request;
        this.reception = reception;
        this.largest = largest;
        String length = request.getHeader("Content-Length"); // a number, else the server refuses the request
        if (length != null && Long.parseLong(length) > largest) {
            throw tooLarge();
        }
        if ("100-continue".equalsIgnoreCase(request.getHeader("Expect"))) {
            request.response().writeContinue();
        }
        if (request.isEnded()) {
            pieces.add(END);
            return;
        }
        request.exceptionHandler(cause -> {
            failure = cause;
            pieces.add(END);
        });
        request.handler(pieces::add);
        request.endHandler(end -> pieces.add(END));
        request.pause();
        request.fetch(PIECES_AHEAD);
    }

    @Override
    public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
        while (piece != END && position == piece.length()) {
            next();
        }
        if (piece == END) {
            return -1;
        }
        int count = Math.min(length, piece.length() - position);
        piece.getBytes(position, position + count, target, offset);
        position += count;
        return count;
    }

    private void next() throws IOException {
        try {
            piece = pieces.poll();
            for (int silence = 0; piece == null && silence < LONGEST_SILENCE_SECONDS; silence++) {
                if (reception.isClosed()) {
                    throw new Refusal(503, "the service is stopping; nothing was accepted");
                }
                refuseWhereSlow();
                piece = pieces.poll(1, TimeUnit.SECONDS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refusal(503, "the service is stopping; nothing was accepted");
        }
        position = 0;
        if (piece == null || failure != null) {
            piece = END;
            throw new Refusal(400, "the body did not arrive to its end");
        }
        bytes += piece.length();
        if (bytes > largest) {
            throw tooLarge();
        }
        if (piece != END) {
            refuseWhereSlow();
            askForMore();
        }
    }

    /** A body that arrives byte by byte would block the place of another. */
    private void refuseWhereSlow() throws Refusal {
        if (TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begun) > SECONDS + bytes / BYTES_A_SECOND) {
            throw new Refusal(408, "the body comes slower than 16 KiB a second");
        }
    }

    private Refusal tooLarge() {
        return new Refusal(413, "the body is larger than " + largest + " bytes");
    }

    private void askForMore() {
        try {
            request.fetch(1);
        } catch (IllegalStateException e) {
            // an HTTP/2 request that has ended refuses; its end is among the pieces
        }
    }
}
