// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import java.util.Locale;
import java.util.Set;

import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;

/** The allow-lists of headers that are sent to each server and read from its answers. */
public final class AllowedHeaders {
    private static final Set<String> READ = Set.of("retry-after", "content-type", "date");

    private AllowedHeaders() {
    }

    /** Headers of a RefundOTP request. */
    public static HeaderFilterStrategy bos() {
        return new AllowList(Set.of("authorization", "content-type", "accept"));
    }

    /** Headers of an authorize request. */
    public static HeaderFilterStrategy token() {
        return new AllowList(Set.of("accept", "x-client-id", "x-client-secret", "x-cf-signature"));
    }

    /** Headers of a request to a running service. */
    public static HeaderFilterStrategy service() {
        return new AllowList(Set.of("authorization", "content-type", "accept", "idempotency-key"));
    }

    private record AllowList(Set<String> sent) implements HeaderFilterStrategy {
        @Override
        public boolean applyFilterToCamelHeaders(String name, Object value, Exchange exchange) {
            return !sent.contains(name.toLowerCase(Locale.ROOT));
        }

        @Override
        public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
            return !READ.contains(name.toLowerCase(Locale.ROOT));
        }
    }
}
