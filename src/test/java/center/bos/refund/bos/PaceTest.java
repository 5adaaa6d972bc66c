// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import static center.bos.refund.model.Outcome.DUPLICATE;
import static center.bos.refund.model.Outcome.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.stream.Collectors;

import jakarta.inject.Inject;
import jakarta.inject.Named;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;

import org.junit.jupiter.api.Test;

import center.bos.refund.model.NewRow;
import center.bos.refund.model.RowOutcome;
import center.bos.refund.testkit.Arrivals;
import center.bos.refund.testkit.BrokerInTests;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.ImpatientBosInTests;
import center.bos.refund.testkit.Pair;
import center.bos.refund.testkit.RowSender;
import center.bos.refund.testkit.Stalls;
import center.bos.refund.testkit.TroubleAtBos;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.common.http.TestHTTPResource;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;

/**
 * The rate, counted at the server, where calls arrive less evenly than they leave. Stalls of the machine itself are
 * measured, and allowed for.
 */
@QuarkusTest
@TestProfile(PaceTest.OwnApplication.class)
@QuarkusTestResource(value = BrokerInTests.class, restrictToAnnotatedClass = true)
@QuarkusTestResource(value = ImpatientBosInTests.class, restrictToAnnotatedClass = true, initArgs = {
        @ResourceArg(name = "refund.rate", value = "100"), @ResourceArg(name = "refund.concurrency", value = "200")})
class PaceTest extends TroubleAtBos {
    private static final int RATE = 100;
    private static final Duration TEN_SECONDS = Duration.ofSeconds(10);
    private static final int A_TENTH = RATE / 10;

    DataTree data;

    @Inject
    @Named("connectionFactory")
    ConnectionFactory broker;
    @TestHTTPResource("/batches")
    URI batches;
    @TestHTTPResource("/refunds")
    URI refunds;

    public static final class OwnApplication implements QuarkusTestProfile {
    }

    @Test
    void holdsTheRateWithinTwoPercentOverAnyTenSecondsForAllTriggersTogether() throws Exception {
        rows.send(rows.rows(100)); // the first calls are few at once
        long before = server.postCount();
        int spoilt;
        try (Stalls stalls = Stalls.watch()) {
            data.drop("pace-file.csv", CsvFiles.rows(800).from(50_000_000));
            assertThat(post(batches, json(CsvFiles.rows(800).from(51_000_000))).get().statusCode()).isEqualTo(202);
            try (JMSContext jms = broker.createContext()) {
                for (int message = 0; message < 8; message++) {
                    jms.createProducer().send(jms.createQueue("bos.refund.requests"),
                            json(CsvFiles.rows(100).from(52_000_000 + 100 * message)));
                }
            }
            List<CompletableFuture<HttpResponse<String>>> singles = CsvFiles.rows(50).from(53_000_000).pairs().stream()
                    .map(pair -> post(refunds, json(pair))).toList();

            assertThat(singles).extracting(single -> single.get().statusCode()).containsOnly(200);
            data.results("pace-file");
            await().atMost(SOON).until(() -> server.postCount() - before == 2_450);
            spoilt = (int) stalls.lost().toMillis() * RATE / 1_000;
        }

        Arrivals arrivals = arrivalsAfter(before);
        // a busy machine is slower for a while: the rate is reached where the machine allows it
        assertThat(arrivals.mostWithin(TEN_SECONDS)).isBetween(980 - spoilt, 1_020 + spoilt);
        assertThat(arrivals.mostWithin(Duration.ofMillis(100))).isLessThanOrEqualTo(2 * A_TENTH + 5 + spoilt);
    }

    @Test
    void neverExceedsTheRateAlthoughEveryOtherRowIsADuplicateThatCostsNothingOfIt() {
        rows.send(rows.rows(300)); // the first calls are few at once
        long before = server.postCount();
        List<RowOutcome> outcomes;
        int spoilt;
        try (Stalls stalls = Stalls.watch()) {
            List<Future<RowOutcome>> sent = new ArrayList<>();
            for (NewRow row : rows.rows(1_300)) {
                sent.add(rows.begin(row));
                sent.add(rows.begin(row, "repeats-" + row.referenceid()));
            }
            outcomes = sent.stream().map(row -> RowSender.get(row, SOON)).toList();
            spoilt = (int) stalls.lost().toMillis() * RATE / 1_000;
        }

        assertThat(outcomes).extracting(RowOutcome::outcome).containsOnly(SUCCESS, DUPLICATE);
        Arrivals arrivals = arrivalsAfter(before);
        assertThat(arrivals.times()).hasSize(1_300);
        assertThat(arrivals.mostWithin(TEN_SECONDS)).isLessThanOrEqualTo(1_020 + spoilt);
        assertThat(arrivals.mostWithin(Duration.ofSeconds(1))).isLessThanOrEqualTo(RATE + RATE / 4 + spoilt);
        assertThat(arrivals.mostWithin(Duration.ofMillis(100))).isLessThanOrEqualTo(2 * A_TENTH + 5 + spoilt);
    }

    private Arrivals arrivalsAfter(long posts) {
        return new Arrivals(server.postTimes().stream().skip(posts).toList());
    }

    private static CompletableFuture<HttpResponse<String>> post(URI address, String body) {
        return HttpClient.newHttpClient().sendAsync(HttpRequest.newBuilder(address)
                .header("Content-Type", "application/json").POST(BodyPublishers.ofString(body)).build(),
                BodyHandlers.ofString());
    }

    private static String json(CsvFiles rows) {
        return rows.pairs().stream().map(PaceTest::json).collect(Collectors.joining(",", "[", "]"));
    }

    private static String json(Pair pair) {
        return "{\"referenceid\":\"" + pair.referenceid() + "\",\"ackno\":\"" + pair.ackno() + "\"}";
    }
}
