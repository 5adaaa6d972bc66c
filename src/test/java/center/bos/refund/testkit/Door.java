// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.function.Consumer;

/** The listening socket; shut, it refuses connections, and its port stays taken for as long as the server lives. */
final class Door implements AutoCloseable {

    private static final int BACKLOG = 4096;

    private final Consumer<Socket> guests;
    /** Bound and never listening: nobody else gets the port meanwhile, not even as the source of a connection. */
    private final Socket placeholder = new Socket();
    private final InetSocketAddress address;
    private ServerSocket listener;
    private Thread acceptor;

    Door(int port, Consumer<Socket> guests) throws IOException {
        this.guests = guests;
        placeholder.setReuseAddress(true);
        placeholder.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        address = (InetSocketAddress) placeholder.getLocalSocketAddress();
        open();
    }

    int port() {
        return address.getPort();
    }

    synchronized void open() throws IOException {
        if (listener != null) {
            return;
        }
        ServerSocket socket = new ServerSocket();
        socket.setReuseAddress(true);
        socket.bind(address, BACKLOG);
        listener = socket;
        acceptor = new Thread(() -> accept(socket), "bos-accept-" + address.getPort());
        acceptor.setDaemon(true);
        acceptor.start();
    }

    synchronized void shut() throws IOException {
        if (listener == null) {
            return;
        }
        listener.close();
        listener = null;
        try {
            // the kernel listens until the thread has left its accept
            acceptor.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public synchronized void close() throws IOException {
        shut();
        placeholder.close();
    }

    private void accept(ServerSocket socket) {
        while (!socket.isClosed()) {
            try {
                guests.accept(socket.accept());
            } catch (IOException closedOrReset) {
                // closed: the loop ends; a client that left before it was accepted: the next
            }
        }
    }
}
