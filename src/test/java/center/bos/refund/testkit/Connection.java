// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** One client's connection, on a thread of its own. */
final class Connection implements Runnable {
    private static final int LONGEST_END_SECONDS = 10;

    private final BosServer server;
    private final Socket socket;
    private final int number;
    private final CountDownLatch ended = new CountDownLatch(1);
    private boolean idle;
    private boolean answering;
    private boolean last;
    private boolean closed;

    Connection(BosServer server, Socket socket, int number) {
        this.server = server;
        this.socket = socket;
        this.number = number;
    }

    @Override
    public void run() {
        try {
            socket.setTcpNoDelay(true);
            Socket plain = server.tls() == null ? socket : handshake(server.tls());
            OutputStream out = plain.getOutputStream();
            RequestReader reader = new RequestReader(plain.getInputStream(), out);
            boolean open = true;
            while (open && becomeIdle() && reader.awaitRequest() && becomeBusy()) {
                open = serve(reader.read(), out);
            }
        } catch (IOException clientLeft) {
            // a client that goes away is an ordinary end
        } finally {
            close();
            server.left(this);
            ended.countDown();
        }
    }

    /** Waits until a connection that closes with its last answer has done so. */
    void awaitEnd() {
        try {
            ended.await(LONGEST_END_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Closes the connection if it waits for a request, or as soon as its last answer is out, and says whether it does. */
    synchronized boolean closeIfIdle() {
        if (closed || !idle && !answering) {
            return false;
        }
        last = true;
        if (idle) {
            close();
        }
        return true;
    }

    synchronized void close() {
        closed = true;
        try {
            socket.close();
        } catch (IOException alreadyGone) {
            // nothing is left to close
        }
    }

    private boolean serve(Request request, OutputStream out) throws IOException {
        if (!server.isRefund(request.head())) {
            return deliver(server.answer(request), request, out, this::beginAnswer);
        }
        InFlight.Stay stay = server.inFlight().enter();
        try {
            return deliver(server.answerRefund(request, number), request, out, () -> {
                stay.leave();
                beginAnswer();
            });
        } finally {
            stay.leave();
        }
    }

    private boolean deliver(Reply asked, Request request, OutputStream out, Runnable done) throws IOException {
        if (!asked.delay().isZero()) {
            pause(asked.delay());
        }
        Reply reply = server.drains() ? asked.withHeader("Connection", "close") : asked;
        reply.writeTo(out, this::pause, done);
        switch (reply.ending()) {
            case KEEP -> {
                return request.head().keepAlive();
            }
            case RESET -> socket.setSoLinger(true, 0);
            case HANG -> socket.getInputStream().transferTo(OutputStream.nullOutputStream());
            case CLOSE -> {
                // the thread closes it at its end
            }
        }
        return false;
    }

    private synchronized boolean becomeIdle() {
        idle = true;
        answering = false;
        return !closed && !last && !server.refusesConnections();
    }

    private synchronized void beginAnswer() {
        answering = true;
    }

    private synchronized boolean becomeBusy() {
        idle = false;
        return !closed;
    }

    private void pause(Duration duration) throws IOException {
        if (server.awaitClose(duration)) {
            throw new IOException("the server closes");
        }
    }

    private SSLSocket handshake(Tls tls) throws IOException {
        SSLContext context = tls.context();
        SSLSocket secure = (SSLSocket) context.getSocketFactory().createSocket(socket,
                socket.getInetAddress().getHostAddress(), socket.getPort(), true);
        secure.setUseClientMode(false);
        secure.setNeedClientAuth(tls.needsClientCertificate());
        secure.startHandshake();
        return secure;
    }
}
