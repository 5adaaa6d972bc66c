// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.call;

import jakarta.inject.Singleton;

import org.apache.camel.impl.engine.DefaultTracer;

/** Camel's tracer, should somebody turn it on: it says where a message is, and nothing of its headers and body. */
@Singleton
public class PlaceTracer extends DefaultTracer {
    PlaceTracer() {
        setExchangeFormatter(exchange -> exchange.getExchangeId());
    }
}
