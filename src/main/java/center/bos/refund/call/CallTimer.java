// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.call;

import java.io.IOException;
import java.time.Duration;
import java.util.stream.LongStream;

import org.apache.hc.client5.http.classic.ExecChain;
import org.apache.hc.client5.http.classic.ExecChainHandler;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;

import io.micrometer.core.instrument.Metrics;
import io.micrometer.core.instrument.Timer;

/** Measures how long each call takes, from the connection to the last byte of the answer, or to its failure. */
final class CallTimer implements ExecChainHandler {
    /** Around what a person would call quick, slow and lost, in ms. */
    private static final Duration[] BUCKETS = LongStream.of(50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000)
            .mapToObj(Duration::ofMillis).toArray(Duration[]::new);
    private final String path;
    private final Timer refunds = timer("refund-otp");
    private final Timer tokens = timer("token");

    /** Distinguishes calls to that path from token requests. */
    CallTimer(String path) {
        this.path = path;
    }

    private static Timer timer(String call) {
        return Timer.builder("refund.call").description("Calls to BOS and to the token endpoint").tag("to", call)
                .serviceLevelObjectives(BUCKETS).register(Metrics.globalRegistry);
    }

    @Override
    public ClassicHttpResponse execute(ClassicHttpRequest request, ExecChain.Scope scope, ExecChain chain)
            throws IOException, HttpException {
        Timer.Sample sample = Timer.start();
        try {
            return chain.proceed(request, scope);
        } finally {
            sample.stop(request.getPath().endsWith(path) ? refunds : tokens);
        }
    }
}
