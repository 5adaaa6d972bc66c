package center.bos.refund.bos;

import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;

import org.apache.camel.component.http.HttpClientConfigurer;
import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.config.RequestConfig;
import org.apache.hc.client5.http.impl.ChainElement;
import org.apache.hc.client5.http.impl.classic.HttpClientBuilder;
import org.apache.hc.core5.concurrent.Cancellable;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.ContentType;
import org.apache.hc.core5.http.HttpEntity;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.io.entity.ByteArrayEntity;
import org.apache.hc.core5.util.Timeout;

import center.bos.refund.config.BosConfig;

/**
 * Makes Camel's HTTP client do exactly one request for one call. Left alone, HttpClient 5 sends a POST again by itself
 * on 429 and 503. The whole answer must arrive within {@code bos.timeout.response} and is capped at 64 KiB; a failure
 * before the request was written is told apart from one after it.
 */
@ApplicationScoped
@Named("singleCallClient")
public class SingleCallClient implements HttpClientConfigurer {
    /** Bytes of an answer that are read; what is larger is not an answer of BOS. */
    static final int LARGEST_ANSWER = 64 * 1024;
    private static final String WRITTEN = "bos.written";

    private final long responseMillis;
    private final ScheduledThreadPoolExecutor deadlines;

    SingleCallClient(BosConfig config) {
        responseMillis = config.timeout().response().toMillis();
        deadlines = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "answer-deadlines");
            thread.setDaemon(true);
            return thread;
        });
        deadlines.setRemoveOnCancelPolicy(true);
    }

    @Override
    public void configureHttpClient(HttpClientBuilder builder) {
        RequestConfig limits = RequestConfig.custom().setResponseTimeout(Timeout.ofMilliseconds(responseMillis))
                .setConnectionRequestTimeout(Timeout.ofMilliseconds(responseMillis)).setRedirectsEnabled(false).build();
        builder.setDefaultRequestConfig(limits).disableAutomaticRetries().disableRedirectHandling()
                .disableCookieManagement().disableAuthCaching()
                .disableContentCompression()
                .addExecInterceptorAfter(ChainElement.CONNECT.name(), "written", (request, scope, chain) -> {
                    scope.clientContext.setAttribute(WRITTEN, Boolean.TRUE);
                    return chain.proceed(request, scope);
                }).addExecInterceptorFirst("whole-answer", this::call);
    }

    private ClassicHttpResponse call(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        AtomicBoolean late = new AtomicBoolean();
        ScheduledFuture<?> deadline = deadlines.schedule(() -> {
            late.set(true);
            if (scope.originalRequest instanceof Cancellable running) {
                running.cancel();
            }
        }, responseMillis, TimeUnit.MILLISECONDS);
        try {
            ClassicHttpResponse response = chain.proceed(request, scope);
            response.setEntity(whole(response.getEntity()));
            return response;
        } catch (IOException | HttpException | RuntimeException e) {
            if (scope.clientContext.getAttribute(WRITTEN) == null) {
                throw new NotSentException("cannot connect: " + e.getClass().getSimpleName(), e);
            }
            if (late.get()) {
                throw new IOException("no whole answer within " + responseMillis + " ms", e);
            }
            throw e;
        } finally {
            deadline.cancel(false);
        }
    }

    private static HttpEntity whole(HttpEntity entity) throws IOException {
        if (entity == null) {
            return null;
        }
        try (entity; InputStream content = entity.getContent()) {
            long announced = entity.getContentLength();
            int most = announced >= 0 && announced <= LARGEST_ANSWER ? (int) announced : LARGEST_ANSWER + 1;
            byte[] bytes = content == null ? new byte[0] : content.readNBytes(most);
            if (bytes.length > LARGEST_ANSWER) {
                throw new IOException("the answer is larger than " + LARGEST_ANSWER + " bytes");
            }
            return new ByteArrayEntity(bytes, ContentType.parseLenient(entity.getContentType()));
        }
    }
}
