// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * The arguments of the server as a process of its own: {@code --port N}, {@code --log FILE}, {@code --latency MS},
 * {@code --reply ok|reset|close|hang|html|HTTP_STATUS|code:N}, {@code --client-id}, {@code --client-secret},
 * {@code --token-ttl SECONDS}, {@code --token VALUE} for one that is always good.
 */
record BosServerOptions(Map<String, String> values) {

    private static final Set<String> KNOWN = Set.of("port", "log", "latency", "reply", "client-id", "client-secret",
            "token-ttl", "token");

    static BosServerOptions parse(String... args) {
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < args.length; i += 2) {
            String name = args[i].startsWith("--") ? args[i].substring(2) : args[i];
            if (!KNOWN.contains(name) || i + 1 == args.length) {
                throw new IllegalArgumentException("unknown or without a value: " + args[i]);
            }
            values.put(name, args[i + 1]);
        }
        return new BosServerOptions(Map.copyOf(values));
    }

    int port() {
        return Integer.parseInt(values.getOrDefault("port", "0"));
    }

    void applyTo(BosServer server) {
        if (values.containsKey("log")) {
            server.logTo(Path.of(values.get("log")));
        }
        if (values.containsKey("token")) {
            server.tokens().accept(values.get("token"));
        }
        server.tokens()
                .credentials(values.getOrDefault("client-id", TokenDesk.CLIENT_ID),
                        values.getOrDefault("client-secret", TokenDesk.CLIENT_SECRET))
                .lifetime(Duration.ofSeconds(Long.parseLong(values.getOrDefault("token-ttl", "600"))));
        server.reply(reply());
    }

    private Reply reply() {
        String name = values.getOrDefault("reply", "ok");
        Reply reply = switch (name) {
            case "ok" -> Reply.success();
            case "reset" -> Reply.reset();
            case "close" -> Reply.closeWithoutAnswer();
            case "hang" -> Reply.hang();
            case "html" -> Reply.html(403);
            default -> name.startsWith("code:")
                    ? Reply.code(200, Integer.parseInt(name.substring(5)))
                    : Reply.json(Integer.parseInt(name), "{\"status\":false,\"message\":\"HTTP " + name + "\"}");
        };
        return reply.after(Duration.ofMillis(Long.parseLong(values.getOrDefault("latency", "0"))));
    }
}
