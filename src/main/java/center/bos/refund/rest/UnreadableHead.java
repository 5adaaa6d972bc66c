// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.regex.Pattern;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;

import center.bos.refund.problem.Problem;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelPipeline;
import io.netty.handler.codec.TooLongFrameException;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpRequestDecoder;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.netty.util.ReferenceCountUtil;

/** Answers a request whose head cannot be read with a problem document; Vert.x would send only a status. */
final class UnreadableHead extends ChannelInboundHandlerAdapter {
    private static final ObjectWriter JSON = new ObjectMapper().writerFor(Problem.class);
    private static final Pattern BROKEN_ESCAPE = Pattern.compile("%(?![0-9A-Fa-f]{2})");
    private boolean answered;

    /** Adds one behind the handler that reads heads; false if there is none yet. */
    static boolean addTo(ChannelPipeline pipeline) {
        ChannelHandlerContext decoder = pipeline.context(HttpRequestDecoder.class);
        if (decoder != null) {
            pipeline.addAfter(decoder.name(), "unreadable-head", new UnreadableHead());
        }
        return decoder != null;
    }

    @Override
    public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
        boolean unreadable = message instanceof HttpRequest request
                && (request.decoderResult().isFailure() || BROKEN_ESCAPE.matcher(request.uri()).find());
        if (unreadable && !answered) {
            answered = true;
            byte[] answer = answer(((HttpRequest) message).decoderResult().cause());
            context.writeAndFlush(Unpooled.wrappedBuffer(answer)).addListener(ChannelFutureListener.CLOSE);
        }
        if (answered) {
            ReferenceCountUtil.release(message);
        } else {
            super.channelRead(context, message);
        }
    }

    /** The answer as bytes, because the encoder comes behind this handler. */
    private static byte[] answer(Throwable cause) throws JsonProcessingException {
        Problem problem = problem(cause);
        String json = JSON.writeValueAsString(problem);
        return ("HTTP/1.1 " + problem.status() + " " + problem.title() + "\r\nContent-Type: " + Problem.MEDIA_TYPE
                + "\r\nContent-Length: " + json.length() + "\r\nConnection: close\r\n\r\n" + json).getBytes(US_ASCII);
    }

    private static Problem problem(Throwable cause) {
        if (cause instanceof TooLongHttpLineException) {
            return Problem.of(414, "the path with its query is too long");
        }
        return cause instanceof TooLongFrameException
                ? Problem.of(431, "the headers are too long")
                : Problem.of(400, "the request cannot be read");
    }
}
