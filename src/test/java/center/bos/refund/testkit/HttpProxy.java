// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;

/** An HTTP proxy that takes CONNECT alone: it answers the first ones with these statuses, and lets the others through. */
public final class HttpProxy implements AutoCloseable {
    private static final String END_OF_HEAD = "\r\n\r\n";

    private final ServerSocket door;
    private final ConcurrentLinkedQueue<Integer> refusals = new ConcurrentLinkedQueue<>();
    private final AtomicInteger refused = new AtomicInteger();
    private final AtomicInteger tunnels = new AtomicInteger();

    private HttpProxy() throws IOException {
        door = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
    }

    /** Starts a proxy on a free port. */
    public static HttpProxy start(Integer... refusals) {
        try {
            HttpProxy proxy = new HttpProxy();
            proxy.refusals.addAll(java.util.List.of(refusals));
            run(proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The address for {@code bos.proxy.url}. */
    public String url() {
        return "http://127.0.0.1:" + door.getLocalPort();
    }

    /** How many CONNECTs were refused. */
    public int refused() {
        return refused.get();
    }

    /** How many connections went through. */
    public int tunnels() {
        return tunnels.get();
    }

    @Override
    public void close() {
        try {
            door.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Work {
        void run() throws IOException;
    }

    private static void run(Work work) {
        Thread thread = new Thread(() -> {
            try {
                work.run();
            } catch (IOException closed) {
                // by either end
            }
        }, "http-proxy");
        thread.setDaemon(true);
        thread.start();
    }

    private void accept() throws IOException {
        while (true) {
            Socket client = door.accept();
            run(() -> serve(client));
        }
    }

    private void serve(Socket client) throws IOException {
        try (client) {
            String head = head(client.getInputStream());
            Integer refusal = head.startsWith("CONNECT ") ? refusals.poll() : Integer.valueOf(405);
            if (refusal != null) {
                refused.incrementAndGet();
                answer(client, refusal + " Refused");
                return;
            }
            String[] target = head.split(" ")[1].split(":");
            try (Socket server = new Socket(target[0], Integer.parseInt(target[1]))) {
                tunnels.incrementAndGet();
                answer(client, "200 Connected");
                run(() -> pass(server, client));
                pass(client, server);
            }
        }
    }

    private static void pass(Socket from, Socket to) throws IOException {
        try (from; to) {
            from.getInputStream().transferTo(to.getOutputStream());
        }
    }

    private static void answer(Socket client, String status) throws IOException {
        OutputStream out = client.getOutputStream();
        out.write(("HTTP/1.1 " + status + "\r\n" + (status.startsWith("200") ? "" : "Content-Length: 0\r\n") + "\r\n")
                .getBytes(StandardCharsets.ISO_8859_1));
        out.flush();
    }

    private static String head(InputStream in) throws IOException {
        StringBuilder head = new StringBuilder();
        for (int c = in.read(); c >= 0; c = in.read()) {
            head.append((char) c);
            if (head.indexOf(END_OF_HEAD) >= 0) {
                return head.toString();
            }
        }
        throw new IOException("closed");
    }
}
