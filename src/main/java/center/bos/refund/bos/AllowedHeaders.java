// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import java.util.Locale;
import java.util.Set;

import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;

/** The only headers that leave for each server, and the only ones that are read from its answers. */
@Singleton
public class AllowedHeaders {
    private static final Set<String> READ = Set.of("retry-after", "content-type", "date");

    /** What a RefundOTP request carries. */
    @Produces
    @Singleton
    @Named("bosHeaders")
    HeaderFilterStrategy bos() {
        return new AllowList(Set.of("authorization", "content-type", "accept"));
    }

    /** What an authorize request carries. */
    @Produces
    @Singleton
    @Named("tokenHeaders")
    HeaderFilterStrategy token() {
        return new AllowList(Set.of("accept", "x-client-id", "x-client-secret", "x-cf-signature"));
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
