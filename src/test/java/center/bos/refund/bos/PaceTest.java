package center.bos.refund.bos;

import static center.bos.refund.ledger.Outcome.DUPLICATE;
import static center.bos.refund.ledger.Outcome.SUCCESS;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

import jakarta.inject.Inject;

import org.junit.jupiter.api.Test;

import center.bos.refund.ledger.RefundRow;
import center.bos.refund.ledger.RowOutcome;
import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.ImpatientBosInTests;
import center.bos.refund.testkit.RowSender;
import io.quarkus.test.common.QuarkusTestResource;
import io.quarkus.test.common.ResourceArg;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.test.junit.QuarkusTestProfile;
import io.quarkus.test.junit.TestProfile;

/** The rate, counted at the server. */
@QuarkusTest
@TestProfile(PaceTest.OwnApplication.class)
@QuarkusTestResource(value = ImpatientBosInTests.class, restrictToAnnotatedClass = true, initArgs = {
        @ResourceArg(name = "refund.rate", value = "100"), @ResourceArg(name = "refund.concurrency", value = "200")})
class PaceTest {
    private static final int RATE = 100;

    BosServer server;

    @Inject
    RowSender rows;

    public static final class OwnApplication implements QuarkusTestProfile {
    }

    @Test
    void neverExceedsTheRateAlthoughEveryOtherRowIsADuplicateThatGivesItsTurnBack() {
        rows.send(rows.rows(300)); // the first calls are few at once
        long before = server.postCount();
        List<RefundRow> work = new ArrayList<>();
        for (RefundRow row : rows.rows(1_300)) {
            work.add(row);
            work.add(new RefundRow("repeats", row.line(), row.referenceid(), row.ackno(), false, null));
        }

        List<RowOutcome> outcomes = rows.send(work);

        assertThat(outcomes).extracting(RowOutcome::outcome).containsOnly(SUCCESS, DUPLICATE);
        List<Instant> times = server.postTimes().stream().skip(before).toList();
        assertThat(times).hasSize(1_300);
        assertThat(mostWithin(times, Duration.ofSeconds(10))).isLessThanOrEqualTo(1_020);
        assertThat(mostWithin(times, Duration.ofSeconds(1))).isLessThanOrEqualTo(RATE + RATE / 4);
        assertThat(mostWithin(times, Duration.ofMillis(100))).isLessThanOrEqualTo(25);
    }

    private static int mostWithin(List<Instant> times, Duration window) {
        int most = 0;
        for (int first = 0, last = 0; last < times.size(); last++) {
            while (Duration.between(times.get(first), times.get(last)).compareTo(window) >= 0) {
                first++;
            }
            most = Math.max(most, last - first + 1);
        }
        return most;
    }
}
