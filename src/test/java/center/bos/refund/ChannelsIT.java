// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.LongStream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;

/** A channel that is no queue of a broker: an HTTP endpoint of the ERP, which is slow or fails. */
@Execution(ExecutionMode.CONCURRENT)
class ChannelsIT {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final int ROWS = 60;

    @TempDir
    Path folder;
    private BosServer bos;
    private HttpServer erp;
    private final List<Long> taken = new CopyOnWriteArrayList<>();
    private volatile int status = 200;
    private volatile int millis;

    @BeforeEach
    void start() throws IOException {
        bos = BosServer.start();
        erp = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 0);
        erp.createContext("/outcomes", this::take);
        erp.start();
    }

    @AfterEach
    void stop() {
        erp.stop(0);
        bos.close();
    }

    private void take(HttpExchange exchange) throws IOException {
        long line = new ObjectMapper().readTree(exchange.getRequestBody().readAllBytes()).get("line").asLong();
        Instant begun = Instant.now();
        await().atMost(SOON).pollInterval(Duration.ofMillis(10))
                .until(() -> Duration.between(begun, Instant.now()).toMillis() >= millis);
        int answer = status;
        if (answer == 200) {
            taken.add(line);
        }
        exchange.sendResponseHeaders(answer, -1);
        exchange.close();
    }

    private RestService serve() {
        // one call at a time, so that the outcomes have the order of the lines
        return RestService.start(RefundProcess.in(folder).archived().against(bos).env("REFUND_CONCURRENCY", "1").env(
                "REFUND_CHANNEL_SUCCESS",
                "http://127.0.0.1:" + erp.getAddress().getPort() + "/outcomes?httpMethod=POST"), folder);
    }

    private Results drop(RestService service, String name) {
        new DataTree(service.data()).drop(name + ".csv", CsvFiles.rows(ROWS));
        return new DataTree(service.data()).results(name);
    }

    @Test
    void aSlowChannelHoldsUpNoCallAndGetsItsOutcomesInTheirOrderAndOneThatHangsHoldsUpNoStop() {
        millis = 200;
        try (RestService service = serve()) {
            assertThat(drop(service, "slow").summary().success()).isEqualTo(ROWS);
            assertThat(taken).hasSizeLessThan(ROWS);

            await().atMost(SOON).until(() -> service.owed("success") == 0);
            assertThat(taken).containsExactlyElementsOf(LongStream.rangeClosed(2, ROWS + 1).boxed().toList());

            millis = 60_000;
            new DataTree(service.data()).drop("hanging.csv", CsvFiles.rows(1).from(1_000));
            await().atMost(SOON).until(() -> service.owed("success") == 1);
            service.process().terminate();
            assertThat(service.process().waitFor(Duration.ofSeconds(20))).isZero();
        } finally {
            millis = 0;
        }
    }

    @Test
    void aDeadChannelHoldsUpNoCallAndGetsItsOutcomesInTheirOrderOnceItIsBackAlsoAfterAKill() {
        status = 503;
        try (RestService service = serve()) {
            assertThat(drop(service, "dead").summary().success()).isEqualTo(ROWS);
            assertThat(service.owed("success")).isEqualTo(ROWS);
            service.process().kill9();
        }
        try (RestService service = serve()) {
            assertThat(service.owed("success")).isEqualTo(ROWS);
            status = 200;
            await().atMost(SOON).until(() -> service.owed("success") == 0);
        }
        assertThat(taken).containsExactlyElementsOf(LongStream.rangeClosed(2, ROWS + 1).boxed().toList());
        assertThat(bos.postCount()).isEqualTo(ROWS);
    }
}
