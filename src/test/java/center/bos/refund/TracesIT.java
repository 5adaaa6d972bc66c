// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import jakarta.jms.JMSContext;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.BrokerProcess;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.Pair;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;
import center.bos.refund.testkit.SftpHost;
import center.bos.refund.testkit.TokenDesk;
import center.bos.refund.testkit.TraceCollector;

/** Every trigger, with traces, JSON logs of every level, metrics and health on. */
class TracesIT {
    private static final Duration SOON = Duration.ofSeconds(120);
    private static final CsvFiles DROPPED = CsvFiles.rows(30);
    private static final CsvFiles FETCHED = CsvFiles.rows(12).from(300);
    private static final CsvFiles POSTED = CsvFiles.rows(12).from(600);
    private static final CsvFiles SINGLE = CsvFiles.rows(1).from(900);
    private static final CsvFiles MESSAGES = CsvFiles.rows(6).from(1_200);
    private static final int ALL = 61;
    private static final String IN_DOUBT = "refund_rows_total{code=\"none\",outcome=\"IN_DOUBT\"} 10.0";

    @TempDir
    Path folder;

    @Test
    void tracesEachPostOnceAndShowsNoIdTokenOrSecretAnywhere() throws Exception {
        Path work = Files.createDirectories(folder.resolve("work"));
        Files.writeString(work.resolve("application.properties"), "quarkus.log.level=TRACE\ncamel.main.tracing=true\n");
        int management = RestService.freePort();
        try (BosServer bos = BosServer.start()
                .reply(post -> post.number() % 6 == 0 ? Reply.html(500) : Reply.success());
                BrokerProcess broker = BrokerProcess.start(folder.resolve("broker"));
                SftpHost erp = SftpHost.start(folder.resolve("erp"));
                TraceCollector collector = TraceCollector.start();
                RestService service = RestService.start(RefundProcess.in(work).archived().against(bos)
                        .env("REFUND_MANAGEMENT_PORT", Integer.toString(management))
                        .env("REFUND_BROKER_URL", broker.url()).env("REFUND_BROKER_USER", BrokerProcess.USER)
                        .env("REFUND_BROKER_PASSWORD", BrokerProcess.PASSWORD)
                        .env("REFUND_SFTP_HOST", "127.0.0.1").env("REFUND_SFTP_PORT", Integer.toString(erp.port()))
                        .env("REFUND_SFTP_USER", SftpHost.USER).env("REFUND_SFTP_PASSWORD", SftpHost.PASSWORD)
                        .env("REFUND_SFTP_KNOWN_HOSTS", erp.knownHosts(folder.resolve("known_hosts")).toString())
                        .env("REFUND_SFTP_DELAY", "500ms")
                        .env("QUARKUS_OTEL_SDK_DISABLED", "false")
                        .env("QUARKUS_OTEL_EXPORTER_OTLP_ENDPOINT", collector.url())
                        .env("QUARKUS_OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf")
                        .env("QUARKUS_OTEL_BSP_SCHEDULE_DELAY", "200ms")
                        .env("QUARKUS_LOG_CONSOLE_JSON_ENABLED", "true"), work)) {
            DROPPED.writeTo(service.data().resolve("inbox/dropped.csv"));
            Path part = FETCHED.writeTo(erp.inbox().resolve("fetched.csv.part"));
            Files.move(part, erp.inbox().resolve("fetched.csv"));
            service.json("/refunds", json(SINGLE.pair(0)));
            service.json("/batches", json(POSTED));
            try (JMSContext jms = broker.client().createContext()) {
                jms.createProducer().send(jms.createQueue("bos.refund.requests"), json(MESSAGES));
            }
            Results.await(service.data().resolve("outbox"), "dropped", SOON);
            Results.await(erp.outbox(), "fetched", SOON);

            await().atMost(SOON).until(() -> bos.postCount() == ALL && posts(collector) >= ALL
                    && service.metrics(management).contains(IN_DOUBT));
            String health = service.get("/q/health").http().body();
            String metrics = service.metrics(management);
            String log = service.process().output();
            assertThat(posts(collector)).isEqualTo(ALL);
            assertThat(log).contains("{\"timestamp\":", "\"level\":\"DEBUG\"").containsPattern(
                    "\"message\":\"IN_DOUBT, HTTP 500, not the expected JSON: batch dropped-[^}]*\"mdc\":\\{[^}]*\"line\":\"[0-9]+\"");
            for (String seen : List.of(log, collector.spans().toString(), health, metrics)) {
                assertThat(seen).doesNotContain(SINGLE.pair(0).referenceid(), "tok-", TokenDesk.CLIENT_SECRET,
                        BrokerProcess.PASSWORD, SftpHost.PASSWORD);
                Stream.of(DROPPED, FETCHED, POSTED, MESSAGES).flatMap(rows -> rows.pairs().stream())
                        .forEach(pair -> assertThat(seen).doesNotContain(pair.referenceid()));
            }
        }
    }

    private static String json(Pair pair) {
        return "{\"referenceid\":\"" + pair.referenceid() + "\",\"ackno\":\"" + pair.ackno() + "\"}";
    }

    private static String json(CsvFiles rows) {
        return rows.pairs().stream().map(TracesIT::json).collect(Collectors.joining(",", "[", "]"));
    }

    private static long posts(TraceCollector collector) {
        return collector.spans().stream().filter(span -> span.toString().contains(BosServer.REFUND_OTP)).count();
    }
}
