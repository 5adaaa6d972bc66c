package center.bos.refund.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.config.RefundConfig;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.SmallRyeConfigBuilder;

/** A host that got another name, as containers do at each start, goes on with its own ledger file. */
class RenamedNodeTest {

    @TempDir
    Path folder;

    @Test
    void goesOnWithWhatItAcceptedAndDoubtsWhatWasInFlightUnderItsOldName() {
        Ledger before = ledger("old-name");
        before.batches().register("rows-1", "rows.csv", new Batches.Content("0".repeat(64), 1, 2), false,
                batch -> false);
        assertThat(before.claim(new RefundRow("rows-1", 2, "1", "1", false, null))).isInstanceOf(Claim.Granted.class);
        before.close();

        Ledger after = ledger("new-name");
        try {
            assertThat(after.batches().open()).extracting(Batch::id).containsExactly("rows-1");
            assertThat(after.batches().inDoubt("rows-1")).containsExactlyInAnyOrder(2L);
            assertThat(after.batches().find("rows-1")).get().extracting(Batch::inDoubt).isEqualTo(1L);
        } finally {
            after.close();
        }
    }

    private Ledger ledger(String node) {
        Ledger ledger = new Ledger(new SmallRyeConfigBuilder().withMapping(RefundConfig.class)
                .withConverter(Duration.class, 200, new DurationConverter())
                .withDefaultValue("refund.data", folder.toString()).withDefaultValue("refund.node", node).build()
                .getConfigMapping(RefundConfig.class), () -> {
                });
        ledger.open();
        return ledger;
    }
}
