// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import static center.bos.refund.model.Outcome.ERROR;
import static center.bos.refund.model.Outcome.IN_DOUBT;
import static center.bos.refund.model.Outcome.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.sqlite.JDBC;

import center.bos.refund.model.NewRow;
import center.bos.refund.model.Outcome;
import center.bos.refund.model.RowOutcome;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.ImpatientBosInTests;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RowSender;
import center.bos.refund.testkit.TroubleAtBos;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.junit.QuarkusTest;

/**
 * What may come back from BOS, as it looks on the wire, with the number of POSTs that it may cost: every code of
 * docs/response-codes.md, read from there, and every way to say it or not to say it.
 */
@QuarkusTest
@QuarkusTestResource(value = ImpatientBosInTests.class, restrictToAnnotatedClass = true)
class ClassificationTest extends TroubleAtBos {
    private static final int WITH_ALL_RETRIES = 4;

    DataTree data;

    static Stream<Arguments> finalAnswers() {
        String ok = "{\"status\":true,\"response_code\":1,\"message\":\"Refund Otp Successfully Sent.\"}";
        return Stream.of(
                // done
                arguments("as documented", Reply.json(200, ok), SUCCESS, "1", 1),
                arguments("201", Reply.json(201, ok), SUCCESS, "1", 1),
                arguments("everything as a string", json("{'status':'true','response_code':'1'}"), SUCCESS, "1", 1),
                arguments("misspelt code", json("{'status':true,'responsecode':1}"), SUCCESS, "1", 1),
                arguments("both spellings", json("{'status':true,'responsecode':1,'response_code':'1'}"), SUCCESS, "1",
                        1),
                arguments("unknown fields", json("{'status':true,'response_code':1,'data':{'a':[1]}}"), SUCCESS, "1",
                        1),
                arguments("JSON in a JSON string", json("'{\\'status\\':true,\\'response_code\\':1}'"), SUCCESS, "1",
                        1),
                arguments("a float that is whole", json("{'status':true,'response_code':1.0}"), SUCCESS, "1", 1),
                arguments("text/html over JSON", text("text/html", ok), SUCCESS, "1", 1),
                arguments("no content type", text(null, ok), SUCCESS, "1", 1),
                arguments("byte order mark", text("application/json", "\uFEFF" + ok), SUCCESS, "1", 1),
                arguments("UTF-16",
                        Reply.bytes(200, "application/json; charset=utf-16", ok.getBytes(StandardCharsets.UTF_16)),
                        SUCCESS, "1", 1),
                arguments("Latin 1",
                        Reply.bytes(200, "application/json; charset=ISO-8859-1",
                                ok.replace("Otp", "\u00e9t\u00e9").getBytes(StandardCharsets.ISO_8859_1)),
                        SUCCESS, "1", 1),
                arguments("Latin 1 that nobody announced",
                        Reply.bytes(200, "application/json",
                                ok.replace("Otp", "\u00e9t\u00e9").getBytes(StandardCharsets.ISO_8859_1)),
                        SUCCESS, "1", 1),
                arguments("a charset that cannot be one", text("application/json; charset='utf-8'", ok), SUCCESS, "1",
                        1),
                arguments("a charset that nobody has", text("application/json; charset=utf-99x!", ok), SUCCESS, "1", 1),
                arguments("gzip", Reply.bytes(200, "application/json", gzip(ok)).withHeader("Content-Encoding", "gzip"),
                        SUCCESS, "1", 1),
                arguments("an unknown field twice", json("{'status':true,'x':1,'x':2,'response_code':1}"), SUCCESS, "1",
                        1),
                arguments("a serialized Java object by its type alone",
                        text("application/x-java-serialized-object", ok), IN_DOUBT, null, 1),
                // BOS says no
                arguments("no record, gzip",
                        Reply.bytes(412, "application/json", gzip("{\"status\":false,\"response_code\":3}"))
                                .withHeader("Content-Encoding", "x-gzip"),
                        ERROR, "3", 1),
                arguments("not found or refunded", Reply.code(200, 2), ERROR, "2", 1),
                arguments("no record", Reply.code(412, 3), ERROR, "3", 1),
                arguments("validation", Reply.code(406, 4), ERROR, "4", 1),
                arguments("no record, HTTP 200", Reply.code(200, 3), ERROR, "3", 1),
                arguments("unknown code", Reply.code(200, 99), ERROR, "99", 1),
                arguments("unknown code as text", json("{'status':false,'response_code':'E-17'}"), ERROR, "E-17", 1),
                arguments("negative code", json("{'status':false,'response_code':-1}"), ERROR, "-1", 1),
                arguments("error without status", json("{'response_code':2}"), ERROR, "2", 1),
                arguments("a code that only begins like a success", json("{'status':false,'response_code':11}"), ERROR,
                        "11", 1),
                // not done, and used up
                arguments("unable to resend", Reply.code(412, 5), ERROR, "5", WITH_ALL_RETRIES),
                arguments("unable to resend, HTTP 200", Reply.code(200, 5), ERROR, "5", WITH_ALL_RETRIES),
                arguments("unable to resend, HTTP 500", Reply.code(500, 5), ERROR, "5", WITH_ALL_RETRIES),
                arguments("429", Reply.empty(429), ERROR, null, WITH_ALL_RETRIES),
                arguments("429 with a success", Reply.json(429, ok), ERROR, "1", WITH_ALL_RETRIES),
                arguments("503 that names a time", Reply.html(503).withHeader("Retry-After", "0"), ERROR, null,
                        WITH_ALL_RETRIES),
                arguments("503 that names a time which nobody can read",
                        Reply.html(503).withHeader("Retry-After", "soon"),
                        ERROR, null, WITH_ALL_RETRIES),
                // nobody knows
                arguments("gzip that is none",
                        Reply.json(200, ok).withHeader("Content-Encoding", "gzip"), IN_DOUBT, null, 1),
                arguments("status against success", json("{'status':false,'response_code':1}"), IN_DOUBT, "1", 1),
                arguments("status against error", json("{'status':true,'response_code':2}"), IN_DOUBT, "2", 1),
                arguments("success without status", json("{'response_code':1}"), IN_DOUBT, "1", 1),
                arguments("success with HTTP 400", Reply.json(400, ok), IN_DOUBT, "1", 1),
                arguments("success with HTTP 500", Reply.json(500, ok), IN_DOUBT, "1", 1),
                arguments("error with HTTP 500", Reply.code(500, 2), IN_DOUBT, "2", 1),
                arguments("503 without a time", Reply.html(503), IN_DOUBT, null, 1),
                arguments("502", Reply.html(502), IN_DOUBT, null, 1),
                arguments("504 empty", Reply.empty(504), IN_DOUBT, null, 1),
                arguments("empty", Reply.empty(200), IN_DOUBT, null, 1),
                arguments("204", Reply.empty(204), IN_DOUBT, null, 1),
                arguments("HTML", Reply.html(200), IN_DOUBT, null, 1),
                arguments("JSON without a code", json("{'status':true,'message':'ok'}"), IN_DOUBT, null, 1),
                arguments("code null", json("{'status':true,'response_code':null}"), IN_DOUBT, null, 1),
                arguments("code in an object", json("{'status':true,'response_code':{'value':1}}"), IN_DOUBT, null, 1),
                arguments("code true", json("{'status':true,'response_code':true}"), IN_DOUBT, null, 1),
                arguments("code empty", json("{'status':true,'response_code':''}"), IN_DOUBT, null, 1),
                arguments("a broken number", json("{'status':true,'response_code':1.5}"), IN_DOUBT, null, 1),
                arguments("a number without end", json("{'status':true,'response_code':1e999999}"), IN_DOUBT, null, 1),
                arguments("an array", json("[{'status':true,'response_code':1}]"), IN_DOUBT, null, 1),
                arguments("two codes that differ", json("{'status':true,'response_code':1,'responsecode':2}"), IN_DOUBT,
                        null, 1),
                arguments("one code twice", json("{'status':true,'response_code':2,'response_code':1}"), IN_DOUBT, null,
                        1),
                arguments("something after the JSON", Reply.json(200, ok + "<br>Warning"), IN_DOUBT, null, 1),
                arguments("cut JSON", Reply.json(200, ok.substring(0, 40)), IN_DOUBT, null, 1),
                arguments("truncated", Reply.truncated(ok), IN_DOUBT, null, 1),
                arguments("truncated before the first byte", Reply.truncated(""), IN_DOUBT, null, 1),
                arguments("a NUL that is not escaped", Reply.json(200, ok.replace("Otp", "\0")), IN_DOUBT, null, 1),
                arguments("huge", Reply.huge(10 << 20), IN_DOUBT, null, 1),
                arguments("deep", Reply.json(200, "[".repeat(20_000)), IN_DOUBT, null, 1),
                arguments("reset", Reply.reset(), IN_DOUBT, null, 1),
                arguments("closed", Reply.closeWithoutAnswer(), IN_DOUBT, null, 1),
                arguments("hangs", Reply.hang(), IN_DOUBT, null, 1),
                arguments("drips", Reply.drip(ok, Duration.ofMillis(100)), IN_DOUBT, null, 1),
                arguments("too late", Reply.success().after(Duration.ofMillis(4_000)), IN_DOUBT, null, 1),
                arguments("a status that is none", Reply.bytes(99, null, new byte[0]), IN_DOUBT, null, 1),
                arguments("a head without end",
                        Reply.raw("HTTP/1.1 200 OK\r\nX-A: " + "a".repeat(1 << 20), Duration.ZERO), IN_DOUBT, null, 1),
                arguments("not HTTP", Reply.raw("220 mail.example ESMTP\r\n".repeat(20), Duration.ZERO), IN_DOUBT, null,
                        1),
                arguments("another protocol", Reply.raw("HTTP/1.1 101 Switching Protocols\r\n\r\n", Duration.ZERO),
                        IN_DOUBT, null, 1));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("finalAnswers")
    void classifies(String name, Reply reply, Outcome outcome, String code, int posts) {
        server.reply(reply);
        NewRow row = rows.row();

        RowOutcome ended = rows.send(row);

        assertThat(ended.outcome()).isEqualTo(outcome);
        assertThat(ended.responseCode()).isEqualTo(code);
        assertThat(ended.attempts()).isEqualTo(posts);
        assertThat(postsFor(row)).hasSize(posts);
    }

    static Stream<Arguments> documentedCodes() throws IOException {
        Pattern line = Pattern.compile("\\| (\\d{3}) \\| ([\\d, ]+) \\|.*\\| (\\w+) \\|");
        return Files.readAllLines(Path.of("docs/response-codes.md")).stream().map(line::matcher)
                .filter(Matcher::matches)
                .flatMap(cells -> Stream.of(cells.group(2).split(", "))
                        .map(code -> arguments(Integer.parseInt(cells.group(1)), Integer.parseInt(code.trim()),
                                cells.group(3))));
    }

    @ParameterizedTest(name = "HTTP {0}, code {1}: {2}")
    @MethodSource("documentedCodes")
    void treatsEachCodeAsTheDocumentSays(int httpStatus, int code, String meaning) {
        server.reply(post -> post.attempt() == 1 ? Reply.code(httpStatus, code) : Reply.success());
        NewRow row = rows.row();

        RowOutcome ended = rows.send(row);

        boolean again = Map.of("success", false, "error", false, "retry", true, "auth", true).get(meaning);
        assertThat(ended.outcome()).isEqualTo(meaning.equals("error") ? ERROR : SUCCESS);
        assertThat(ended.responseCode()).isEqualTo(again ? "1" : Integer.toString(code));
        assertThat(postsFor(row)).hasSize(again ? 2 : 1);
    }

    static Stream<Arguments> oddMessages() {
        return Stream.of(arguments("nothing", "", "BOS gave no message"),
                arguments("blanks", " \\t ", "BOS gave no message"),
                arguments("a NUL", "a\\u0000b", "a b"), arguments("half a character", "a\\ud83db", "a?b"),
                arguments("the other half", "\\ude00", "?"),
                arguments("a terminal's commands", "\\u001b[2Jx\\u0007\\u009b2J", " [2Jx  2J"),
                arguments("a long text", "x".repeat(2_000), "x".repeat(500) + "…"),
                arguments("a long text of large characters", "\uD83D\uDE00".repeat(400),
                        "\uD83D\uDE00".repeat(250) + "…"),
                arguments("cut in the middle of a character", "y" + "\uD83D\uDE00".repeat(400),
                        "y" + "\uD83D\uDE00".repeat(249) + "?…"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("oddMessages")
    void keepsWhatBosSaysInAFormThatADatabaseAndATerminalTake(String name, String said, String kept) throws Exception {
        server.reply(Reply.json(200, "{\"status\":false,\"response_code\":2,\"message\":\"" + said + "\"}"));
        NewRow row = rows.row();

        assertThat(rows.send(row).message()).isEqualTo(kept);

        assertThat(answerKept(row)).startsWith("{\"status\":false,\"response_code\":2,").contains(said);
    }

    @Test
    void saysTheHttpStatusOfAnAnswerThatIsNotTheExpectedJson() {
        for (int status : List.of(500, 200)) {
            server.reply(Reply.html(status));
            assertThat(rows.send(rows.row()).message()).isEqualTo("HTTP " + status + ", not the expected JSON");
        }
        server.reply(Reply.empty(204));
        assertThat(rows.send(rows.row()).message()).isEqualTo("HTTP 204, not the expected JSON");
    }

    @Test
    void keepsOfAnAnswerWhatAnOperatorNeedsAndNoToken() throws Exception {
        server.reply(post -> Reply.bytes(500, "text/html", (post.header("Authorization").orElseThrow() + "\0"
                + "x".repeat(10_000)).getBytes(StandardCharsets.UTF_8)));
        NewRow row = rows.row();

        rows.send(row);

        assertThat(answerKept(row)).startsWith("Bearer *** xxx").hasSize(4_001).endsWith("x…");
    }

    /** As an operator reads it, see docs/operations.md. */
    private String answerKept(NewRow row) throws SQLException {
        try (Connection ledger = new JDBC().connect("jdbc:sqlite:" + data.root().resolve("ledger.db"),
                new Properties());
                PreparedStatement query = ledger
                        .prepareStatement(
                                "SELECT answer FROM refund JOIN batch ON batch.number = refund.batch WHERE id = ?")) {
            query.setString(1, RowSender.batch(row));
            try (ResultSet found = query.executeQuery()) {
                assertThat(found.next()).isTrue();
                return found.getString(1);
            }
        }
    }

    static Stream<Arguments> notDone() {
        return Stream.of(arguments("302", Reply.html(302).withHeader("Location", "/elsewhere")),
                arguments("308", Reply.empty(308).withHeader("Location", "/elsewhere")),
                arguments("301 with JSON", Reply.code(301, 2)), arguments("304", Reply.empty(304)),
                arguments("blocked IP", Reply.html(403)),
                arguments("wrong URL", Reply.json(404, "{\"status\":false,\"message\":\"Not found\"}")),
                arguments("400 empty", Reply.empty(400)),
                arguments("blocked IP, a page larger than the cap",
                        Reply.bytes(403, "text/html", "<p>".repeat(100_000).getBytes(StandardCharsets.UTF_8))),
                arguments("auth code", Reply.code(401, 18)), arguments("auth code, HTTP 200", Reply.code(200, 7)),
                arguments("auth code as text", json("{'status':'false','responsecode':'6'}")),
                arguments("401 with HTML", Reply.html(401)), arguments("auth code, HTTP 500", Reply.code(500, 6)),
                arguments("retry code", Reply.code(200, 5)),
                arguments("retry code with status true", json("{'status':true,'response_code':5}")),
                arguments("429 with HTML", Reply.html(429)));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("notDone")
    void sendsAgainWhatWasNotDone(String name, Reply reply) {
        server.reply(post -> post.attempt() == 1 ? reply : Reply.success());
        NewRow row = rows.row();

        RowOutcome ended = rows.send(row);

        assertThat(ended.outcome()).isEqualTo(SUCCESS);
        assertThat(ended.attempts()).isEqualTo(2);
        assertThat(postsFor(row)).hasSize(2);
        assertThat(server.otherRequests()).isEmpty();
    }

    private static byte[] gzip(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream zip = new GZIPOutputStream(bytes)) {
            zip.write(text.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static Reply json(String body) {
        return Reply.json(200, body.replace("\\'", "\\\"").replace('\'', '"'));
    }

    private static Reply text(String contentType, String body) {
        return Reply.bytes(200, contentType, body.getBytes(StandardCharsets.UTF_8));
    }
}
