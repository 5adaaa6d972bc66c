// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulator;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.component.platform.http.vertx.HttpMessage;

import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.vertx.core.net.impl.ConnectionBase;

/** Resets the caller's connection instead of answering. */
@Singleton
@Named("simulatorReset")
public final class ConnectionReset implements Processor {

    /** Closes the connection that the message came over with a TCP reset. */
    @Override
    public void process(Exchange exchange) {
        var request = exchange.getMessage(HttpMessage.class).getRequest();
        // only the Netty channel can be told not to linger, which is what makes the close a reset
        Channel channel = ((ConnectionBase) request.connection()).channel();
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        // from the head of the pipeline, because HTTP/2 would send GOAWAY and an answer first
        channel.pipeline().firstContext().close();
    }
}
