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
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

/** A wire to a server that can be cut when the client has sent a certain text, before or after the server acts on it. */
public final class CutWire implements AutoCloseable {
    private static final int BUFFER = 1 << 16;
    private static final Duration ACTS = Duration.ofSeconds(60);

    private final ServerSocket door;
    private final int port;
    private final AtomicReference<Cut> cut = new AtomicReference<>();
    private final AtomicInteger cuts = new AtomicInteger();

    private record Cut(String text, boolean delivered) {
    }

    private CutWire(int port) {
        this.port = port;
        try {
            door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        thread(this::accept);
    }

    /** A wire to that port of this machine. */
    public static CutWire to(int port) {
        return new CutWire(port);
    }

    /** The port to use in place of the server's. */
    public int port() {
        return door.getLocalPort();
    }

    /** Cuts the connection on which that text is sent next: the server gets it and acts, and its answer is lost. */
    public void cutAfter(String text) {
        cut.set(new Cut(text, true));
    }

    /** Cuts the connection on which that text is sent next, before the server gets it. */
    public void cutBefore(String text) {
        cut.set(new Cut(text, false));
    }

    /** How often it was cut. */
    public int cuts() {
        return cuts.get();
    }

    private void accept() {
        while (true) {
            try {
                Socket client = door.accept();
                Socket server = new Socket(InetAddress.getLoopbackAddress(), port);
                CountDownLatch over = new CountDownLatch(1);
                thread(() -> forward(client, server, over));
                thread(() -> answer(server, client, over));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void forward(Socket client, Socket server, CountDownLatch over) {
        try (client; server) {
            InputStream in = client.getInputStream();
            OutputStream out = server.getOutputStream();
            byte[] buffer = new byte[BUFFER];
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                Cut next = cut.get();
                boolean cutNow = next != null
                        && new String(buffer, 0, read, StandardCharsets.ISO_8859_1).contains(next.text())
                        && cut.compareAndSet(next, null);
                if (cutNow) {
                    cuts.incrementAndGet();
                    client.shutdownOutput(); // what the server says now is lost
                }
                if (!cutNow || next.delivered()) {
                    out.write(buffer, 0, read);
                    out.flush();
                }
                if (cutNow) {
                    if (next.delivered()) {
                        over.await(ACTS.toSeconds(), TimeUnit.SECONDS); // with the answer that cannot be passed on
                    }
                    return;
                }
            }
        } catch (IOException e) {
            // one end is gone
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void answer(Socket server, Socket client, CountDownLatch over) {
        try (server; client) {
            server.getInputStream().transferTo(client.getOutputStream());
        } catch (IOException e) {
            // one end is gone
        } finally {
            over.countDown();
        }
    }

    private static void thread(Runnable task) {
        Thread thread = new Thread(task, "cut-wire");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() {
        try {
            door.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
