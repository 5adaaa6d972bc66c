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

/** The connection pool for BOS and its token endpoint: one for each call that may be in flight; idle ones are checked before use. */
public class Connections {
    /** If the server closed an idle connection, the next request on it would be in doubt, so each is checked before use. */
    private static final TimeValue CHECKED_AFTER_IDLE = TimeValue.ofMilliseconds(0);
    private static final TimeValue LONGEST_LIFE = TimeValue.ofMinutes(5);
    /** Connections for the token endpoint in addition to those for BOS. */
    private static final int TOKEN_CALLS = 2;

    /** The proxy variables that other programs read. */
    private static final List<String> NOT_READ = List.of("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy");
    private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

    private final ConnectionSettings bos;
    private final int calls;
    private SSLContext tls;

    /** Connections for so many calls at a time. */
    public Connections(ConnectionSettings bos, int calls) {
        this.bos = bos;
        this.calls = calls;
    }

    /**
     * Checks the files of {@code bos.tls.*} before anything is accepted.
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

    /** A new pool. */
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

    /** Makes sockets for which {@link BosConnection} can tell whether the server closed them. */
    private static final class LookedAt extends PoolingHttpClientConnectionManagerBuilder {
        @Override
        protected HttpClientConnectionOperator createConnectionOperator(SchemePortResolver ports, DnsResolver names,
                TlsSocketStrategy tls) {
            return new DefaultHttpClientConnectionOperator(BosConnection::socket, ports, names,
                    RegistryBuilder.<TlsSocketStrategy>create().register(URIScheme.HTTPS.id, tls).build());
        }
    }
}
