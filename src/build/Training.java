// SPDX-License-Identifier: Apache-2.0
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * Lets {@code refund send} work for some seconds while Java watches, so that the archive that {@code refund} starts with knows
 * its classes and which of its methods are hot. A server in this process answers in BOS' place.
 *
 * <p>Arguments: the folder to work in, then the command, which is given the file {@code rows.csv}.
 */
public final class Training {
    /** Older ones keep the classes alone. */
    private static final int JAVA_THAT_KEEPS_PROFILES = 25;
    private static final int ROWS = Runtime.version().feature() < JAVA_THAT_KEEPS_PROFILES ? 200 : 20_000;
    private static final Duration LONGEST = Duration.ofSeconds(60);
    private static final String SUCCESS = answer(true, 1, "Refund Otp Successfully Sent.");
    private static final String NOT_FOUND = answer(false, 2, "Transaction not found or already refunded");

    private Training() {
    }

    public static void main(String[] arguments) throws Exception {
        System.setProperty("sun.net.httpserver.nodelay", "true"); // else each answer waits for the caller's word
        Path folder = Path.of(arguments[0]);
        HttpServer bos = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        bos.setExecutor(Executors.newFixedThreadPool(2));
        bos.createContext("/authorize", exchange -> respond(exchange, "{\"status\":\"SUCCESS\",\"subCode\":\"200\","
                + "\"message\":\"Token generated\",\"data\":{\"token\":\"training\",\"expiry\":3600}}"));
        bos.createContext("/api/BOS/RefundOTP", Training::refund);
        bos.start();
        try {
            train(folder, List.of(arguments).subList(1, arguments.length),
                    "http://127.0.0.1:" + bos.getAddress().getPort());
        } finally {
            bos.stop(0);
        }
        System.exit(0); // the server's threads are still there
    }

    private static void train(Path folder, List<String> command, String url) throws Exception {
        Files.writeString(folder.resolve("rows.csv"), rows());
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true)
                .redirectOutput(folder.resolve("send.log").toFile());
        builder.environment().keySet().removeIf(key -> key.matches("(REFUND|BOS|QUARKUS)_.*"));
        builder.environment().put("BOS_BASE_URL", url);
        builder.environment().put("BOS_TOKEN_URL", url + "/authorize");
        builder.environment().put("BOS_TOKEN_CLIENT_ID", "training");
        builder.environment().put("BOS_TOKEN_CLIENT_SECRET", "training");
        Process send = builder.start();
        if (!send.waitFor(LONGEST.toSeconds(), TimeUnit.SECONDS)) {
            send.destroy();
            send.waitFor();
        }
    }

    private static String rows() {
        StringBuilder rows = new StringBuilder("referenceid,ackno\n");
        for (int i = 0; i < ROWS; i++) {
            rows.append(10_000_000 + i).append(',').append(i % 100).append('\n');
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
