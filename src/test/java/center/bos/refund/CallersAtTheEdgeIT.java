// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.Login;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.RestService.Answer;
import center.bos.refund.testkit.Results;
import center.bos.refund.testkit.SelfSigned;
import center.bos.refund.testkit.TlsProxy;

/** Callers of the REST interface that are large, slow, many, or behind a proxy. */
@Execution(ExecutionMode.CONCURRENT)
class CallersAtTheEdgeIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String ROWS = "referenceid,ackno\n61,1\n62,1\n";
    private static final String UPLOAD = "POST /batches HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/csv\r\n"
            + "Content-Length: 1000000\r\n\r\nreferenceid,ackno\n";

    @TempDir
    Path folder;
    private BosServer bos;
    private final List<Socket> sockets = new ArrayList<>();

    @BeforeEach
    void start() {
        bos = BosServer.start();
    }

    @AfterEach
    void stop() throws IOException {
        for (Socket socket : sockets) {
            socket.close();
        }
        bos.close();
    }

    private RefundProcess.Launch launch() {
        return RefundProcess.in(folder).archived().against(bos);
    }

    @Test
    void aLargeUploadWithItsLengthIsTakenUpToTheLimitThatIsSet() {
        String cell = "x".repeat(50_000);
        StringBuilder csv = new StringBuilder("referenceid,ackno,note\n");
        for (int i = 1; csv.length() < 11_000_000; i++) {
            csv.append(i).append(",1,").append(cell).append('\n');
        }
        try (RestService rest = RestService.start(launch().env("REFUND_REST_LARGEST_BATCH", "12M"), folder)) {
            assertThat(rest.post("/batches", "text/csv", csv.toString()).status()).isEqualTo(202);

            Answer larger = rest.post("/batches", "text/csv", csv.append(csv, 0, 2_000_000).toString());
            assertThat(larger.status()).isEqualTo(413);
            assertThat(larger.type()).isEqualTo("application/problem+json");
            assertThat(larger.json().get("detail").asText()).isEqualTo("the body is larger than 12582912 bytes");
        }
    }

    @Test
    void whoSendsDropByDropKeepsNoPlace() throws Exception {
        try (RestService rest = RestService.start(launch(), folder)) {
            List<Socket> uploads = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                uploads.add(open(rest, UPLOAD));
            }
            List<Socket> heads = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                heads.add(open(rest, "GET /batches HTTP/1.1\r\nHost: 127.0.0.1\r\n"));
            }
            await().atMost(SOON).until(() -> {
                if (rest.post("/batches", "text/csv", ROWS).status() == 429) {
                    return true;
                }
                uploads.add(open(rest, UPLOAD)); // this call may have had the place of one that came at the same time
                return false;
            });
            await().atMost(Duration.ofSeconds(40)).pollInterval(Duration.ofSeconds(1)).until(() -> {
                heads.removeIf(CallersAtTheEdgeIT::isClosedAfterOneMore);
                uploads.removeIf(CallersAtTheEdgeIT::isClosedAfterOneMore);
                return heads.isEmpty() && uploads.isEmpty();
            });
            assertThat(rest.post("/batches", "text/csv", ROWS).status()).isEqualTo(202);
        }
    }

    /** Sends one character more; false while the server has not closed the connection. */
    private static boolean isClosedAfterOneMore(Socket socket) {
        try {
            socket.getOutputStream().write('1');
            socket.setSoTimeout(1);
            while (socket.getInputStream().read() >= 0) {
                // an answer, before the end
            }
            return true;
        } catch (SocketTimeoutException e) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void callsGoOnWhereCallersTakeEveryConnectionThatThereIs() throws Exception {
        Path java = Files.createDirectories(folder.resolve("java/bin")).resolve("java");
        Files.writeString(java, "#!/bin/sh\nulimit -n 460\nexec " + System.getProperty("java.home")
                + "/bin/java \"$@\"\n");
        Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
        try (RestService rest = RestService.start(launch().java(folder.resolve("java")), folder)) {
            for (int i = 0; i < 500; i++) {
                try {
                    open(rest, i % 2 == 0 ? "" : "GET /");
                } catch (SocketException e) {
                    // closed before it was written to
                }
            }
            CsvFiles.rows(300).writeTo(folder.resolve("data/inbox/rows.csv"));

            assertThat(Results.await(folder.resolve("data/outbox"), "rows", Duration.ofSeconds(20)).summary().success())
                    .isEqualTo(300);
            // and those who call get through again
            await().atMost(SOON).ignoreExceptions().until(() -> rest.get("/batches").status() == 200);
        }
    }

    @Test
    void whoLeavesInTheMiddleOfAFileLeavesItOpenForNobody() throws Exception {
        String cell = "x".repeat(5_000);
        StringBuilder csv = new StringBuilder("referenceid,ackno,note\n");
        for (int i = 1; i <= 2_000; i++) {
            csv.append(i).append(",1,").append(cell).append('\n');
        }
        try (RestService rest = RestService.start(launch(), folder)) {
            String batch = rest.post("/batches", "text/csv", csv.toString()).header("Location");
            await().atMost(SOON).until(() -> rest.get(batch).json().get("state").asText().equals("complete"));
            for (int i = 0; i < 5; i++) {
                open(rest, "GET " + batch + "/success.csv HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
            }
            // each stays open while its caller reads nothing
            await().during(Duration.ofSeconds(2)).atMost(SOON).until(() -> openResults(rest) == 5);

            for (Socket caller : sockets) {
                caller.close();
            }

            await().atMost(Duration.ofSeconds(20)).until(() -> openResults(rest) == 0);
        }
    }

    private static long openResults(RestService rest) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(rest.process().pid()), "fd"))) {
            return open.map(file -> {
                try {
                    return Files.readSymbolicLink(file).toString();
                } catch (IOException e) {
                    return ""; // closed meanwhile
                }
            }).filter(name -> name.endsWith("success.csv")).count();
        }
    }

    @Test
    void aBrowserGetsThroughATrustedTlsProxyAndNobodyElseSpeaksForIt() throws Exception {
        SelfSigned ca = SelfSigned.forLoopback(folder);
        String login = RestService.basic("alice", "a long pass phrase");
        try (RestService rest = RestService.start(launch().env("REFUND_HTTP_TRUSTED_PROXIES", "127.0.0.2")
                .jvmArg("-Dquarkus.security.users.embedded.users.alice=a long pass phrase")
                .jvmArg("-Dquarkus.security.users.embedded.roles.alice=submit,view"), folder)) {
            String origin;
            try (TlsProxy proxy = TlsProxy.start(folder, ca, rest.port())) {
                origin = proxy.origin();
                HttpClient browser = HttpClient.newBuilder().sslContext(ca.trustingContext()).build();
                HttpRequest.Builder post = HttpRequest.newBuilder(URI.create(origin + "/batches"))
                        .header("Content-Type", "text/csv").header("Authorization", login)
                        .POST(BodyPublishers.ofString(ROWS));
                await().atMost(SOON).ignoreExceptions().until(
                        () -> send(browser, post.copy().setHeader("Authorization", "")).statusCode() == 401);

                assertThat(send(browser, post.copy().header("Origin", origin)).statusCode()).isEqualTo(202);
                assertThat(send(browser, post.copy().header("Origin", "https://evil.example")).statusCode())
                        .isEqualTo(403);
                // what the caller says of itself is replaced
                assertThat(send(browser, post.copy().header("Origin", "https://evil.example").header("Forwarded",
                        "host=evil.example;proto=https")).statusCode()).isEqualTo(403);
            }
            Answer forged = rest.post("/batches", "text/csv", ROWS, "Authorization", login, "Origin", origin,
                    "Forwarded", "for=127.0.0.1;host=\"" + origin.replace("https://", "") + "\";proto=https");
            assertThat(forged.status()).isEqualTo(403);
            assertThat(rest.post("/batches", "text/csv", ROWS, "Authorization", login, "Origin",
                    "http://127.0.0.1:" + rest.port()).status()).isEqualTo(202);
        }
    }

    @Test
    void aCallerByIpv6IsNamedByItsAddress() {
        try (RestService rest = RestService.start(Login.ALICE.allow(launch()).env("REFUND_HTTP_TRUSTED_PROXIES",
                "127.0.0.1"), folder)) {
            for (String address : List.of("2001:db8::7", "2001:db8::beef", "[2001:db8::7]")) {
                rest.get("/batches", "Authorization", RestService.basic("alice", "wrong"), "Forwarded",
                        "for=\"" + address + "\";host=\"127.0.0.1\";proto=http"); // as nginx writes it, and as RFC 7239 has it
            }
            assertThat(rest.process().output()).contains("user alice from 2001:db8:0:0:0:0:0:7",
                    "user alice from 2001:db8:0:0:0:0:0:beef", "user alice from [2001:db8::7]");
        }
    }

    @Test
    void aProxyInFrontOfAServiceWithoutCallersIsRefused() {
        try (RefundProcess serve = launch().env("REFUND_HTTP_TRUSTED_PROXIES", "127.0.0.1").start("serve")) {
            assertThat(serve.waitFor(SOON)).isEqualTo(2);
            assertThat(serve.output()).contains("refund.http.trusted-proxies is set and no caller is configured");
        }
    }

    private static HttpResponse<String> send(HttpClient client, HttpRequest.Builder request) throws Exception {
        return client.send(request.build(), BodyHandlers.ofString());
    }

    private Socket open(RestService rest, String bytes) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), rest.port());
        sockets.add(socket);
        OutputStream out = socket.getOutputStream();
        out.write(bytes.getBytes(US_ASCII));
        out.flush();
        return socket;
    }
}
