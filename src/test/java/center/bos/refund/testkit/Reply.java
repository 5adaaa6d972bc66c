// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What the server does with one request once it was read: an answer, or one of the ways not to give it. */
public final class Reply {

    /** How the connection goes on after the reply. */
    enum Ending {
        KEEP, CLOSE, RESET, HANG
    }

    private static final int BLOCK = 8192;
    /** Of a reply whose body is all that is sent. */
    private static final int RAW = -1;
    private static final Reply SUCCESS = code(200, 1);

    private final int status;
    private final String contentType;
    private final List<Header> headers;
    private final byte[] body;
    private final long contentLength;
    private final long padding;
    private final Duration perByte;
    private final Duration delay;
    private final Ending ending;
    private byte[] wire;

    private Reply(int status, String contentType, List<Header> headers, byte[] body, long contentLength, long padding,
            Duration perByte, Duration delay, Ending ending) {
        this.status = status;
        this.contentType = contentType;
        this.headers = headers;
        this.body = body;
        this.contentLength = contentLength;
        this.padding = padding;
        this.perByte = perByte;
        this.delay = delay;
        this.ending = ending;
    }

    /** HTTP 200 and code 1, as BOS documents it. */
    public static Reply success() {
        return SUCCESS;
    }

    /** An answer with that body as JSON. */
    public static Reply json(int status, String body) {
        return answer(status, "application/json", body);
    }

    /** An answer with those bytes, whatever they are. */
    public static Reply bytes(int status, String contentType, byte[] body) {
        return new Reply(status, contentType, List.of(), body.clone(), body.length, 0, Duration.ZERO, Duration.ZERO,
                Ending.KEEP);
    }

    /** An answer of BOS with that code and its message; the field status is true for code 1 alone. */
    public static Reply code(int httpStatus, int code) {
        return json(httpStatus, "{\"status\":" + (code == 1) + ",\"response_code\":" + code + ",\"message\":\""
                + message(code) + "\"}");
    }

    /** An answer of the token endpoint that is a failure, with HTTP 200 or any other status. */
    public static Reply tokenError(int httpStatus, String subCode, String message) {
        return json(httpStatus,
                "{\"status\":\"ERROR\",\"subCode\":\"" + subCode + "\",\"message\":\"" + message + "\"}");
    }

    /** An HTML page, as an edge gives it to an address that is not allowed. */
    public static Reply html(int status) {
        return answer(status, "text/html; charset=utf-8",
                "<!DOCTYPE html><html><head><title>" + status + "</title></head><body>Request blocked</body></html>");
    }

    /** An answer without a body. */
    public static Reply empty(int status) {
        return answer(status, null, "");
    }

    /** A success whose message is padded to a body of that many bytes. */
    public static Reply huge(long bytes) {
        byte[] opening = "{\"status\":true,\"response_code\":1,\"message\":\"".getBytes(UTF_8);
        long padding = Math.max(0, bytes - opening.length - 2);
        return new Reply(200, "application/json", List.of(), opening, opening.length + padding + 2, padding,
                Duration.ZERO, Duration.ZERO, Ending.KEEP);
    }

    /** HTTP 200 whose body comes one byte at a time. */
    public static Reply drip(String body, Duration perByte) {
        byte[] bytes = body.getBytes(UTF_8);
        return new Reply(200, "application/json", List.of(), bytes, bytes.length, 0, perByte, Duration.ZERO,
                Ending.KEEP);
    }

    /** Those bytes, whatever they are, in place of an answer, one at a time if that takes time. */
    public static Reply raw(String wire, Duration perByte) {
        return new Reply(RAW, null, List.of(), wire.getBytes(ISO_8859_1), 0, 0, perByte, Duration.ZERO, Ending.KEEP);
    }

    /** HTTP 200 that announces 100 bytes more than it sends before the connection closes. */
    public static Reply truncated(String body) {
        byte[] bytes = body.getBytes(UTF_8);
        return new Reply(200, "application/json", List.of(), bytes, bytes.length + 100L, 0, Duration.ZERO,
                Duration.ZERO, Ending.CLOSE);
    }

    /** Resets the connection (RST) in place of an answer. */
    public static Reply reset() {
        return silence(Ending.RESET);
    }

    /** Closes the connection (FIN) in place of an answer. */
    public static Reply closeWithoutAnswer() {
        return silence(Ending.CLOSE);
    }

    /** Never answers; holds the connection until the client or the server closes it. */
    public static Reply hang() {
        return silence(Ending.HANG);
    }

    /** The same with one more header; {@code Connection: close} also closes the connection. */
    public Reply withHeader(String name, String value) {
        List<Header> more = new ArrayList<>(headers);
        more.add(new Header(name, value));
        boolean closes = name.equalsIgnoreCase("Connection") && value.equalsIgnoreCase("close");
        return new Reply(status, contentType, List.copyOf(more), body, contentLength, padding, perByte, delay,
                closes && ending == Ending.KEEP ? Ending.CLOSE : ending);
    }

    /** The same, that much later. */
    public Reply after(Duration delay) {
        return new Reply(status, contentType, headers, body, contentLength, padding, perByte, delay, ending);
    }

    /** The same, and then the connection closes although no header announced it. */
    public Reply thenClose() {
        return new Reply(status, contentType, headers, body, contentLength, padding, perByte, delay, Ending.CLOSE);
    }

    /** The same, its status line and headers included, one byte at a time. */
    public Reply dripping(Duration perByte) {
        return raw(new String(wire(), ISO_8859_1), perByte);
    }

    /** The same, and at once a second time. */
    public Reply twice() {
        return raw(new String(wire(), ISO_8859_1).repeat(2), Duration.ZERO);
    }

    Duration delay() {
        return delay;
    }

    Ending ending() {
        return ending;
    }

    /** Writes the reply; runs {@code done} before its last bytes leave, since the client may go on from there. */
    void writeTo(OutputStream out, Pause pause, Runnable done) throws IOException {
        if (status == 0) {
            if (ending != Ending.HANG) {
                done.run();
            }
        } else if (padding > 0) {
            writePadded(out, done);
        } else if (!perByte.isZero() && body.length > 0) {
            writeDripping(out, pause, done);
        } else {
            byte[] all = wire();
            done.run();
            out.write(all);
        }
        out.flush();
    }

    private void writePadded(OutputStream out, Runnable done) throws IOException {
        out.write(head());
        out.write(body);
        byte[] block = new byte[BLOCK];
        Arrays.fill(block, (byte) 'x');
        for (long left = padding; left > 0; left -= BLOCK) {
            out.write(block, 0, (int) Math.min(left, BLOCK));
        }
        done.run();
        out.write("\"}".getBytes(UTF_8));
    }

    private void writeDripping(OutputStream out, Pause pause, Runnable done) throws IOException {
        out.write(head());
        for (int i = 0; i < body.length; i++) {
            out.flush();
            pause.of(perByte);
            if (i == body.length - 1) {
                done.run();
            }
            out.write(body[i]);
        }
    }

    private synchronized byte[] wire() {
        if (wire == null) {
            byte[] head = head();
            byte[] all = Arrays.copyOf(head, head.length + body.length);
            System.arraycopy(body, 0, all, head.length, body.length);
            wire = all;
        }
        return wire;
    }

    private byte[] head() {
        if (status == RAW) {
            return new byte[0];
        }
        StringBuilder head = new StringBuilder("HTTP/1.1 ").append(status).append(" Stand-in\r\n");
        if (contentType != null) {
            head.append("Content-Type: ").append(contentType).append("\r\n");
        }
        head.append("Content-Length: ").append(contentLength).append("\r\n");
        for (Header header : headers) {
            head.append(header.name()).append(": ").append(header.value()).append("\r\n");
        }
        return head.append("\r\n").toString().getBytes(ISO_8859_1);
    }

    private static Reply answer(int status, String contentType, String body) {
        byte[] bytes = body.getBytes(UTF_8);
        return new Reply(status, contentType, List.of(), bytes, bytes.length, 0, Duration.ZERO, Duration.ZERO,
                Ending.KEEP);
    }

    private static Reply silence(Ending ending) {
        return new Reply(0, null, List.of(), new byte[0], 0, 0, Duration.ZERO, Duration.ZERO, ending);
    }

    private static String message(int code) {
        return switch (code) {
            case 1 -> "Refund Otp Successfully Sent.";
            case 2 -> "Transaction not found or already refunded";
            case 3 -> "No record found";
            case 4 -> "Validation error";
            case 5 -> "Unable to resend OTP";
            case 6, 7, 18 -> "Authentication failed";
            default -> "Response code " + code;
        };
    }
}
