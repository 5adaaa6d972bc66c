// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.OwnThread;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Reply;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.RestService.Answer;

/** What callers get while the service stops and while it starts again. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class RestOpeningIT {
    private static final Duration SOON = Duration.ofSeconds(90);
    private static final Duration STOPPED = Duration.ofSeconds(30);
    private static final String PAIR = "{\"referenceid\":4711,\"ackno\":1}";

    @TempDir
    static Path folder;
    private static BosServer bos;
    /** What the caller got who waited for an outcome when the service was stopped. */
    private static Answer told;
    /** What the caller got whose upload was under way then. */
    private static String uploadAnswer;
    /** What callers got who came after that. */
    private static final List<Integer> later = new ArrayList<>();
    private static int callsWhenNobodyListened = -1;
    private static String said;

    @BeforeAll
    static void stopWhileTwoCallersAreServed() throws Exception {
        bos = BosServer.start().reply(Reply.success().after(Duration.ofSeconds(6)));
        try (RestService rest = RestService.start(process(), folder);
                Socket upload = new Socket(InetAddress.getLoopbackAddress(), rest.port())) {
            upload.setSoTimeout((int) SOON.toMillis());
            upload.getOutputStream().write(("POST /batches HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: text/csv\r\n"
                    + "Content-Length: 1000\r\n\r\nreferenceid,ackno\n1,1\n").getBytes(StandardCharsets.US_ASCII));
            await().atMost(SOON).until(() -> rest.data().resolve(".uploads").toFile().list().length > 0);
            CompletableFuture<Answer> waiting = OwnThread.supply(() -> rest.json("/refunds", PAIR));
            await().atMost(SOON).until(() -> bos.inFlightNow() > 0);
            rest.process().terminate();

            await().atMost(SOON).pollInterval(Duration.ofMillis(20)).until(() -> {
                Optional<Answer> answer = ask(rest, "/batches");
                answer.map(Answer::status).ifPresent(later::add);
                return answer.isEmpty();
            });
            callsWhenNobodyListened = bos.inFlightNow();
            uploadAnswer = new String(upload.getInputStream().readAllBytes(), StandardCharsets.US_ASCII);
            told = waiting.get(SOON.toSeconds(), TimeUnit.SECONDS);
            assertThat(rest.process().waitFor(STOPPED)).isZero();
            said = rest.process().output();
        }
    }

    @AfterAll
    static void stop() {
        bos.close();
    }

    private static RefundProcess.Launch process() {
        return RefundProcess.in(folder).archived().against(bos);
    }

    private static Optional<Answer> ask(RestService rest, String path) {
        try {
            return Optional.of(rest.get(path));
        } catch (UncheckedIOException e) { // nobody listens
            return Optional.empty();
        }
    }

    @Test
    void whoWaitsForAnOutcomeWhenTheServiceStopsIsToldWhereToAsk() {
        assertThat(told.status()).isEqualTo(202);
        assertThat(told.header("Location")).isEqualTo("/refunds/4711/1");
    }

    @Test
    void anUploadThatIsUnderWayWhenTheServiceStopsIsRefusedAndNothingNewIsTaken() {
        assertThat(uploadAnswer).startsWith("HTTP/1.1 503 ").containsIgnoringCase("Retry-After:");
        assertThat(later).isSubsetOf(200, 503).endsWith(503);
        assertThat(callsWhenNobodyListened).isZero();
        assertThat(said).contains("Stopping: no further call begins, the 1 in flight end first");
    }

    @Test
    @Order(Integer.MAX_VALUE)
    void untilTheRoutesRunCallersAreToldToComeAgainAndThenTheOutcomeIsThere() {
        try (RestService rest = RestService.launch(process(), folder)) {
            List<Answer> answers = new ArrayList<>();
            List<Integer> ready = new ArrayList<>();
            await().atMost(SOON).pollInterval(Duration.ofMillis(20)).until(() -> {
                ask(rest, "/q/health/ready").map(Answer::status).ifPresent(ready::add);
                ask(rest, "/batches").ifPresent(answers::add);
                return !answers.isEmpty() && answers.get(answers.size() - 1).status() == 200;
            });

            assertThat(answers.subList(0, answers.size() - 1)).isNotEmpty().allSatisfy(early -> {
                assertThat(early.status()).isEqualTo(503);
                assertThat(early.type()).isEqualTo("application/problem+json");
                assertThat(early.header("Retry-After")).isNotEmpty();
            });
            assertThat(ready.subList(0, ready.size() - 1)).isNotEmpty().containsOnly(503);
            await().atMost(SOON).until(() -> rest.get("/q/health/ready").status() == 200);
            assertThat(rest.get("/refunds/4711/1").json().at("/history/0/state").asText()).isEqualTo("SUCCESS");
        }
        assertThat(bos.postsFor("4711", "1")).hasSize(1);
    }
}
