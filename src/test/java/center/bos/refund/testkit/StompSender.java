// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** Sends messages by STOMP 1.2, as a script does: it has no message ids. */
public final class StompSender implements AutoCloseable {
    private static final int TIMEOUT = 20_000;

    private final Socket socket;
    private final OutputStream out;
    private final BufferedReader in;

    /** Connects and logs in. */
    public StompSender(BrokerProcess broker) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), broker.port());
        socket.setSoTimeout(TIMEOUT);
        out = socket.getOutputStream();
        in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
        write("CONNECT", Map.of("accept-version", "1.2", "host", "localhost", "login", BrokerProcess.USER, "passcode",
                BrokerProcess.PASSWORD), "");
        expect("CONNECTED");
    }

    /** Sends a text to a queue; returns when the broker has it. */
    public void send(String queue, Map<String, String> headers, String text) throws IOException {
        Map<String, String> all = new LinkedHashMap<>(headers);
        all.put("destination", queue);
        all.put("destination-type", "ANYCAST");
        all.put("persistent", "true");
        all.put("receipt", "sent");
        write("SEND", all, text);
        expect("RECEIPT");
    }

    private void write(String command, Map<String, String> headers, String body) throws IOException {
        StringBuilder frame = new StringBuilder(command).append('\n');
        headers.forEach((name, value) -> frame.append(name).append(':').append(value).append('\n'));
        out.write(frame.append('\n').append(body).append('\0').toString().getBytes(StandardCharsets.UTF_8));
        out.flush();
    }

    private void expect(String command) throws IOException {
        StringBuilder frame = new StringBuilder();
        for (int character = in.read(); character > 0; character = in.read()) {
            frame.append((char) character);
        }
        if (!frame.toString().strip().startsWith(command)) {
            throw new IOException("expected " + command + ", got " + frame);
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
