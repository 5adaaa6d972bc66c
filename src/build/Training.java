// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * Makes the archives that {@code refund} starts with. From Java 25 on there are two, {@code serve-VERSION.aot} and, for all other
 * commands, {@code refund-VERSION.aot}: {@code refund serve} and {@code refund send} work for some seconds while Java watches which
 * classes they need and which methods are hot. Before, {@code serve} leaves the classes that it has loaded when it ends, as
 * {@code refund-VERSION.jsa}. A server in this process answers in BOS' place.
 *
 * <p>Arguments: the folder to work in, the folder of the application and its {@code refund.jar}, then {@code java} and its options.
 */
public final class Training {
    /** Older ones keep the classes alone. */
    private static final boolean KEEPS_PROFILES = Runtime.version().feature() >= 25;
    private static final int ROWS = KEEPS_PROFILES ? 20_000 : 200;
    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final String SUCCESS = answer(true, 1, "Refund Otp Successfully Sent.");
    private static final String NOT_FOUND = answer(false, 2, "Transaction not found or already refunded");


    private final Path folder;
    private final Path app;
    private final String jar;
    private final List<String> java;
    private final Map<String, String> settings;

    private Training(List<String> arguments, String bos) {
        folder = Path.of(arguments.get(0));
        app = Path.of(arguments.get(1));
        jar = app.resolve("refund.jar").toString();
        java = arguments.subList(2, arguments.size());
        settings = Map.of("BOS_BASE_URL", bos, "BOS_TOKEN_URL", bos + "/authorize", "BOS_TOKEN_CLIENT_ID", "training",
                "BOS_TOKEN_CLIENT_SECRET", "training", "REFUND_MANAGEMENT_PORT", "0");
    }

    public static void main(String[] arguments) throws Exception {
        System.setProperty("sun.net.httpserver.nodelay", "true"); // else each answer waits for the caller's word
        HttpServer bos = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        bos.setExecutor(Executors.newFixedThreadPool(2));
        bos.createContext("/authorize", exchange -> respond(exchange, "{\"status\":\"SUCCESS\",\"subCode\":\"200\","
                + "\"message\":\"Token generated\",\"data\":{\"token\":\"training\",\"expiry\":3600}}"));
        bos.createContext("/api/BOS/RefundOTP", Training::refund);
        bos.start();
        try {
            Training training = new Training(List.of(arguments), "http://127.0.0.1:" + bos.getAddress().getPort());
            if (KEEPS_PROFILES) {
                training.send("-XX:AOTCacheOutput=" + training.archive("refund", ".aot"));
                training.serve("-XX:AOTCacheOutput=" + training.archive("serve", ".aot"));
            } else {
                training.serve("-XX:ArchiveClassesAtExit=" + training.archive("refund", ".jsa"));
            }
        } finally {
            bos.stop(0);
        }
        System.exit(0); // the server's threads are still there
    }

    private void send(String option) throws Exception {
        Files.writeString(folder.resolve("rows.csv"), rows(10_000_000));
        end(start("send", Map.of(), option, "-jar", jar, "send", "rows.csv"));
    }

    private Path archive(String name, String kind) {
        return app.resolve(name + "-" + System.getProperty("java.version") + kind);
    }

    /** A service that is asked what programs and people ask, and is stopped. */
    private void serve(String option) throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        Process serve = start("serve", Map.of("REFUND_HTTP_PORT", Integer.toString(port)), option, "-jar", jar, "serve");
        try {
            Path log = folder.resolve("serve.log");
            long end = System.nanoTime() + LONGEST.toNanos();
            while (serve.isAlive() && System.nanoTime() < end && !Files.readString(log).contains("Watching ")) {
                serve.waitFor(100, TimeUnit.MILLISECONDS);
            }
            HttpClient client = HttpClient.newHttpClient();
            HttpRequest.Builder request = HttpRequest.newBuilder().timeout(LONGEST);
            String service = "http://127.0.0.1:" + port;
            String batch = client.send(request.uri(URI.create(service + "/batches")).header("Content-Type", "text/csv")
                    .POST(BodyPublishers.ofString(rows(20_000_000))).build(), BodyHandlers.discarding()).headers()
                    .firstValue("Location").orElseThrow();
            request.uri(URI.create(service).resolve(batch)).GET();
            while (System.nanoTime() < end && !client.send(request.build(), BodyHandlers.ofString()).body()
                    .contains("complete")) {
                serve.waitFor(100, TimeUnit.MILLISECONDS);
            }
            client.send(request.uri(URI.create(service + "/refunds")).setHeader("Content-Type", "application/json")
                    .POST(BodyPublishers.ofString("{\"referenceid\":3,\"ackno\":1}")).build(), BodyHandlers.discarding());
            for (String path : List.of("/", "/service", "/batches", "/in-doubt", "/refunds/3/1", "/q/health/ready")) {
                client.send(request.uri(URI.create(service + path)).GET().build(), BodyHandlers.discarding());
            }
        } finally {
            serve.destroy();
            end(serve);
        }
    }

    private Process start(String name, Map<String, String> more, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(java);
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile());
        builder.environment().keySet().removeIf(key -> key.matches("(REFUND|BOS|QUARKUS)_.*"));
        builder.environment().putAll(settings);
        builder.environment().putAll(more);
        return builder.start();
    }

    private static void end(Process process) throws InterruptedException {
        if (!process.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
            process.destroy();
            process.waitFor();
        }
    }

    private static String rows(int from) {
        StringBuilder rows = new StringBuilder("referenceid,ackno\n");
        for (int i = 0; i < ROWS; i++) {
            rows.append(from + i).append(',').append(i % 100).append('\n');
        }
        return rows.toString();
    }

    private static void refund(HttpExchange exchange) throws IOException {
        String body = new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
        respond(exchange, body.matches(".*\"ackno\":\"?0\\b.*") ? NOT_FOUND : SUCCESS);
    }

    private static String answer(boolean status, int code, String message) {
        return "{\"status\":" + status + ",\"response_code\":" + code + ",\"message\":\"" + message + "\"}";
    }

    private static void respond(HttpExchange exchange, String json) throws IOException {
        try (exchange; OutputStream body = exchange.getResponseBody()) {
            exchange.getRequestBody().readAllBytes();
            byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, bytes.length);
            body.write(bytes);
        }
    }
}
