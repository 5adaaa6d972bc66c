package center.bos.refund.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;

import center.bos.refund.csv.CsvFile;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code refund check}: what {@code send} would do. */
@Command(name = "check", mixinStandardHelpOptions = true, header = {
        "Reads CSV files as send would, and sends nothing.", ""}, footer = {"",
                "Exit codes: 0 every row can be sent or is a DUPLICATE of one that ended SUCCESS; 1 some row is rejected or a",
                "DUPLICATE of another; 2 bad usage, a missing setting or an unreadable file.", "", "Example:",
                "  refund check refunds.csv"})
final class CheckCommand implements Callable<Integer> {
    @Parameters(arity = "1..*", paramLabel = "FILE", description = "CSV files with the columns referenceid and ackno")
    private List<Path> files;

    @Override
    public Integer call() {
        if (!Settings.areComplete()) {
            return ExitCode.USAGE;
        }
        List<CsvFile> inputs = new ArrayList<>();
        if (!InputFiles.inspect(files, inputs)) {
            return ExitCode.USAGE;
        }
        return Session.run(Session.oneShot(), () -> Session.bean(CheckJob.class).check(inputs));
    }
}
