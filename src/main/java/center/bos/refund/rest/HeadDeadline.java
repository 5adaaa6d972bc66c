// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.eclipse.microprofile.config.ConfigProvider;

import io.netty.bootstrap.ChannelInitializerExtension;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Closes a connection on which the head of the first request is not there in time, however often a byte of it comes, and one
 * that is more than {@code quarkus.http.limits.max-connections}, which Quarkus counts only once something came on it. Netty finds
 * this class where {@value #PROPERTY} says so.
 */
public final class HeadDeadline extends ChannelInitializerExtension {
    /** The system property that lets Netty look for extensions. */
    public static final String PROPERTY = "io.netty.bootstrap.extensions";
    private static final String MOST = "quarkus.http.limits.max-connections";
    private static final long SECONDS = 15;

    private final AtomicInteger open = new AtomicInteger();
    private final int most = ConfigProvider.getConfig().getOptionalValue(MOST, Integer.class).orElse(Integer.MAX_VALUE);

    @Override
    public void postInitializeServerChildChannel(Channel channel) {
        channel.closeFuture().addListener(closed -> open.decrementAndGet());
        channel.pipeline().addFirst("head-deadline", open.incrementAndGet() > most ? new OneTooMany() : new Watch());
    }

    private static final class OneTooMany extends ChannelInboundHandlerAdapter {
        @Override
        public void channelActive(ChannelHandlerContext context) {
            context.close();
        }
    }

    private static final class Watch extends ChannelInboundHandlerAdapter {
        private static final int TLS_HANDSHAKE = 22;
        private static final int FIRST_BYTES = 4;
        private Future<?> deadline;
        private boolean begun;
        private boolean answers;
        private boolean lineIsEmpty;

        @Override
        public void channelActive(ChannelHandlerContext context) throws Exception {
            deadline = context.executor().schedule(() -> context.close(), SECONDS, TimeUnit.SECONDS);
            super.channelActive(context);
        }

        @Override
        public void channelInactive(ChannelHandlerContext context) throws Exception {
            deadline.cancel(false);
            super.channelInactive(context);
        }

        @Override
        public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
            if (!(message instanceof ByteBuf bytes)) {
                super.channelRead(context, message);
                return;
            }
            boolean over = isOver(bytes);
            if (!answers) { // at its first bytes a connection becomes one of HTTP/1.1 or 2
                context.fireChannelRead(bytes.readRetainedSlice(Math.min(FIRST_BYTES, bytes.readableBytes())));
                answers = UnreadableHead.addTo(context.pipeline());
            }
            if (over) {
                deadline.cancel(false);
                context.pipeline().remove(this); // before an upgrade to HTTP/2 does so
            }
            context.fireChannelRead(bytes);
        }

        /** An encrypted head cannot be seen from here; the idle timeout is left for it. */
        private boolean isOver(ByteBuf bytes) {
            for (int i = bytes.readerIndex(); i < bytes.writerIndex(); i++) {
                byte b = bytes.getByte(i);
                if (!begun && b == TLS_HANDSHAKE || begun && lineIsEmpty && b == '\n') {
                    return true;
                }
                begun |= b > ' ';
                lineIsEmpty = b == '\n' || b == '\r' && lineIsEmpty;
            }
            return false;
        }
    }
}
