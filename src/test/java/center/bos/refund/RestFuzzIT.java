// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.InputStream;
import java.net.URLEncoder;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion.VersionFlag;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.RestService.Answer;

/** Random requests, right and wrong, made from the contract: each answer is one that the contract names. */
class RestFuzzIT {
    private static final int REQUESTS = 10_000;
    private static final int CALLERS = 8;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String[] ODD = {"", " ", "0", "-1", "1", "007", "12345678926", "999999999999999999",
            "9999999999999999999", "1e3", "1.5", "true", "null", "ä€😀", "'; DROP TABLE refund; --", "%", "..", "../..",
            "a/b", "\u0000", "\r\nX: y", "{{refund.data}}", "${body}", "#{x}", "<script>", "9".repeat(300), "file.csv"};
    private static final String[] BODIES = {"", "{", "[]", "{}", "null", "[1]", "[{}]", "\"x\"", "1", "{\"all\":true}",
            "{\"lines\":[1,1]}", "{\"lines\":[-1]}", "{\"lines\":[2],\"all\":true}", "[[[[[[[[[[[[[[[[[[[[[[",
            "{\"referenceid\":1,\"referenceid\":2,\"ackno\":1}", "referenceid,ackno\n1,2\n", "referenceid,ackno\n",
            "a,b\n1,2\n", "referenceid;ackno\n1;2;3\n", "\u0000\u0001", "\"referenceid\",\"ackno\"\n\"1", "\ufeff"};

    @TempDir
    Path folder;

    private final JsonNode contract;
    private final List<Operation> operations = new ArrayList<>();

    private record Operation(String method, String path, JsonNode declaration, List<JsonNode> parameters) {
    }

    RestFuzzIT() throws Exception {
        try (InputStream yaml = Files.newInputStream(Path.of("src/main/resources/refund-api.yaml"))) {
            contract = new ObjectMapper(new YAMLFactory()).readTree(yaml);
        }
        contract.get("paths").fields().forEachRemaining(path -> {
            for (Iterator<Map.Entry<String, JsonNode>> i = path.getValue().fields(); i.hasNext();) {
                Map.Entry<String, JsonNode> method = i.next();
                if (method.getValue().has("operationId")) {
                    List<JsonNode> parameters = new ArrayList<>();
                    path.getValue().path("parameters").forEach(p -> parameters.add(resolved(p)));
                    method.getValue().path("parameters").forEach(p -> parameters.add(resolved(p)));
                    operations.add(new Operation(method.getKey().toUpperCase(), path.getKey(), method.getValue(),
                            parameters));
                }
            }
        });
    }

    private JsonNode resolved(JsonNode node) {
        return node.has("$ref") ? contract.at(node.get("$ref").asText().substring(1)) : node;
    }

    @Test
    void everyOperationThatTakesABodyNamesWhatAnyBodyMayGet() {
        assertThat(operations).filteredOn(operation -> operation.declaration().has("requestBody"))
                .hasSizeGreaterThan(10)
                .allSatisfy(operation -> assertThat(operation.declaration().get("responses").fieldNames()).toIterable()
                        .as(operation.path()).contains("400", "408", "413", "415"));
    }

    @Test
    void everyAnswerIsOneThatTheContractNames() throws Exception {
        Queue<String> wrong = new ConcurrentLinkedQueue<>();
        AtomicInteger ok = new AtomicInteger();
        AtomicInteger left = new AtomicInteger(REQUESTS);
        try (BosServer bos = BosServer.start();
                RestService rest = RestService.start(RefundProcess.in(folder).archived().against(bos), folder)) {
            ExecutorService callers = Executors.newFixedThreadPool(CALLERS);
            for (int caller = 0; caller < CALLERS; caller++) {
                Random random = new Random(caller);
                callers.execute(() -> {
                    while (left.getAndDecrement() > 0 && wrong.size() < 20) {
                        Operation operation = operations.get(random.nextInt(operations.size()));
                        try {
                            Answer answer = rest.send(request(rest, operation, random));
                            problem(operation, answer).ifPresent(wrong::add);
                            if (answer.status() < 300) {
                                ok.incrementAndGet();
                            }
                        } catch (Exception e) {
                            wrong.add(operation + ": " + e);
                        }
                    }
                });
            }
            callers.shutdown();
            assertThat(callers.awaitTermination(15, TimeUnit.MINUTES)).isTrue();

            assertThat(wrong).isEmpty();
            assertThat(ok).as("requests that were right").hasValueGreaterThan(REQUESTS / 20);
            assertThat(rest.process().output()).doesNotContain("was answered with 5").doesNotContain("\tat ");
            assertThat(bos.posts().stream().map(post -> post.pair()).distinct().count())
                    .as("each pair once, but those that were asked for again").isPositive();
        }
    }

    private HttpRequest.Builder request(RestService rest, Operation operation, Random random) {
        if (random.nextInt(4) == 0) {
            return right(rest, operation, random);
        }
        String path = operation.path();
        StringBuilder query = new StringBuilder();
        List<String> headers = new ArrayList<>();
        for (JsonNode parameter : operation.parameters()) {
            String name = parameter.get("name").asText();
            switch (parameter.get("in").asText()) {
                case "path" -> {
                    String value = random.nextInt(4) == 0
                            ? ODD[1 + random.nextInt(ODD.length - 1)] // without a value it is another path
                            : Integer.toString(random.nextInt(50));
                    path = path.replace("{" + name + "}", encoded(value));
                }
                case "query" -> {
                    if (random.nextInt(3) == 0) {
                        query.append(query.length() == 0 ? '?' : '&').append(encoded(name)).append('=')
                                .append(encoded(random.nextBoolean() ? ODD[random.nextInt(ODD.length)] : "true"));
                    }
                }
                default -> {
                    if (random.nextInt(3) == 0) {
                        headers.add(name);
                        headers.add(random.nextInt(5) == 0 ? "a b" : "key-" + random.nextInt(100));
                    }
                }
            }
        }
        if (random.nextInt(20) == 0) {
            query.append(query.length() == 0 ? '?' : '&').append("CamelHttpResponseCode=500&x");
        }
        HttpRequest.Builder request = rest.to(path + query);
        if (!headers.isEmpty()) {
            request.headers(headers.toArray(String[]::new));
        }
        if (random.nextInt(10) == 0) {
            request.header("CamelHttpResponseCode", "500");
        }
        String method = random.nextInt(20) == 0 ? "PUT" : operation.method();
        if (method.equals("GET")) {
            return request.GET();
        }
        String type = List
                .of("application/json", "application/json", "text/csv", "application/xml", "x", "text/csv;x=\"")
                .get(random.nextInt(6));
        return request.header("Content-Type", type).method(method, BodyPublishers.ofByteArray(body(random)));
    }

    private static HttpRequest.Builder right(RestService rest, Operation operation, Random random) {
        int id = random.nextInt(50);
        HttpRequest.Builder request = rest.to(operation.path().replaceAll("\\{\\w+\\}", Integer.toString(id)));
        String pair = "{\"referenceid\":" + id + ",\"ackno\":" + id + "}";
        return operation.method().equals("GET")
                ? request.GET()
                : request.header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(List.of("/batches", "/checks").contains(operation.path())
                                ? "[" + pair + "]"
                                : pair));
    }

    private static byte[] body(Random random) {
        String id = Integer.toString(random.nextInt(50));
        String pair = "{\"referenceid\":" + id + ",\"ackno\":\"" + id + "\"}";
        switch (random.nextInt(5)) {
            case 0 :
                byte[] noise = new byte[random.nextInt(200)];
                random.nextBytes(noise);
                return noise;
            case 1 :
                return BODIES[random.nextInt(BODIES.length)].getBytes(StandardCharsets.UTF_8);
            case 2 :
                return ("[" + pair + "]").getBytes(StandardCharsets.UTF_8);
            case 3 :
                return ("{\"referenceid\":" + quoted(random) + ",\"ackno\":" + quoted(random) + "}")
                        .getBytes(StandardCharsets.UTF_8);
            default :
                return pair.getBytes(StandardCharsets.UTF_8);
        }
    }

    private static String quoted(Random random) {
        try {
            return JSON.writeValueAsString(ODD[random.nextInt(ODD.length)]);
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private java.util.Optional<String> problem(Operation operation, Answer answer) throws Exception {
        String what = operation.method() + " " + operation.path() + " -> " + answer.status() + " " + answer.http().uri()
                + " " + answer.http().body();
        if (answer.status() >= 500) {
            return java.util.Optional.of(what);
        }
        if (answer.status() == 404 || answer.status() == 405) {
            // a path with a slash in an id is another path
            return answer.type().equals("application/problem+json")
                    ? java.util.Optional.empty()
                    : java.util.Optional.of(what);
        }
        JsonNode response = resolved(operation.declaration().at("/responses/" + answer.status()));
        JsonNode schema = response.path("content").path(answer.type()).path("schema");
        if (schema.isMissingNode()) {
            return java.util.Optional.of("not in the contract: " + what);
        }
        if (answer.type().endsWith("csv")) {
            return java.util.Optional.empty();
        }
        ObjectNode whole = schema.deepCopy();
        whole.set("components", contract.get("components"));
        JsonSchema compiled = JsonSchemaFactory.getInstance(VersionFlag.V202012).getSchema(whole);
        return compiled.validate(answer.json()).stream().findFirst().map(violation -> violation + " in " + what);
    }
}
