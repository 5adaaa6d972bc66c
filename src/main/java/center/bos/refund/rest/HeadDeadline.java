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
 * Closes a connection whose first request head does not arrive in time (slowloris), and a connection above
 * {@code quarkus.http.limits.max-connections}, which Quarkus counts only from its first byte on. Netty loads this class if
 * {@value #PROPERTY} is set.
 */
public final class HeadDeadline extends ChannelInitializerExtension {
    /** The system property that makes Netty look for extensions. */
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
            if (!answers) { // the first bytes decide between HTTP/1.1 and 2
                context.fireChannelRead(bytes.readRetainedSlice(Math.min(FIRST_BYTES, bytes.readableBytes())));
                answers = UnreadableHead.addTo(context.pipeline());
            }
            if (over) {
                deadline.cancel(false);
                context.pipeline().remove(this); // before an upgrade to HTTP/2 does so
            }
            context.fireChannelRead(bytes);
        }

        /** An encrypted head cannot be seen here; only the idle timeout covers it. */
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
