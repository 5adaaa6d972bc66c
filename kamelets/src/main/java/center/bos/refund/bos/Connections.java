// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import java.util.List;

import javax.net.ssl.SSLContext;

import org.apache.hc.client5.http.DnsResolver;
import org.apache.hc.client5.http.SchemePortResolver;
import org.apache.hc.client5.http.config.ConnectionConfig;
import org.apache.hc.client5.http.impl.io.DefaultHttpClientConnectionOperator;
import org.apache.hc.client5.http.impl.io.PoolingHttpClientConnectionManagerBuilder;
import org.apache.hc.client5.http.io.HttpClientConnectionManager;
import org.apache.hc.client5.http.io.HttpClientConnectionOperator;
import org.apache.hc.client5.http.ssl.DefaultClientTlsStrategy;
import org.apache.hc.client5.http.ssl.TlsSocketStrategy;
import org.apache.hc.core5.http.URIScheme;
import org.apache.hc.core5.http.config.RegistryBuilder;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The connections to BOS and its token endpoint: as many as there may be calls, checked before use when they were idle. */
public class Connections {
    /** A server that closed an idle connection makes the next request's fate unknown, so each is looked at before use. */
    private static final TimeValue CHECKED_AFTER_IDLE = TimeValue.ofMilliseconds(0);
    private static final TimeValue LONGEST_LIFE = TimeValue.ofMinutes(5);
    /** Calls to the token endpoint that may be under way beside those to BOS. */
    private static final int TOKEN_CALLS = 2;

    /** Other programs take these for the way out. */
    private static final List<String> NOT_READ = List.of("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy");
    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

    private final ConnectionSettings bos;
    private final int calls;
    private SSLContext tls;

    /** For so many calls to BOS at a time. */
    public Connections(ConnectionSettings bos, int calls) {
        this.bos = bos;
        this.calls = calls;
    }

    /**
     * Finds out, before anything is accepted, whether the files of {@code bos.tls.*} can be used.
     *
     * @throws IllegalArgumentException if one cannot; the message names its key
     */
    public void check() {
        tls();
        if (bos.proxy().url().isEmpty()) {
            NOT_READ.stream().filter(name -> System.getenv(name) != null).findFirst().ifPresent(name -> LOG.warn(
                    "{} is set and is not read: set bos.proxy.url if calls are to go through a proxy", name));
        }
    }

    private synchronized SSLContext tls() {
        if (tls == null) {
            tls = TlsContext.of(bos.tls());
        }
        return tls;
    }

    /** A new pool of such connections. */
    public HttpClientConnectionManager pool() {
        ConnectionConfig settings = ConnectionConfig.custom()
                .setConnectTimeout(Timeout.of(bos.timeout().connect()))
                .setSocketTimeout(Timeout.of(bos.timeout().connect())).setValidateAfterInactivity(CHECKED_AFTER_IDLE)
                .setTimeToLive(LONGEST_LIFE).build();
        int most = calls + TOKEN_CALLS;
        return new LookedAt().setConnectionFactory(socket -> new BosConnection()).setDefaultConnectionConfig(settings)
                .setTlsSocketStrategy(new DefaultClientTlsStrategy(tls())).setMaxConnPerRoute(most)
                .setMaxConnTotal(2 * most).build();
    }

    /** Makes the sockets of which {@link BosConnection} can tell whether the server closed them. */
    private static final class LookedAt extends PoolingHttpClientConnectionManagerBuilder {
        @Override
        protected HttpClientConnectionOperator createConnectionOperator(SchemePortResolver ports, DnsResolver names,
                TlsSocketStrategy tls) {
            return new DefaultHttpClientConnectionOperator(BosConnection::socket, ports, names,
                    RegistryBuilder.<TlsSocketStrategy>create().register(URIScheme.HTTPS.id, tls).build());
        }
    }
}
