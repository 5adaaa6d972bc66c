// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;

/** One keep-alive connection to a server, to see what it does at byte level. */
final class RawClient implements Closeable {

    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(20_000);
        in = socket.getInputStream();
        out = socket.getOutputStream();
    }

    void sendRefund(String token, String referenceid, String ackno) throws IOException {
        String body = "{\"referenceid\":" + referenceid + ",\"ackno\":" + ackno + "}";
        send("POST /api/BOS/RefundOTP HTTP/1.1\r\nHost: bos\r\nAuthorization: Bearer " + token
                + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
    }

    void send(String bytes) throws IOException {
        out.write(bytes.getBytes(UTF_8));
        out.flush();
    }

    /** The next byte, or -1 at the end of the stream. */
    int read() throws IOException {
        return in.read();
    }

    /** Head and body of one answer that says its length. */
    String readAnswer() throws IOException {
        ByteArrayOutputStream head = new ByteArrayOutputStream();
        while (!head.toString(ISO_8859_1).endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("the stream ended after: " + head);
            }
            head.write(next);
        }
        String text = head.toString(ISO_8859_1);
        int at = text.indexOf("Content-Length: ") + "Content-Length: ".length();
        int length = Integer.parseInt(text.substring(at, text.indexOf('\r', at)));
        return text + new String(in.readNBytes(length), UTF_8);
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
