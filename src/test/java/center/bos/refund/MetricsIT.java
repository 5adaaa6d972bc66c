// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static java.nio.file.StandardOpenOption.APPEND;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.Pair;
import center.bos.refund.testkit.PrometheusProcess;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;
import center.bos.refund.testkit.TokenDesk;

/** What an operator's tools see of a service, its alerts and its dashboard. */
@TestMethodOrder(OrderAnnotation.class)
class MetricsIT {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final Path ALERTS = Path.of("deploy", "prometheus", "refund-alerts.yml").toAbsolutePath();
    private static final Pattern METRIC = Pattern.compile("\\b(?:refund|camel|jvm)_[a-z_]+\\b");
    private static final CsvFiles ROWS = CsvFiles.rows(40);

    @TempDir
    static Path folder;
    private static BosServer bos;
    private static RestService service;
    private static int port;

    @BeforeAll
    static void workAFile() throws Exception {
        bos = BosServer.start().reply(post -> switch ((int) (post.number() % 10)) {
            case 3, 4 -> Reply.code(200, 2);
            case 7 -> Reply.html(500);
            default -> Reply.success();
        });
        port = RestService.freePort();
        service = RestService.start(RefundProcess.in(folder).archived().against(bos).env("REFUND_MANAGEMENT_PORT",
                Integer.toString(port)), folder);
        Path file = ROWS.writeTo(folder.resolve("refunds.csv"));
        Files.writeString(file, ROWS.pair(0).referenceid() + "," + ROWS.pair(0).ackno() + "\nx,1\ny,1\n", APPEND);
        Files.move(file, service.data().resolve("inbox/refunds.csv"));
        Results.await(service.data().resolve("outbox"), "refunds", SOON);
    }

    @AfterAll
    static void stop() {
        service.close();
        bos.close();
    }

    @Test
    @Order(1)
    void countsRowsByOutcomeAndCodeAndEachCallOnce() {
        // the results are there a moment before their batch is complete
        String scraped = await().atMost(SOON).until(() -> service.metrics(port),
                found -> found.contains("refund_batches_open 0.0"));

        assertThat(scraped).contains("refund_rows_total{code=\"1\",outcome=\"SUCCESS\"} 28.0",
                "refund_rows_total{code=\"2\",outcome=\"ERROR\"} 8.0",
                "refund_rows_total{code=\"none\",outcome=\"IN_DOUBT\"} 4.0",
                "refund_rows_total{code=\"none\",outcome=\"DUPLICATE\"} 1.0",
                "refund_rows_total{code=\"none\",outcome=\"REJECTED\"} 2.0",
                "refund_call_seconds_count{to=\"refund-otp\"} 40.0", "refund_calls_in_flight 0.0",
                "refund_rows_in_doubt 4.0", "refund_rows_pending 0.0", "refund_batches_open 0.0",
                "refund_outcomes_owed 0.0",
                "refund_pause{reason=\"bos\"} 0.0", "refund_pause{reason=\"person\"} 0.0", "refund_rows_stopped 0.0",
                "eventType=\"route\",kind=\"CamelRoute\",routeId=\"file\"} 1.0").doesNotContain("routeId=\"refund\"");
        assertThat(scraped).containsPattern("refund_token_age_seconds [0-9.]*[1-9]")
                .containsPattern("refund_in_doubt_oldest_age_seconds [0-9.]*[1-9]");
    }

    @Test
    @Order(2)
    void showsNoIdTokenOrSecretAndIsNotOnTheServicesPort() throws Exception {
        String scraped = service.metrics(port);

        for (Pair pair : ROWS.pairs()) {
            assertThat(scraped).doesNotContain(pair.referenceid());
        }
        assertThat(scraped).doesNotContain("tok-", TokenDesk.CLIENT_SECRET);
        assertThat(service.get("/q/metrics").status()).isEqualTo(404);
    }

    @Test
    @Order(2)
    void aFileThatCannotBeTakenGetsOlder() throws Exception {
        Path uploads = service.data().resolve(".uploads");
        Files.delete(uploads);
        Files.writeString(uploads, "in the way");
        try {
            CsvFiles.rows(1).from(9_000).writeTo(service.data().resolve("inbox/stuck.csv"));
            await().atMost(SOON).until(
                    () -> service.process().output().contains("A file of the inbox cannot be taken"));
            assertThat(service.metrics(port)).containsPattern("refund_inbox_oldest_age_seconds [0-9.]*[1-9]");
        } finally {
            Files.delete(uploads);
            Files.createDirectory(uploads);
        }
        // what is never taken, such as macOS' file of attributes
        Files.writeString(service.data().resolve("inbox/._stuck.csv"), "no refunds");
        Files.createDirectory(service.data().resolve("inbox/old.csv"));
        await().atMost(SOON).until(() -> service.metrics(port).contains("refund_inbox_oldest_age_seconds 0.0"));
    }

    @Test
    @Order(3)
    void everyAlertFiresWhereItShouldAndNowhereElse() throws Exception {
        PrometheusProcess.promtool(ALERTS.getParent(), "check", "config", "prometheus.yml");
        PrometheusProcess.promtool(ALERTS.getParent(), "test", "rules", "refund-alerts-test.yml");

        String tests = Files.readString(ALERTS.resolveSibling("refund-alerts-test.yml"));
        for (String alert : alerts()) {
            assertThat(tests).contains("name: " + alert + " fires", "name: " + alert + " does not fire");
        }
    }

    @Test
    @Order(4)
    void everyRunbookIsASectionOfTheDocuments() throws Exception {
        Set<String> sections = Files.readString(Path.of("docs", "operations.md")).lines()
                .filter(line -> line.startsWith("#"))
                .map(line -> line.replaceFirst("^#+ ", "").toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9 -]", "")
                        .replace(' ', '-'))
                .collect(Collectors.toSet());
        Matcher runbook = Pattern.compile("runbook_url: docs/operations\\.md#(\\S+)").matcher(Files.readString(ALERTS));
        int found = 0;
        for (; runbook.find(); found++) {
            assertThat(sections).contains(runbook.group(1));
        }
        assertThat(found).isEqualTo(alerts().size());
    }

    @Test
    @Order(5)
    void everyExpressionOfTheDashboardAndTheAlertsIsOneAndItsMetricsExist() throws Exception {
        List<String> expressions = dashboard();
        StringBuilder rules = new StringBuilder("groups:\n  - name: dashboard\n    rules:\n");
        for (int i = 0; i < expressions.size(); i++) {
            rules.append("      - {record: 'panel:").append(i).append("', expr: '").append(expressions.get(i))
                    .append("'}\n");
        }
        Files.writeString(folder.resolve("dashboard.yml"), rules);

        PrometheusProcess.promtool(folder, "check", "rules", "dashboard.yml");

        Set<String> metrics = new TreeSet<>();
        Matcher name = METRIC.matcher(String.join("\n", expressions) + Files.readString(ALERTS));
        while (name.find()) {
            metrics.add(name.group());
        }
        assertThat(metrics).hasSizeGreaterThan(15);
        String scraped = service.metrics(port);
        assertThat(metrics).allSatisfy(metric -> assertThat(scraped).containsPattern("(?m)^" + metric + "[{ ]"));
    }

    @Test
    @Order(6)
    void pausedAndInDoubtOldFireAtAPrometheusWhenBosIsTakenAway() throws Exception {
        String quick = Files.readString(ALERTS).replaceAll("for: \\d+m", "for: 1s")
                .replace("oldest_age_seconds > 3600", "oldest_age_seconds > 1");
        Path rules = Files.writeString(folder.resolve("quick-alerts.yml"), quick);
        try (PrometheusProcess prometheus = PrometheusProcess.start(folder, port, rules)) {
            await().atMost(SOON).until(() -> prometheus.firing().contains("InDoubtOld"));
            assertThat(prometheus.firing()).doesNotContain("Paused", "Down");
            for (String expression : dashboard()) {
                assertThat(prometheus.series("count(" + expression + ") or vector(0)")).as(expression).isEqualTo(1);
            }

            bos.refuseConnections();
            CsvFiles.rows(20).from(7_000).writeTo(service.data().resolve("inbox/more.csv"));

            await().atMost(SOON).until(() -> prometheus.firing().contains("Paused"));
            assertThat(service.get("/q/health/ready").status()).as("paused, it accepts").isEqualTo(200);
            assertThat(service.get("/q/health/ready").http().body()).contains("paused since", "cannot connect");
        }
    }

    private static List<String> alerts() throws Exception {
        return Pattern.compile("- alert: (\\w+)").matcher(Files.readString(ALERTS)).results()
                .map(found -> found.group(1)).toList();
    }

    private static List<String> dashboard() throws Exception {
        JsonNode panels = new ObjectMapper().readTree(Path.of("deploy", "grafana", "refund.json").toFile())
                .path("panels");
        return panels.findValuesAsText("expr").stream()
                .map(expr -> expr.replace("$__rate_interval", "5m").replace("$instance", ".*")).toList();
    }
}
