// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.net.Proxy;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.atomic.AtomicBoolean;

import javax.net.ssl.SSLSocket;

import org.apache.hc.client5.http.io.ManagedHttpClientConnection;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.config.Http1Config;
import org.apache.hc.core5.http.impl.io.DefaultBHttpClientConnection;
import org.apache.hc.core5.http.impl.io.SocketHolder;
import org.apache.hc.core5.http.io.SessionInputBuffer;
import org.apache.hc.core5.io.CloseMode;
import org.apache.hc.core5.util.Timeout;

import center.bos.refund.model.NotSentException;

/**
 * A connection that is checked before each reuse: one that the server closed, or that received unsolicited data, is not used again.
 * HttpClient's own check waits a millisecond for data, and takes an unsolicited answer for that of the next request. A request
 * that fails while it is written counts as not sent.
 */
final class BosConnection extends DefaultBHttpClientConnection implements ManagedHttpClientConnection {
    /** Limit for an answer's head; a larger one is not from BOS. */
    private static final Http1Config LIMITS = Http1Config.custom().setMaxLineLength(16 * 1024).setMaxHeaderCount(200)
            .build();

    private final AtomicBoolean closed = new AtomicBoolean();
    private Timeout timeout = Timeout.DISABLED;
    /** Idle time by the monotonic clock; the pool uses the wall clock, which may be set back. */
    private long idleSince = System.nanoTime();
    /** Data that was read beyond the end of the last answer. */
    private SessionInputBuffer readAhead;

    BosConnection() {
        super(LIMITS);
    }

    /** A socket that can be checked without blocking. */
    static Socket socket(Proxy proxy) throws IOException {
        return proxy == null ? SocketChannel.open().socket() : new Socket(proxy);
    }

    @Override
    public boolean isStale() throws IOException {
        SocketHolder holder = getSocketHolder();
        if (holder == null || System.nanoTime() - idleSince > SingleCallClient.LONGEST_IDLE.toNanoseconds()
                || readAhead != null && readAhead.length() > 0) {
            return true;
        }
        SocketChannel channel = holder.getBaseSocket().getChannel();
        // on a plain socket the check of the channel covers this, without another system call
        if ((channel == null || holder.getSocket() instanceof SSLSocket) && holder.getInputStream().available() > 0) {
            return true;
        }
        if (channel == null) {
            return super.isStale();
        }
        channel.configureBlocking(false);
        try {
            return channel.read(ByteBuffer.allocate(1)) != 0;
        } finally {
            channel.configureBlocking(true);
        }
    }

    @Override
    protected InputStream createContentInputStream(long length, SessionInputBuffer buffer, InputStream in) {
        readAhead = buffer;
        return super.createContentInputStream(length, buffer, in);
    }

    @Override
    public void sendRequestHeader(ClassicHttpRequest request) throws HttpException, IOException {
        try {
            super.sendRequestHeader(request);
        } catch (IOException e) {
            throw brokenOff(e);
        }
    }

    @Override
    public void sendRequestEntity(ClassicHttpRequest request) throws HttpException, IOException {
        try {
            super.sendRequestEntity(request);
        } catch (IOException e) {
            throw brokenOff(e);
        }
    }

    @Override
    public void flush() throws IOException {
        try {
            super.flush();
        } catch (IOException e) {
            throw brokenOff(e);
        }
    }

    /** Only if the server closed it: if this side did, the request may have been written before. */
    private IOException brokenOff(IOException e) {
        return isOpen() && !Thread.currentThread().isInterrupted()
                ? new NotSentException("the connection broke while the request was written", e)
                : e;
    }

    @Override
    public void bind(Socket socket) throws IOException {
        bind(new SocketHolder(socket));
    }

    @Override
    public void bind(SSLSocket secure, Socket plain) throws IOException {
        bind(new SocketHolder(secure, plain));
    }

    @Override
    protected void bind(SocketHolder holder) throws IOException {
        if (closed.get()) {
            holder.getBaseSocket().close();
            throw new InterruptedIOException("closed while it was made");
        }
        super.bind(holder);
        timeout = Timeout.ofMilliseconds(holder.getSocket().getSoTimeout());
    }

    @Override
    public Socket getSocket() {
        SocketHolder holder = getSocketHolder();
        return holder == null ? null : holder.getSocket();
    }

    @Override
    public void setSocketTimeout(Timeout newTimeout) {
        timeout = newTimeout;
        super.setSocketTimeout(newTimeout);
    }

    @Override
    public void passivate() {
        idleSince = System.nanoTime();
        super.setSocketTimeout(Timeout.DISABLED);
    }

    @Override
    public void activate() {
        super.setSocketTimeout(timeout);
    }

    @Override
    public void close() throws IOException {
        if (closed.compareAndSet(false, true)) {
            super.close();
        }
    }

    @Override
    public void close(CloseMode mode) {
        closed.set(true);
        super.close(mode);
    }
}
