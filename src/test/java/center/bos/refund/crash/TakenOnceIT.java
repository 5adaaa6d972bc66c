// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;

/** A kill after a file is in the archive and before it is moved out of the inbox: one file is one batch. */
class TakenOnceIT {
    private static final Duration SOON = Duration.ofSeconds(60);
    private static final String BEFORE_THE_ORIGINAL_IS_PUT_AWAY = """
            RULE kill
            CLASS center.bos.refund.folder.DurableFile
            METHOD move
            AT ENTRY
            IF $2.toString().contains(".taken")
            """;

    @TempDir
    Path folder;

    @Test
    void aSmallFileIsOneBatchAlsoWithoutADuplicateWindow() throws Exception {
        DataTree data = new DataTree(folder.resolve("data"));
        Files.createFile(folder.resolve(KillPoint.ARMED));
        try (BosServer bos = BosServer.start()) {
            try (RestService rest = RestService.start(KillAgent.inject(
                    KillPoint.script(BEFORE_THE_ORIGINAL_IS_PUT_AWAY, 1), folder, process(bos)), folder)) {
                CsvFiles.rows(1).writeTo(data.inbox().resolve("rows.csv"));
                rest.process().waitFor(SOON);
            }
            assertThat(bos.postCount()).isZero();
            Files.delete(folder.resolve(KillPoint.ARMED));
            try (RestService rest = RestService.start(process(bos), folder)) {
                data.results("rows");
                TimeUnit.SECONDS.sleep(3); // by then the file is taken again, or was
            }
            assertThat(bos.postCount()).isEqualTo(1);
            assertThat(Results.finished(data.outbox(), "rows")).hasSize(1);
        }
    }

    private RefundProcess.Launch process(BosServer bos) {
        return RefundProcess.in(folder).archived().against(bos).env("REFUND_DUPLICATE_WINDOW", "0");
    }
}
