// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.call;

import jakarta.inject.Singleton;

import org.apache.camel.impl.engine.DefaultTracer;

/** Camel's tracer, limited to the place of a message: it shows neither headers nor body. */
@Singleton
public class PlaceTracer extends DefaultTracer {
    PlaceTracer() {
        setExchangeFormatter(exchange -> exchange.getExchangeId());
    }
}
