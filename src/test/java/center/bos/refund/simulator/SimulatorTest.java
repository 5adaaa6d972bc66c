// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;

import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;

/** The simulator answers as docs/simulator.md says. */
@QuarkusTest
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SimulatorTest {
    private static final Path DOC = Path.of("docs/simulator.md");
    private static final Path ROUTE = Path.of("routes/demo/simulator.camel.yaml");
    private static final String ORDINARY = "any other";

    @TestHTTPResource("/simulator")
    URI simulator;

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private final ObjectMapper json = new ObjectMapper();
    private String token;

    /** One line of the doc's table of magic numbers. */
    record Magic(String ending, String http, String body, String header, String delay, String nextTime) {
        String ackno() {
            return ending.equals(ORDINARY) ? "127" : "5" + ending;
        }

        boolean resets() {
            return http.equals("none");
        }

        boolean succeedsNextTime() {
            return nextTime.equals("success");
        }

        String text() {
            return body.equals("empty") ? "" : body.substring(1, body.length() - 1);
        }

        static Magic of(String line) {
            String[] cells = Stream.of(line.split("\\|", -1)).map(String::strip).toArray(String[]::new);
            return new Magic(cells[1], cells[2], cells[3], cells[4].replace("`", ""), cells[5].replace("`", ""),
                    cells[6]);
        }
    }

    static List<Magic> table() throws IOException {
        return Files.readAllLines(DOC).stream()
                .filter(line -> line.matches("\\| (\\d{4}|" + ORDINARY + ") \\|.*"))
                .map(Magic::of)
                .toList();
    }

    static Stream<Magic> answers() throws IOException {
        return table().stream().filter(row -> !row.resets());
    }

    static Stream<Magic> resets() throws IOException {
        return table().stream().filter(Magic::resets);
    }

    @BeforeAll
    void takesAToken() throws Exception {
        token = authorize(setting("simulator.client-id"), setting("simulator.client-secret")).at("/data/token")
                .asText();
    }

    @ParameterizedTest
    @MethodSource("answers")
    void answersAsTheTableSays(Magic row) throws Exception {
        String request = ids("12345678926", row.ackno());
        long asked = System.nanoTime();
        HttpResponse<String> first = refund(request, token);

        assertThat(System.nanoTime() - asked).isGreaterThanOrEqualTo(waitMillis(row) * 1_000_000);
        assertIsOf(row, first);
        HttpResponse<String> second = refund(request, token);
        assertIsOf(row.succeedsNextTime() ? ordinary() : row, second);
    }

    @ParameterizedTest
    @MethodSource("resets")
    void resetsTheConnection(Magic row) {
        assertThatThrownBy(() -> refund(ids("12345678926", row.ackno()), token))
                .isInstanceOf(IOException.class)
                .hasRootCauseInstanceOf(SocketException.class)
                .hasStackTraceContaining("reset");
    }

    @Test
    void tableAndRouteNameTheSameMagicNumbers() throws Exception {
        var inRoute = Pattern.compile("endsWith '(\\d+)'").matcher(Files.readString(ROUTE)).results()
                .map(match -> match.group(1)).toList();

        assertThat(table()).extracting(Magic::ending).filteredOn(ending -> !ending.equals(ORDINARY))
                .containsExactlyElementsOf(inRoute);
    }

    @Test
    void failsOnceForEachPair() throws Exception {
        String magic = table().stream().filter(Magic::succeedsNextTime).findFirst().orElseThrow().ending();

        for (String reference : List.of("1", "2")) {
            assertThat(refund(ids(reference, magic), token).statusCode()).isNotEqualTo(200);
            assertThat(refund(ids(reference, magic), token).statusCode()).isEqualTo(200);
            assertThat(refund(ids(reference, magic), token).statusCode()).isEqualTo(200);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"referenceid\":\"12345678926\",\"ackno\":\"127\"}",
            "{\"RegistrationID\":1,\"ackno\":127}",
            "{\"referenceid\":999999999999999999,\"ackno\":999999999999999998,\"more\":[]}"})
    void takesIdsAsNumbersOrStringsUnderEitherName(String request) throws Exception {
        assertIsOf(ordinary(), refund(request, token));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{", "[]", "null", "\"127\"", "{\"ackno\":127}", "{\"referenceid\":1}",
            "{\"referenceid\":null,\"ackno\":127}", "{\"referenceid\":\"\",\"ackno\":127}",
            "{\"referenceid\":1.5,\"ackno\":127}",
            "{\"referenceid\":-1,\"ackno\":127}", "{\"referenceid\":1,\"ackno\":1234567890123456789}",
            "{\"referenceid\":{\"id\":1},\"ackno\":127}"})
    void refusesABodyWithoutTwoIds(String request) throws Exception {
        var answer = refund(request, token);

        assertThat(answer.statusCode()).isEqualTo(406);
        assertThat(json.readTree(answer.body()).path("response_code").asInt()).isEqualTo(4);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Bearer", "Bearer wrong", "Basic {token}", "{token}"})
    void refusesARequestWithoutItsToken(String authorization) throws Exception {
        var request = HttpRequest.newBuilder(refundUri())
                .header("Authorization", authorization.replace("{token}", token))
                .POST(HttpRequest.BodyPublishers.ofString(ids("1", "127"))).build();
        var answer = client.send(request, BodyHandlers.ofString());

        assertThat(answer.statusCode()).isEqualTo(401);
        assertThat(answer.body())
                .isEqualTo("{\"status\":false,\"responsecode\":18,\"message\":\"Authentication failed\"}");
    }

    @Test
    void refusesAFormInPlaceOfJson() throws Exception {
        var request = HttpRequest.newBuilder(refundUri()).header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/x-www-form-urlencoded")
                .POST(HttpRequest.BodyPublishers.ofString("referenceid=1&ackno=127")).build();

        assertThat(client.send(request, BodyHandlers.ofString()).statusCode()).isEqualTo(406);
    }

    @Test
    void aNewTokenDoesNotVoidTheOld() throws Exception {
        JsonNode answer = authorize(setting("simulator.client-id"), setting("simulator.client-secret"));

        assertThat(answer.path("status").asText()).isEqualTo("SUCCESS");
        assertThat(answer.at("/data/token").asText()).isNotEqualTo(token);
        assertThat(answer.at("/data/expiry").asLong())
                .isBetween(Instant.now().getEpochSecond() + 590, Instant.now().getEpochSecond() + 600);
        assertThat(refund(ids("1", "127"), token).statusCode()).isEqualTo(200);
        assertThat(refund(ids("1", "127"), answer.at("/data/token").asText()).statusCode()).isEqualTo(200);
    }

    @Test
    void refusesWrongCredentialsWithHttp200() throws Exception {
        String id = setting("simulator.client-id");
        String secret = setting("simulator.client-secret");

        for (JsonNode answer : List.of(authorize(id, "wrong"), authorize("wrong", secret), authorize("", ""))) {
            assertThat(answer.path("status").asText()).isEqualTo("ERROR");
            assertThat(answer.has("data")).isFalse();
        }
    }

    @Test
    void givesBackNothingOfTheRequest() throws Exception {
        var request = HttpRequest.newBuilder(refundUri()).header("Authorization", "Bearer " + token)
                .header("X-Mine", "1")
                .POST(HttpRequest.BodyPublishers.ofString(ids("1", "127"))).build();

        assertThat(client.send(request, BodyHandlers.ofString()).headers().map().keySet())
                .contains("content-type").isSubsetOf("transfer-encoding", "content-type", "cache-control",
                        "content-security-policy", "referrer-policy", "x-content-type-options", "x-frame-options");
    }

    @Test
    void theExampleFileShowsFewFailuresAndNoneThatTakesLong() throws Exception {
        var endings = new ArrayList<String>();
        var pairs = new HashSet<String>();
        int duplicates = 0;
        int rejected = 0;
        for (String line : Files.readAllLines(Path.of("examples/refunds.csv")).stream().skip(1).toList()) {
            String[] cells = line.split(",");
            table().stream().map(Magic::ending).filter(cells[1]::endsWith).forEach(endings::add);
            duplicates += pairs.add(cells[0] + "/" + cells[1]) ? 0 : 1;
            rejected += cells[0].matches("\\d{1,18}") && cells[1].matches("\\d{1,18}") ? 0 : 1;
        }

        assertThat(endings).containsOnly("9002", "9003", "9105").contains("9002", "9003", "9105");
        assertThat(duplicates).isEqualTo(1);
        assertThat(rejected).isEqualTo(1);
    }

    private void assertIsOf(Magic row, HttpResponse<String> answer) {
        assertThat(answer.statusCode()).isEqualTo(Integer.parseInt(row.http()));
        assertThat(answer.body()).isEqualTo(row.text());
        assertThat(answer.headers().firstValue("Content-Type"))
                .contains(row.text().startsWith("<html>") ? "text/html" : "application/json");
        for (String name : List.of("Retry-After", "Location")) {
            String header = answer.headers().firstValue(name).map(value -> name + ": " + value).orElse("");
            assertThat(header).isEqualTo(row.header().startsWith(name) ? row.header() : "");
        }
    }

    private static Magic ordinary() throws IOException {
        return table().stream().filter(row -> row.ending().equals(ORDINARY)).findFirst().orElseThrow();
    }

    private static long waitMillis(Magic row) {
        return Optional.of(row.delay()).filter(name -> !name.isEmpty()).map(SimulatorTest::setting).map(Long::valueOf)
                .orElse(0L);
    }

    private static String setting(String name) {
        return ConfigProvider.getConfig().getValue(name, String.class);
    }

    private static String ids(String reference, String ackno) {
        return "{\"referenceid\":" + reference + ",\"ackno\":" + ackno + "}";
    }

    private URI refundUri() {
        return URI.create(simulator + "/api/BOS/RefundOTP");
    }

    private HttpResponse<String> refund(String body, String bearer) throws Exception {
        var request = HttpRequest.newBuilder(refundUri())
                .header("Authorization", "Bearer " + bearer)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body, StandardCharsets.UTF_8))
                .build();
        return client.send(request, BodyHandlers.ofString());
    }

    private JsonNode authorize(String id, String secret) throws Exception {
        var request = HttpRequest.newBuilder(URI.create(simulator + "/authorize"))
                .header("X-Client-Id", id)
                .header("X-Client-Secret", secret)
                .POST(HttpRequest.BodyPublishers.noBody())
                .build();
        var answer = client.send(request, BodyHandlers.ofString());
        assertThat(answer.statusCode()).isEqualTo(200);
        return json.readTree(answer.body());
    }
}
