// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.PromiseCheck;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.Results;

class DefectIT {

    private static final String FAILING_READER = """
            RULE a defect
            CLASS center.bos.refund.bos.AnswerReader
            METHOD process
            AT ENTRY
            IF incrementCounter("answers") == 3
            DO throw new java.lang.IllegalStateException("a defect")
            ENDRULE
            """;

    @TempDir
    Path folder;

    @Test
    void aRowWhoseRouteFailsAfterItsClaimEndsInDoubtAndHoldsUpNothing() throws Exception {
        try (BosServer bos = BosServer.start()) {
            Path input = CsvFiles.rows(10).writeTo(folder.resolve("in.csv"));
            try (RefundProcess command = KillAgent
                    .inject(FAILING_READER, folder, RefundProcess.in(folder).archived().against(bos))
                    .start("send", input.toString())) {
                assertThat(command.waitFor(Duration.ofSeconds(120))).isEqualTo(1);
            }
            Results results = Results.await(folder.resolve("data").resolve("outbox"), "in", Duration.ofSeconds(5));
            PromiseCheck.of(bos).inFlight(1).file(input, results.folder()).verify();
            assertThat(results.summary().inDoubt()).isEqualTo(1);
            assertThat(results.summary().success()).isEqualTo(9);
        }
    }
}
