package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.Pair;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;
import center.bos.refund.testkit.TokenDesk;
import center.bos.refund.testkit.TraceCollector;

/** Traces and JSON logs, where they are asked for. */
class TracesIT {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final CsvFiles ROWS = CsvFiles.rows(30);

    @TempDir
    Path folder;

    @Test
    void tracesEachPostOnceAndShowsNoIdTokenOrSecretInSpansOrJsonLogs() throws Exception {
        try (BosServer bos = BosServer.start()
                .reply(post -> post.number() % 6 == 0 ? Reply.html(500) : Reply.success());
                TraceCollector collector = TraceCollector.start();
                RestService service = RestService.start(RefundProcess.in(folder).archived().against(bos)
                        .env("QUARKUS_OTEL_SDK_DISABLED", "false")
                        .env("QUARKUS_OTEL_EXPORTER_OTLP_ENDPOINT", collector.url())
                        .env("QUARKUS_OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
                        .env("QUARKUS_OTEL_BSP_SCHEDULE_DELAY", "200ms")
                        .env("QUARKUS_LOG_CONSOLE_JSON_ENABLED", "true"), folder)) {
            ROWS.writeTo(service.data().resolve("inbox/refunds.csv"));
            Results.await(service.data().resolve("outbox"), "refunds", SOON);
            Pair single = CsvFiles.rows(1).from(900).pair(0);
            service.json("/refunds",
                    "{\"referenceid\":\"" + single.referenceid() + "\",\"ackno\":\"" + single.ackno() + "\"}");

            await().atMost(SOON).until(() -> posts(collector) >= bos.postCount());
            assertThat(posts(collector)).isEqualTo(bos.postCount()).isEqualTo(31);
            String seen = collector.spans() + service.process().output();
            assertThat(service.process().output()).contains("{\"timestamp\":", "5 in doubt");
            for (Pair pair : ROWS.pairs()) {
                assertThat(seen).doesNotContain(pair.referenceid());
            }
            assertThat(seen).doesNotContain(single.referenceid(), "tok-", TokenDesk.CLIENT_SECRET);
        }
    }

    private static long posts(TraceCollector collector) {
        return collector.spans().stream().filter(span -> span.toString().contains(BosServer.REFUND_OTP)).count();
    }
}
