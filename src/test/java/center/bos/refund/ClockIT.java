// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

import center.bos.refund.testkit.BosServer;
import center.bos.refund.testkit.CsvFiles;
import center.bos.refund.testkit.DataTree;
import center.bos.refund.testkit.DebianTool;
import center.bos.refund.testkit.RefundProcess;
import center.bos.refund.testkit.RestService;
import center.bos.refund.testkit.Results;

/** The wall's clock is set while the service runs: nothing stands still for it. */
class ClockIT {
    private static final Duration SOON = Duration.ofSeconds(45);

    @TempDir
    Path folder;

    @Test
    void nothingStandsStillWhileTheWallsClockIsSetBack() throws Exception {
        Path faketime = DebianTool.library("faketime", "faketime/libfaketimeMT.so.1");
        Path offset = Files.writeString(folder.resolve("offset"), "+0");
        DataTree data = new DataTree(folder.resolve("data"));
        try (BosServer bos = BosServer.start();
                RestService rest = RestService.start(RefundProcess.in(folder).archived().against(bos)
                        .env("LD_PRELOAD", faketime.toString()).env("FAKETIME_TIMESTAMP_FILE", offset.toString())
                        .env("FAKETIME_CACHE_DURATION", "1").env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
                        .env("FAKETIME_FORCE_MONOTONIC_FIX", "0"), folder)) { // else each timed wait returns at once
            data.drop("before.csv", CsvFiles.rows(3));
            data.results("before");

            Files.writeString(offset, "-1h");

            data.drop("after.csv", CsvFiles.rows(3).from(100));
            assertThat(Results.await(data.outbox(), "after", SOON).summary().success()).isEqualTo(3);

            rest.process().hangUp();
            assertThat(rest.process().waitFor(SOON)).isZero();
        }
    }
}
