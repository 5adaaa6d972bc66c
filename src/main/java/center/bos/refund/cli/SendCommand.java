// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.util.List;

import center.bos.refund.csv.CsvFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code refund send}: processes files and ends. */
@Command(name = "send", mixinStandardHelpOptions = true, sortOptions = false, header = {
        "Sends the rows of CSV files, waits, and writes the results to data/outbox.", ""}, footer = {"",
                "The file stays where it is. After a stop, the same command continues.", "",
                "Exit codes: 0 every row SUCCESS, or DUPLICATE of one; 1 some row ended otherwise; 2 bad usage, a missing",
                "setting or an unreadable file, nothing sent; 3 BOS or the token endpoint could not be reached, or the",
                "command was stopped: nothing is lost, run it again to continue.", "", "Examples:",
                "  refund send refunds.csv",
                "  refund send --again lost-otp.csv   to customers who lost the OTP"})
final class SendCommand extends FilesCommand {
    @Option(names = "--again", description = "also send pairs that were sent before; asks first")
    private boolean again;

    @Option(names = "--yes", description = "do not ask (for scripts)")
    private boolean yes;

    @Override
    int with(List<CsvFile> inputs) {
        return again && !isMeant(inputs.stream().mapToLong(CsvFile::rowCount).sum())
                ? ExitCode.USAGE
                : Session.run(Session.oneShot(), () -> Session.bean(SendJob.class).send(inputs, again));
    }

    private boolean isMeant(long rows) {
        String customers = "up to " + Words.count(rows, "customer");
        return Terminal.allows("Text " + customers + ", also those who already got an OTP?", customers, yes);
    }
}
