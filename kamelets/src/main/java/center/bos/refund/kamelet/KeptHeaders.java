// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.kamelet;

import java.util.HashMap;
import java.util.Map;

import org.apache.camel.Exchange;

/** Saves the caller's headers, which must not be sent, and restores them after the call. */
final class KeptHeaders {
    private static final String PROPERTY = "BosKameletHeaders";

    private KeptHeaders() {
    }

    static void keep(Exchange exchange) {
        exchange.setProperty(PROPERTY, new HashMap<>(exchange.getMessage().getHeaders()));
    }

    static void giveBack(Exchange exchange) {
        Map<?, ?> headers = (Map<?, ?>) exchange.removeProperty(PROPERTY);
        exchange.getMessage().removeHeaders("*");
        if (headers != null) {
            headers.forEach((name, value) -> exchange.getMessage().setHeader((String) name, value));
        }
    }
}
