// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.util.Set;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;

/**
 * The header filter between HTTP and Camel: no request header or query parameter becomes a message header, because the request is
 * read by the contract; only these headers go out.
 */
@ApplicationScoped
@Named("restHeaders")
class RestHeaders implements HeaderFilterStrategy {
    private static final Set<String> SENT = Set.of("Content-Type", "Content-Length", "Content-Disposition", "Location",
            "Allow", "ETag", "Retry-After", "Connection");

    @Override
    public boolean applyFilterToCamelHeaders(String name, Object value, Exchange exchange) {
        return !SENT.contains(name);
    }

    @Override
    public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
        return true;
    }
}
