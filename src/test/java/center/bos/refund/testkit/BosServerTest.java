// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;

import javax.crypto.Cipher;
import javax.net.ssl.SSLHandshakeException;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BosServerTest {

    private static final HttpClient CLIENT = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private static final String SUCCESS = "{\"status\":true,\"response_code\":1,\"message\":\"Refund Otp Successfully Sent.\"}";

    @TempDir
    Path folder;

    private BosServer bos;
    private String token;

    @BeforeEach
    void start() {
        bos = BosServer.start();
        token = bos.tokens().issue();
    }

    @AfterEach
    void stop() {
        bos.close();
    }

    @Test
    void answersSuccessAndRecordsWhatWasSent() throws Exception {
        Instant before = Instant.now();

        HttpResponse<String> answer = refund("12345678926", "127");

        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(answer.body()).isEqualTo(SUCCESS);
        assertThat(bos.posts()).hasSize(1);
        Post post = bos.postsFor("12345678926", "127").get(0);
        assertThat(post.body()).isEqualTo("{\"referenceid\":12345678926,\"ackno\":127}");
        assertThat(post.header("CONTENT-TYPE")).contains("application/json");
        assertThat(post.header("authorization")).contains("Bearer " + token);
        assertThat(post.at()).isBetween(before.minusMillis(1), Instant.now());
        assertThat(post.authorized()).isTrue();
    }

    @Test
    void countsEachRequestOfAPair() throws Exception {
        bos.reply(post -> post.attempt() == 1 ? Reply.code(412, 5) : Reply.success());

        assertThat(refund("1", "2").body()).contains("\"status\":false,\"response_code\":5");
        assertThat(refund("1", "2").body()).isEqualTo(SUCCESS);
        refund("1", "3");

        assertThat(bos.postsFor("1", "2")).extracting(Post::attempt).containsExactly(1, 2);
        assertThat(bos.postsFor("1", "3")).hasSize(1);
        assertThat(bos.postsFor("9", "9")).isEmpty();
        assertThat(bos.postCount()).isEqualTo(3);
        assertThat(bos.mostPostsWithin(Duration.ofMinutes(1))).isEqualTo(3);
    }

    @Test
    void readsIdsThatAreTextOrUnderTheNameOfTheSamples() throws Exception {
        send(authorized("{ \"RegistrationID\" : \"0042\", \"ackno\" : \"7\" }"));
        send(authorized("{\"other\":1}"));

        assertThat(bos.postsFor("0042", "7")).hasSize(1);
        assertThat(bos.postsFor("", "")).hasSize(1);
    }

    @Test
    void readsAChunkedBodyAndPipelinedRequests() throws Exception {
        try (RawClient client = new RawClient(bos.port())) {
            String head = "POST /api/BOS/RefundOTP HTTP/1.1\r\nAuthorization: Bearer " + token + "\r\n";
            client.send(head + "Transfer-Encoding: chunked\r\n\r\n10\r\n{\"referenceid\":5\r\nb\r\n,\"ackno\":6}\r\n"
                    + "0\r\n\r\n" + head + "Content-Length: 27\r\n\r\n{\"referenceid\":7,\"ackno\":8}");

            assertThat(client.readAnswer()).endsWith(SUCCESS);
            assertThat(client.readAnswer()).endsWith(SUCCESS);
        }
        assertThat(bos.posts()).extracting(Post::pair).containsExactly(new Pair("5", "6"), new Pair("7", "8"));
    }

    @Test
    void refusesATokenThatItDidNotIssueOrThatExpired() throws Exception {
        String brief = bos.tokens().lifetime(Duration.ofMillis(1)).issue();
        await().pollInterval(Duration.ofMillis(5)).until(() -> !bos.tokens().isGood(brief));

        for (String bad : List.of("made-up", brief)) {
            token = bad;
            HttpResponse<String> answer = refund("1", "2");
            assertThat(answer.statusCode()).isEqualTo(401);
            assertThat(answer.body()).contains("\"response_code\":18");
        }

        assertThat(bos.posts()).extracting(Post::authorized).containsExactly(false, false);
    }

    @Test
    void givesATokenForTheRightCredentialsOnly() throws Exception {
        bos.tokens().credentials("me", "secret").lifetime(Duration.ofSeconds(300));

        assertThat(askToken("me", "wrong", null).body()).contains("\"status\":\"ERROR\"");
        String absolute = askToken("me", "secret", null).body();
        bos.tokens().relativeExpiry();
        String relative = askToken("me", "secret", null).body();

        assertThat(bos.tokensAsked()).isEqualTo(3);
        assertThat(Long.parseLong(field(absolute, "\"expiry\":", "}"))).isCloseTo(Instant.now().getEpochSecond() + 300,
                within(5L));
        assertThat(relative).contains("\"expiry\":300}");
        token = field(absolute, "\"token\":\"", "\"");
        assertThat(refund("1", "2").statusCode()).isEqualTo(200);
        bos.tokens().revokeAll();
        assertThat(refund("1", "2").statusCode()).isEqualTo(401);
    }

    @Test
    void asksForASignatureThatIsFreshAndMadeForTheClient() throws Exception {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        KeyPair keys = generator.generateKeyPair();
        bos.tokens().credentials("me", "secret").signedFor(keys.getPrivate());
        long now = Instant.now().getEpochSecond();

        assertThat(askToken("me", "secret", null).body()).contains("ERROR");
        assertThat(askToken("me", "secret", "bm90IGEgc2lnbmF0dXJl").body()).contains("ERROR");
        assertThat(askToken("me", "secret", sign("you." + now, keys.getPublic())).body()).contains("ERROR");
        assertThat(askToken("me", "secret", sign("me." + (now - 400), keys.getPublic())).body()).contains("ERROR");
        assertThat(askToken("me", "secret", sign("me." + now, keys.getPublic())).body()).contains("SUCCESS");
    }

    @Test
    void canFailTheFirstTokenRequests() throws Exception {
        bos.tokens().reply(request -> request.number() == 1 ? Reply.empty(503) : bos.tokens().decide(request));

        assertThat(askToken(TokenDesk.CLIENT_ID, TokenDesk.CLIENT_SECRET, null).statusCode()).isEqualTo(503);
        assertThat(askToken(TokenDesk.CLIENT_ID, TokenDesk.CLIENT_SECRET, null).body()).contains("SUCCESS");
    }

    @Test
    void resetsTheConnectionAfterTheRequestWasRead() throws Exception {
        bos.reply(Reply.reset());
        try (RawClient client = new RawClient(bos.port())) {
            client.sendRefund(token, "1", "2");

            assertThatThrownBy(client::read).isInstanceOf(SocketException.class).hasMessageContaining("reset");
        }
        assertThat(bos.postsFor("1", "2")).hasSize(1);
    }

    @Test
    void closesWithoutAnAnswer() throws Exception {
        bos.reply(Reply.closeWithoutAnswer());
        try (RawClient client = new RawClient(bos.port())) {
            client.sendRefund(token, "1", "2");

            assertThat(client.read()).isEqualTo(-1);
        }
    }

    @Test
    void dripsABodyByteByByte() throws Exception {
        bos.reply(Reply.drip("0123456789", Duration.ofMillis(20)));
        Instant before = Instant.now();

        assertThat(refund("1", "2").body()).isEqualTo("0123456789");

        assertThat(Duration.between(before, Instant.now())).isGreaterThanOrEqualTo(Duration.ofMillis(200));
    }

    @Test
    void endsABodyBeforeItsLength() throws Exception {
        bos.reply(Reply.truncated("{\"status\":tr"));

        assertThatThrownBy(() -> refund("1", "2")).isInstanceOf(IOException.class);
    }

    @Test
    void sendsHtmlEmptyAndHugeAnswers() throws Exception {
        bos.reply(Reply.html(403).withHeader("Retry-After", "7"));
        HttpResponse<String> html = refund("1", "1");
        assertThat(html.statusCode()).isEqualTo(403);
        assertThat(html.headers().firstValue("content-type").orElseThrow()).startsWith("text/html");
        assertThat(html.headers().firstValue("retry-after")).contains("7");

        bos.reply(Reply.empty(502));
        assertThat(refund("1", "2").body()).isEmpty();

        bos.reply(Reply.huge(1_000_000));
        assertThat(refund("1", "3").body()).hasSize(1_000_000).endsWith("x\"}");
    }

    @Test
    void delaysAnAnswer() throws Exception {
        bos.reply(Reply.success().after(Duration.ofMillis(150)));
        Instant before = Instant.now();

        refund("1", "2");

        assertThat(Duration.between(before, Instant.now())).isGreaterThanOrEqualTo(Duration.ofMillis(150));
    }

    @Test
    void hangsUntilTheClientLeaves() throws Exception {
        bos.reply(Reply.hang());
        RawClient client = new RawClient(bos.port());
        client.sendRefund(token, "1", "2");
        await().until(() -> bos.inFlightNow() == 1);

        client.close();

        await().until(() -> bos.inFlightNow() == 0 && bos.openConnections() == 0);
    }

    @Test
    void keepsAConnectionForManyRequestsUntilToldOtherwise() throws Exception {
        try (RawClient client = new RawClient(bos.port())) {
            for (int i = 0; i < 3; i++) {
                client.sendRefund(token, "1", Integer.toString(i));
                assertThat(client.readAnswer()).endsWith(SUCCESS);
            }
            assertThat(bos.closeIdleConnections()).isEqualTo(1);
            assertThat(client.read()).isEqualTo(-1);
        }
        bos.reply(Reply.success().withHeader("Connection", "close"));
        try (RawClient client = new RawClient(bos.port())) {
            client.sendRefund(token, "2", "1");
            assertThat(client.readAnswer()).contains("Connection: close");
            assertThat(client.read()).isEqualTo(-1);
        }
        bos.reply(Reply.success().thenClose());
        try (RawClient client = new RawClient(bos.port())) {
            client.sendRefund(token, "3", "1");
            assertThat(client.readAnswer()).doesNotContain("close");
            assertThat(client.read()).isEqualTo(-1);
        }
        assertThat(bos.posts()).extracting(Post::connection).containsExactly(1, 1, 1, 2, 3);
    }

    @Test
    void refusesConnectionsAndAcceptsThemAgainOnTheSamePort() throws Exception {
        int port = bos.port();
        try (RawClient idle = new RawClient(port)) {
            idle.sendRefund(token, "1", "1");
            idle.readAnswer();
            for (int i = 0; i < 3; i++) {
                bos.refuseConnections();

                assertThat(idle.read()).isEqualTo(-1);
                assertThatThrownBy(() -> new RawClient(port)).isInstanceOf(ConnectException.class);

                bos.acceptAgain();

                assertThat(bos.port()).isEqualTo(port);
                assertThat(refund("2", "1").statusCode()).isEqualTo(200);
            }
        }
    }

    @Test
    void drainsWithoutLosingARequest() throws Exception {
        int port = bos.port();
        try (RawClient idle = new RawClient(port)) {
            idle.sendRefund(token, "1", "1");
            assertThat(idle.readAnswer()).doesNotContain("Connection: close");

            bos.drain();

            assertThatThrownBy(() -> new RawClient(port)).isInstanceOf(ConnectException.class);
            idle.sendRefund(token, "1", "2");
            assertThat(idle.readAnswer()).contains("Connection: close").endsWith(SUCCESS);
            assertThat(idle.read()).isEqualTo(-1);
        }
        bos.acceptAgain();
        assertThat(refund("2", "1").statusCode()).isEqualTo(200);
    }

    @Test
    void countsHowManyAreHandledAtOnce() throws Exception {
        int clients = 1_100;
        CountDownLatch go = new CountDownLatch(1);
        bos.reply(post -> {
            awaitLatch(go);
            return Reply.success();
        });
        List<RawClient> open = new ArrayList<>();
        try {
            for (int i = 0; i < clients; i++) {
                RawClient client = new RawClient(bos.port());
                open.add(client);
                client.sendRefund(token, "1", Integer.toString(i));
            }
            await().atMost(Duration.ofSeconds(30)).until(() -> bos.inFlightNow() == clients);
            go.countDown();
            for (RawClient client : open) {
                assertThat(client.readAnswer()).endsWith(SUCCESS);
            }
        } finally {
            for (RawClient client : open) {
                client.close();
            }
        }
        assertThat(bos.maxInFlight()).isEqualTo(clients);
        assertThat(bos.inFlightNow()).isZero();
    }

    @Test
    void doesNotCountAnAnsweredRequestAsInFlight() throws Exception {
        try (RawClient one = new RawClient(bos.port()); RawClient two = new RawClient(bos.port())) {
            for (int i = 0; i < 2_000; i++) {
                RawClient client = i % 2 == 0 ? one : two;
                client.sendRefund(token, "1", Integer.toString(i));
                client.readAnswer();
            }
        }
        assertThat(bos.maxInFlight()).isEqualTo(1);
    }

    @Test
    void notesRequestsThatGoElsewhere() throws Exception {
        HttpResponse<String> answer = send(HttpRequest.newBuilder(URI.create(bos.baseUrl() + "/moved?x=1")).build());

        assertThat(answer.statusCode()).isEqualTo(404);
        assertThat(bos.otherRequests()).containsExactly("GET /moved");
    }

    @Test
    void speaksTlsAndAsksForTheClientsCertificateIfTold() throws Exception {
        SelfSigned server = SelfSigned.forLoopback(folder);
        SelfSigned client = SelfSigned.forHost(folder, "client");
        try (BosServer secure = BosServer.startTls(server.contextTrusting(client), true)) {
            token = secure.tokens().issue();
            HttpRequest request = refundRequest(secure, "{\"referenceid\":1,\"ackno\":2}");
            HttpClient known = HttpClient.newBuilder().sslContext(client.contextTrusting(server)).build();
            HttpClient anonymous = HttpClient.newBuilder().sslContext(server.trustingContext()).build();

            assertThat(known.send(request, BodyHandlers.ofString()).body()).isEqualTo(SUCCESS);
            assertThatThrownBy(() -> anonymous.send(request, BodyHandlers.ofString())).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> CLIENT.send(request, BodyHandlers.ofString()))
                    .isInstanceOf(SSLHandshakeException.class);
            assertThat(secure.postCount()).isEqualTo(1);
        }
        assertThat(server.pem()).startsWith("-----BEGIN CERTIFICATE-----\nMII");
    }

    @Test
    void asAProcessHasWrittenTheLineBeforeItAnswers() throws Exception {
        Path log = folder.resolve("posts.log");
        try (RefundProcess process = RefundProcess.in(folder).jar(ServerJar.in(folder)).start("--log", log.toString(),
                "--token", "fixed", "--latency", "60000")) {
            try (RawClient client = new RawClient(awaitPort(process))) {
                client.sendRefund("fixed", "12345678926", "127");
                await().untilAsserted(
                        () -> assertThat(Files.readString(log)).matches("\\d{13}\t12345678926\t127\n"));
            }
            process.terminate();
            process.waitFor(Duration.ofSeconds(30));
            assertThat(process.output()).contains("posts 1, tokens 0, most in flight 1");
        }
    }

    @Test
    void asAProcessRepliesAsTold() throws Exception {
        try (RefundProcess process = RefundProcess.in(folder).jar(ServerJar.in(folder)).start("--reply", "503",
                "--token", "fixed"); RawClient client = new RawClient(awaitPort(process))) {
            client.sendRefund("fixed", "1", "2");

            assertThat(client.readAnswer()).startsWith("HTTP/1.1 503 ");
        }
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    static int awaitPort(RefundProcess process) {
        await().atMost(Duration.ofSeconds(30)).until(() -> process.stdout().endsWith("\n") || !process.isAlive());
        assertThat(process.output()).contains("listening ");
        return Integer.parseInt(process.stdout().trim().substring("listening ".length()));
    }

    private HttpResponse<String> refund(String referenceid, String ackno) throws Exception {
        return send(authorized("{\"referenceid\":" + referenceid + ",\"ackno\":" + ackno + "}"));
    }

    private HttpRequest authorized(String body) {
        return refundRequest(bos, body);
    }

    private HttpRequest refundRequest(BosServer server, String body) {
        return HttpRequest.newBuilder(URI.create(server.baseUrl() + BosServer.REFUND_OTP))
                .header("Authorization", "Bearer " + token).header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body)).build();
    }

    private HttpResponse<String> askToken(String id, String secret, String signature) throws Exception {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(bos.tokenUrl())).header("X-Client-Id", id)
                .header("X-Client-Secret", secret).POST(HttpRequest.BodyPublishers.noBody());
        if (signature != null) {
            request.header("X-Cf-Signature", signature);
        }
        return send(request.build());
    }

    private static HttpResponse<String> send(HttpRequest request) throws Exception {
        return CLIENT.send(request, BodyHandlers.ofString());
    }

    private static String sign(String text, PublicKey key) throws Exception {
        Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
        cipher.init(Cipher.ENCRYPT_MODE, key);
        return Base64.getEncoder().encodeToString(cipher.doFinal(text.getBytes(UTF_8)));
    }

    private static String field(String text, String before, String after) {
        int from = text.indexOf(before) + before.length();
        return text.substring(from, text.indexOf(after, from));
    }
}
