// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.atomic.AtomicInteger;

import org.awaitility.Awaitility;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

/** A running {@code serve} with its REST interface on a free port of this machine; closing it kills it. */
public final class RestService implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(90);
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final int LOWEST_PORT = 10_000;
    private static final int PORTS_OF_A_PROCESS = 100;
    private static final int PROCESSES = 200;
    private static final AtomicInteger NEXT_PORT = new AtomicInteger(
            LOWEST_PORT + (int) (ProcessHandle.current().pid() % PROCESSES) * PORTS_OF_A_PROCESS);

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final RefundProcess process;
    private final int port;
    private final Path data;

    private RestService(RefundProcess process, int port, Path data) {
        this.process = process;
        this.port = port;
        this.data = data;
    }

    /** An answer: its status, its media type, its headers and its body. */
    public record Answer(int status, String type, HttpResponse<String> http) {

        /** The body as JSON. */
        public JsonNode json() {
            try {
                return JSON.readTree(http.body());
            } catch (JsonProcessingException e) {
                throw new IllegalStateException(http.body(), e);
            }
        }

        /** A header's value, or an empty text. */
        public String header(String name) {
            return http.headers().firstValue(name).orElse("");
        }
    }

    /** Starts the service in that folder and does not wait. */
    public static RestService launch(RefundProcess.Launch launch, Path folder) {
        return launch(launch, folder, freePort());
    }

    private static RestService launch(RefundProcess.Launch launch, Path folder, int port) {
        RefundProcess process = launch.env("REFUND_HTTP_PORT", Integer.toString(port)).start("serve");
        return new RestService(process, port, folder.resolve("data"));
    }

    /** Starts the service in that folder and waits until it serves. */
    public static RestService start(RefundProcess.Launch launch, Path folder) {
        return launch(launch, folder).awaitStart();
    }

    /** Starts it once more after its end, under the same address, and waits until it serves. */
    public RestService again(RefundProcess.Launch launch) {
        return launch(launch, data.getParent(), port).awaitStart();
    }

    private RestService awaitStart() {
        Awaitility.await("serving").atMost(START).pollInterval(Duration.ofMillis(50)).until(() -> {
            if (!process.isAlive()) {
                throw new AssertionError(process.output());
            }
            return process.output().contains("Watching ");
        });
        return this;
    }

    /**
     * A port that is free, and that nobody else gets until it is used: each is given once, tests that run beside these
     * count from elsewhere, and the system hands out higher ones.
     */
    public static int freePort() {
        while (true) {
            int port = NEXT_PORT.getAndIncrement();
            try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (BindException e) {
                // somebody's: the next
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** The process behind it. */
    public RefundProcess process() {
        return process;
    }

    /** The port that it serves. */
    public int port() {
        return port;
    }

    /** Its data folder. */
    public Path data() {
        return data;
    }

    /** What its ledger, in SQLite, still owes to a channel: success, error or reply. */
    public long owed(String channel) {
        try (Connection ledger = DriverManager.getConnection("jdbc:sqlite:" + data.resolve("ledger.db"));
                PreparedStatement count = ledger.prepareStatement("SELECT count(*) FROM outbox WHERE channel = ?")) {
            count.setString(1, channel);
            return count.executeQuery().getLong(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A request to that path, to be completed. */
    public HttpRequest.Builder to(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path)).timeout(Duration.ofSeconds(60));
    }

    /** The value of an Authorization header. */
    public static String basic(String user, String password) {
        return "Basic "
                + Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    /** Sends a request. */
    public Answer send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
            String type = answer.headers().firstValue("content-type").orElse("").replaceFirst(";.*", "");
            return new Answer(answer.statusCode(), type, answer);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** What a scrape of that management port sees. */
    public String metrics(int managementPort) {
        return send(HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + managementPort + "/q/metrics"))).http()
                .body();
    }

    /** Asks for a path. */
    public Answer get(String path, String... headers) {
        return send(with(to(path), headers).GET());
    }

    /** Posts a text of that media type. */
    public Answer post(String path, String type, String body, String... headers) {
        return post(path, type, BodyPublishers.ofString(body), headers);
    }

    /** Posts a body of that media type. */
    public Answer post(String path, String type, BodyPublisher body, String... headers) {
        return send(with(to(path).header("Content-Type", type), headers).POST(body));
    }

    /** Posts JSON. */
    public Answer json(String path, String body, String... headers) {
        return post(path, "application/json", body, headers);
    }

    private static HttpRequest.Builder with(HttpRequest.Builder request, String... headers) {
        return headers.length == 0 ? request : request.headers(headers);
    }

    @Override
    public void close() {
        process.close();
    }
}
