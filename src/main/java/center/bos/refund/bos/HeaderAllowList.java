package center.bos.refund.bos;

import java.util.Locale;
import java.util.Set;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;

import org.apache.camel.Exchange;
import org.apache.camel.spi.HeaderFilterStrategy;

/** The only headers that leave for a server, and the only ones that are read from its answer. */
public final class HeaderAllowList implements HeaderFilterStrategy {
    private static final Set<String> READ = Set.of("retry-after", "content-type");

    private final Set<String> sent;

    private HeaderAllowList(String... sent) {
        this.sent = Set.of(sent);
    }

    /** What a RefundOTP request carries. */
    @Produces
    @ApplicationScoped
    @Named("bosHeaders")
    static HeaderFilterStrategy bos() {
        return new HeaderAllowList("authorization", "content-type", "accept");
    }

    /** What an authorize request carries. */
    @Produces
    @ApplicationScoped
    @Named("tokenHeaders")
    static HeaderFilterStrategy token() {
        return new HeaderAllowList("accept", "x-client-id", "x-client-secret", "x-cf-signature");
    }

    @Override
    public boolean applyFilterToCamelHeaders(String name, Object value, Exchange exchange) {
        return !sent.contains(name.toLowerCase(Locale.ROOT));
    }

    @Override
    public boolean applyFilterToExternalHeaders(String name, Object value, Exchange exchange) {
        return !READ.contains(name.toLowerCase(Locale.ROOT));
    }
}
