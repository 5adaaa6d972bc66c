// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;

/** A data folder whose file system cannot make the names in a folder durable. */
@Execution(ExecutionMode.CONCURRENT)
class FolderSyncIT {
    private static final Duration LONG = Duration.ofSeconds(120);

    @TempDir
    Path folder;

    @Test
    void onAFileSystemThatRefusesItTheServiceWorksAndWarnsOnce() throws Exception {
        DataTree data = new DataTree(folder.resolve("feature%2Fx #1"));
        try (BosServer bos = BosServer.start();
                RestService rest = RestService.start(failing("Invalid argument", bos), folder)) {
            data.drop("rows.csv", CsvFiles.rows(3));
            assertThat(data.results("rows").summary().success()).isEqualTo(3);
            assertThat(rest.process().output().lines().filter(line -> line.contains("fsync of a folder"))).hasSize(1);
        }
    }

    @Test
    void whereItFailsAFileIsWorkedAllTheSame() throws Exception {
        Path input = CsvFiles.rows(3).writeTo(folder.resolve("rows.csv"));
        try (BosServer bos = BosServer.start();
                RefundProcess send = failing("Input/output error", bos).start("send", input.toString())) {
            assertThat(send.waitFor(LONG)).as(send.output()).isZero();
        }
        assertThat(Files.readString(folder.resolve("feature%2Fx #1/refund.log"))).contains("may not be durable",
                "Input/output error");
    }

    private RefundProcess.Launch failing(String reason, BosServer bos) throws IOException {
        return KillAgent.inject("""
                RULE no durable names
                CLASS center.bos.refund.folder.DurableFile
                METHOD sync
                AT ENTRY
                IF java.nio.file.Files.isDirectory($1, new java.nio.file.LinkOption[0])
                DO throw new java.io.IOException("%s")
                ENDRULE
                """.formatted(reason), folder, RefundProcess.in(folder).archived().against(bos).env("REFUND_DATA",
                "feature%2Fx #1"));
    }
}
