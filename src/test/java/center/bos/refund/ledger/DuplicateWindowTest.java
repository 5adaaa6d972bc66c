package center.bos.refund.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import center.bos.refund.config.RefundConfig;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;

class DuplicateWindowTest {

    private static final Duration WINDOW = Duration.ofHours(24);
    /** More than a test takes between two of its steps. */
    private static final Duration MARGIN = Duration.ofMinutes(1);

    @TempDir
    Path folder;

    private LedgerDatabase database;

    @BeforeEach
    void open() {
        database = LedgerDatabase.open(new SmallRyeConfigBuilder().withMapping(RefundConfig.class)
                .withConverter(Duration.class, 200, new DurationConverter())
                .withDefaultValue("refund.data", folder.toString()).withDefaultValue("refund.node", "here").build()
                .getConfigMapping(RefundConfig.class));
    }

    @AfterEach
    void close() {
        database.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"SUCCESS", "IN_DOUBT"})
    void holdsAPairJustInsideTheWindowAndFreesItJustPast(Outcome outcome) {
        try (GroupCommit writer = writer(WINDOW)) {
            end(writer, row("first", 1, 1), outcome, WINDOW.minus(MARGIN));
            end(writer, row("first", 2, 2), outcome, WINDOW.plus(MARGIN));

            assertThat(claim(writer, row("second", 1, 1))).isInstanceOfSatisfying(Claim.Settled.class, settled -> {
                assertThat(settled.outcome().outcome()).isEqualTo(Outcome.DUPLICATE);
                assertThat(settled.outcome().message()).isEqualTo("repeats batch first line 1");
            });
            assertThat(claim(writer, row("second", 2, 2))).isInstanceOf(Claim.Granted.class);
        }
    }

    @Test
    void sendsAlwaysWhenTheWindowIsZero() {
        try (GroupCommit writer = writer(Duration.ZERO)) {
            end(writer, row("first", 1, 1), Outcome.SUCCESS, Duration.ZERO);

            assertThat(claim(writer, row("second", 1, 1))).isInstanceOf(Claim.Granted.class);
        }
    }

    @Test
    void neverFreesAPairThatIsBeingSentWhateverTheWindowOrAPersonSays() {
        try (GroupCommit writer = writer(Duration.ZERO)) {
            assertThat(claim(writer, row("first", 1, 1))).isInstanceOf(Claim.Granted.class);

            assertThat(claim(writer, row("second", 1, 1))).isInstanceOf(Claim.Settled.class);
            assertThat(claim(writer, new RefundRow("third", 1, "1", "1", true, null)))
                    .isInstanceOf(Claim.Settled.class);
        }
    }

    @Test
    void neverFreesAPairThatWaitsForItsNextTry() {
        try (GroupCommit writer = writer(Duration.ZERO)) {
            RefundRow first = row("first", 1, 1);
            claim(writer, first);
            writer.write(new Write.ReleaseRow(first, 1, false));

            assertThat(claim(writer, row("second", 1, 1))).isInstanceOf(Claim.Settled.class);
            assertThat(claim(writer, first)).isInstanceOf(Claim.Granted.class);
        }
    }

    @Test
    void freesAPairThatEndedInErrorAtOnce() {
        try (GroupCommit writer = writer(WINDOW)) {
            end(writer, row("first", 1, 1), Outcome.ERROR, Duration.ZERO);

            assertThat(claim(writer, row("second", 1, 1))).isInstanceOf(Claim.Granted.class);
            assertThat(claim(writer, row("third", 1, 1))).isInstanceOf(Claim.Settled.class);
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"SUCCESS", "ERROR", "IN_DOUBT"})
    void neverFreesAPairForAnotherRowOfItsBatchWhateverAPersonSays(Outcome outcome) {
        try (GroupCommit writer = writer(WINDOW)) {
            end(writer, row("first", 1, 1), outcome, Duration.ZERO);

            assertThat(claim(writer, row("first", 2, 1))).isInstanceOf(Claim.Settled.class);
            assertThat(claim(writer, new RefundRow("first", 3, "1", "1", true, null)))
                    .isInstanceOf(Claim.Settled.class);
            assertThat(claim(writer, new RefundRow("second", 1, "1", "1", true, null)))
                    .isInstanceOf(Claim.Granted.class);
        }
    }

    private GroupCommit writer(Duration window) {
        Epochs epochs = new Epochs(database, RefundConfig.InDoubt.HOLD);
        return new GroupCommit(database, epochs, Ledger.OPERATION, "here", window, 32, () -> {
        });
    }

    private static Claim claim(GroupCommit writer, RefundRow row) {
        return writer.write(new Write.ClaimRow(row));
    }

    private static void end(GroupCommit writer, RefundRow row, Outcome outcome, Duration ago) {
        assertThat(claim(writer, row)).isInstanceOf(Claim.Granted.class);
        assertThat(writer.write(new Write.SettleRow(new RowOutcome(row.batch(), row.line(), row.referenceid(),
                row.ackno(), outcome, "1", 200, "", 1, Instant.now().minus(ago)), null))).isTrue();
    }

    private static RefundRow row(String batch, long line, long pair) {
        return new RefundRow(batch, line, Long.toString(pair), Long.toString(pair), false, null);
    }
}
