// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

import center.bos.refund.csv.CsvFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code refund send}: processes files and ends. */
@Command(name = "send", mixinStandardHelpOptions = true, sortOptions = false, header = {
        "Sends the rows of CSV files, waits, and writes the results to data/outbox.", ""}, footer = {"",
                "The file stays where it is. After a stop, the same command continues.", "",
                "Exit codes: 0 every row SUCCESS, or DUPLICATE of one; 1 some row ended otherwise; 2 bad usage, a missing",
                "setting or an unreadable file, nothing sent; 3 BOS or the token endpoint could not be reached, or",
                "stopped: nothing lost, run it again to go on.", "", "Examples:", "  refund send refunds.csv",
                "  refund send --again lost-otp.csv   to customers who lost the OTP"})
final class SendCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "FILE", description = "CSV files with the columns referenceid and ackno")
    private List<Path> files;

    @Option(names = "--again", description = "send pairs that were already done as well; asks first")
    private boolean again;

    @Option(names = "--yes", description = "do not ask (for scripts)")
    private boolean yes;

    @Override
    public Integer call() {
        if (!Settings.areComplete()) {
            return ExitCode.USAGE;
        }
        List<CsvFile> inputs = new ArrayList<>();
        if (!InputFiles.inspect(files, inputs)) {
            return ExitCode.USAGE;
        }
        if (again && !isMeant(rows(inputs))) {
            return ExitCode.USAGE;
        }
        return Session.run(Session.oneShot(), () -> Session.bean(SendJob.class).send(inputs, again));
    }

    private boolean isMeant(long rows) {
        String customers = "up to " + rows + (rows == 1 ? " customer" : " customers");
        return Terminal.allows("Text " + customers + ", also those who already got an OTP?", customers, yes);
    }

    private static long rows(List<CsvFile> inputs) {
        return inputs.stream().mapToLong(CsvFile::rowCount).sum();
    }
}
