// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.SocketException;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Duration;
import java.util.zip.GZIPInputStream;

import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;

import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.hc.client5.http.auth.AuthScope;
import org.apache.hc.client5.http.auth.UsernamePasswordCredentials;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.DefaultConnectionKeepAliveStrategy;
import org.apache.hc.client5.http.impl.auth.BasicCredentialsProvider;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.client5.http.impl.routing.DefaultProxyRoutePlanner;
import org.apache.hc.client5.http.impl.routing.DefaultRoutePlanner;
import org.apache.hc.client5.http.routing.HttpRoutePlanner;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.Header;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpHeaders;
import org.apache.hc.core5.http.HttpHost;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.HttpResponse;
import org.apache.hc.core5.http.HttpStatus;
import org.apache.hc.core5.http.NoHttpResponseException;
import org.apache.hc.core5.http.impl.DefaultConnectionReuseStrategy;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.apache.hc.core5.net.URIAuthority;
import org.apache.hc.core5.util.TimeValue;
import org.apache.hc.core5.util.Timeout;

import center.bos.refund.model.NotSentException;

/**
 * Makes Camel's HTTP client send exactly one request for each call: by default HttpClient 5 repeats a POST on 429 and 503. The whole
 * answer must arrive within {@code bos.timeout.response}, and is cut at 64 KiB. A failure before the request was written is
 * distinguished from one after it.
 */
public class SingleCallClient implements HttpClientConfigurer {
    /** The most bytes of an answer that are read. */
    static final int LARGEST_ANSWER = 64 * 1024;
    private static final String WRITTEN = "bos.written";
    private static final int LONGEST_REASON = 200;
    /**
     * An idle connection is not reused after this time: many servers close theirs after 5 s, and a request that is sent meanwhile
     * is lost.
     */
    static final TimeValue LONGEST_IDLE = TimeValue.ofSeconds(3);

    private static final Duration NO_REUSE = Duration.ofMinutes(1);

    private final long responseMillis;
    private final ConnectionSettings.Proxy proxy;
    private volatile long noReuseUntil = System.nanoTime();
    private final AnswerDeadlines deadlines;
    private final ExecChainHandler around;

    /** A client without an interceptor. */
    public SingleCallClient(ConnectionSettings settings) {
        this(settings, (request, scope, chain) -> chain.proceed(request, scope));
    }

    /**
     * A client with an interceptor.
     *
     * @param around wraps each call, from the connection to the last byte of the answer or the failure
     */
    public SingleCallClient(ConnectionSettings settings, ExecChainHandler around) {
        responseMillis = settings.timeout().response().toMillis();
        proxy = settings.proxy();
        deadlines = new AnswerDeadlines(settings.timeout().response());
        this.around = around;
    }

    @Override
    public void configureHttpClient(HttpClientBuilder builder) {
        // no timeout for each read, which costs a timer each: the deadline of the whole answer ends hanging calls
        RequestConfig limits = RequestConfig.custom().setResponseTimeout(Timeout.DISABLED)
                .setConnectionRequestTimeout(Timeout.ofMilliseconds(responseMillis)).setRedirectsEnabled(false).build();
        builder.setDefaultRequestConfig(limits).disableAutomaticRetries().disableRedirectHandling()
                .disableCookieManagement().disableDefaultUserAgent().disableAuthCaching().disableContentCompression()
                .setKeepAliveStrategy(SingleCallClient::keepAlive).setConnectionReuseStrategy(this::reuses)
                .addExecInterceptorAfter(ChainElement.CONNECT.name(), "written", (request, scope, chain) -> {
                    scope.clientContext.setAttribute(WRITTEN, Boolean.TRUE);
                    return chain.proceed(request, scope);
                }).addExecInterceptorFirst("whole-answer", this::call).addExecInterceptorFirst("around", around);
        HttpRoutePlanner routes = proxy.url().map(url -> through(host(url), builder))
                .orElseGet(() -> new DefaultRoutePlanner(null));
        builder.setRoutePlanner((target, context) -> routes.determineRoute(real(target), context));
    }

    /** The real host, in place of the alias of a name with an underscore. */
    private static HttpHost real(HttpHost host) {
        return new HttpHost(host.getSchemeName(), HostAlias.real(host.getHostName()), host.getPort());
    }

    /** {@link URI} finds no host in a name with an underscore. */
    private static HttpHost host(URI url) {
        try {
            return HttpHost.create(url.getRawAuthority());
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("bos.proxy.url: " + e.getMessage(), e);
        }
    }

    private HttpRoutePlanner through(HttpHost host, HttpClientBuilder builder) {
        proxy.user().ifPresent(user -> {
            BasicCredentialsProvider logins = new BasicCredentialsProvider();
            logins.setCredentials(new AuthScope(host),
                    new UsernamePasswordCredentials(user, proxy.password().orElse("").toCharArray()));
            builder.setDefaultCredentialsProvider(logins);
        });
        return new DefaultProxyRoutePlanner(host);
    }

    /** Half of the server's keep-alive time, since its clock starts before the answer arrives here. */
    private static TimeValue keepAlive(HttpResponse response, HttpContext context) {
        TimeValue offered = DefaultConnectionKeepAliveStrategy.INSTANCE.getKeepAliveDuration(response, context);
        if (!TimeValue.isPositive(offered)) {
            return LONGEST_IDLE;
        }
        return TimeValue.ofMilliseconds(Math.min(offered.toMilliseconds() / 2, LONGEST_IDLE.toMilliseconds()));
    }

    /**
     * Whether to reuse the connection. Not for a while after a server closed one unannounced: each call then opens its own. And not
     * after an answer that must have no body, since a body would be left in the connection.
     */
    private boolean reuses(HttpRequest request, HttpResponse response, HttpContext context) {
        return System.nanoTime() - noReuseUntil >= 0 && response instanceof ClassicHttpResponse answer
                && answer.getEntity() != null
                && DefaultConnectionReuseStrategy.INSTANCE.keepAlive(request, response, context);
    }

    private ClassicHttpResponse call(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        AnswerDeadlines.Call call = deadlines.begin(scope.originalRequest);
        request.setAuthority(new URIAuthority(HostAlias.real(request.getAuthority().getHostName()),
                request.getAuthority().getPort()));
        try {
            ClassicHttpResponse response = chain.proceed(request, scope);
            if (!isWritten(scope)) { // the proxy's answer to CONNECT
                boolean login = response.getCode() == HttpStatus.SC_PROXY_AUTHENTICATION_REQUIRED
                        || response.getCode() == HttpStatus.SC_UNAUTHORIZED; // some proxies use it
                throw new HttpException("the proxy answered HTTP " + response.getCode()
                        + (login ? ": see bos.proxy.user and bos.proxy.password" : ""));
            }
            if (response.getEntity() != null) {
                response.setEntity(new ByteArrayEntity(body(response, scope), null)); // the header tells its type
            }
            response.removeHeaders(HttpHeaders.CONTENT_ENCODING);
            return response;
        } catch (StackOverflowError | OutOfMemoryError e) { // as an exception, because routes catch those
            scope.execRuntime.discardEndpoint();
            throw isWritten(scope)
                    ? new IOException("the answer cannot be read", e)
                    : new NotSentException("the request cannot be made", e);
        } catch (IOException | HttpException | RuntimeException e) {
            scope.execRuntime.discardEndpoint();
            boolean written = isWritten(scope);
            if (written && !call.isLate() && isBrokenOff(e)) {
                noReuseUntil = System.nanoTime() + NO_REUSE.toNanos();
            }
            if (e instanceof NotSentException) {
                throw e;
            }
            // In TLS 1.3 a server refuses a client's certificate, or its absence, after the handshake is complete for the client.
            if (!written || e instanceof SSLHandshakeException) {
                throw new NotSentException("cannot connect: " + reason(e), e);
            }
            if (call.isLate()) {
                throw new IOException("no whole answer within " + responseMillis + " ms", e);
            }
            throw e;
        } finally {
            deadlines.end(call);
        }
    }

    private static boolean isWritten(ExecChain.Scope scope) {
        return scope.clientContext.getAttribute(WRITTEN) != null;
    }

    /** Whether the failure is that of a connection that the server had closed. */
    private static boolean isBrokenOff(Exception e) {
        return e instanceof NotSentException || e instanceof NoHttpResponseException || e instanceof SocketException
                || e instanceof SSLException;
    }

    /** The message is safe: it names hosts and certificates at most, and nothing was sent. */
    private static String reason(Exception e) {
        String reason = e.getMessage() == null
                ? e.getClass().getSimpleName()
                : e.getClass().getSimpleName() + ", " + e.getMessage().replaceAll("\\s+", " ");
        return reason.length() <= LONGEST_REASON ? reason : reason.substring(0, LONGEST_REASON) + "…";
    }

    /** Some servers and proxies compress every answer, unasked. */
    private static boolean isGzip(ClassicHttpResponse response) {
        Header encoding = response.getFirstHeader(HttpHeaders.CONTENT_ENCODING);
        return encoding != null && encoding.getValue() != null && encoding.getValue().strip().matches("(?i)(x-)?gzip");
    }

    private static byte[] unzipped(byte[] bytes) throws IOException {
        try (InputStream plain = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
            return plain.readNBytes(LARGEST_ANSWER);
        }
    }

    private static byte[] body(ClassicHttpResponse response, ExecChain.Scope scope) throws IOException {
        try {
            InputStream content = response.getEntity().getContent();
            long announced = response.getEntity().getContentLength();
            // one more than announced, because only reading to the end returns the connection to the pool
            int most = announced >= 0 && announced < LARGEST_ANSWER ? (int) announced + 1 : LARGEST_ANSWER;
            byte[] bytes = content == null ? new byte[0] : content.readNBytes(most);
            if (bytes.length == LARGEST_ANSWER) {
                scope.execRuntime.discardEndpoint(); // closing the stream would read the rest of it
            }
            return isGzip(response) ? unzipped(bytes) : bytes;
        } catch (IOException e) {
            scope.execRuntime.discardEndpoint();
            if (response.getCode() < HttpStatus.SC_REDIRECTION) {
                throw e;
            }
            return new byte[0]; // the status is enough
        }
    }
}
