// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** A real Prometheus, Debian's, that scrapes one target. */
public final class PrometheusProcess implements AutoCloseable {
    private static final Duration STOP = Duration.ofSeconds(20);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final Process process;
    private final int port;

    private PrometheusProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts it with these rules; it looks at the target each second. */
    public static PrometheusProcess start(Path folder, int target, Path rules) {
        int port = RestService.freePort();
        try {
            Path config = Files.writeString(folder.resolve("prometheus.yml"), """
                    global: {scrape_interval: 1s, evaluation_interval: 1s}
                    rule_files: ["%s"]
                    scrape_configs:
                      - job_name: bos-refund
                        metrics_path: /q/metrics
                        static_configs: [{targets: ["127.0.0.1:%d"]}]
                    """.formatted(rules, target));
            Process process = new ProcessBuilder(DebianTool.find("prometheus").toString(), "--config.file=" + config,
                    "--storage.tsdb.path=" + folder.resolve("tsdb"), "--web.listen-address=127.0.0.1:" + port)
                    .redirectErrorStream(true).redirectOutput(folder.resolve("prometheus.log").toFile()).start();
            return new PrometheusProcess(process, port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Names of the alerts that fire. */
    public List<String> firing() {
        List<String> names = new ArrayList<>();
        for (JsonNode alert : ask("/api/v1/alerts").path("alerts")) {
            if (alert.path("state").asText().equals("firing")) {
                names.add(alert.path("labels").path("alertname").asText());
            }
        }
        return names;
    }

    /** How many series an expression gives. */
    public int series(String expression) {
        return ask("/api/v1/query?query=" + URLEncoder.encode(expression, StandardCharsets.UTF_8)).path("result")
                .size();
    }

    private JsonNode ask(String path) {
        try {
            String body = HttpClient.newHttpClient()
                    .send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).build(),
                            BodyHandlers.ofString())
                    .body();
            return JSON.readTree(body).path("data");
        } catch (IOException e) { // not up yet
            return JSON.createObjectNode();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What a program says, which must end well. */
    public static String promtool(Path folder, String... words) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(DebianTool.find("promtool", "prometheus").toString()));
        command.addAll(List.of(words));
        Process tool = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
        String said = new String(tool.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (tool.waitFor() != 0) {
            throw new AssertionError(said);
        }
        return said;
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(STOP.toSeconds(), TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
