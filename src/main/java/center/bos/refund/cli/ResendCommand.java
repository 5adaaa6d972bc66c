package center.bos.refund.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;

import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code refund resend}: a person's word that rows in doubt are to be sent again. */
@Command(name = "resend", mixinStandardHelpOptions = true, sortOptions = false, header = {
        "Sends a batch's IN_DOUBT rows again and writes its results anew.", ""}, footer = {"",
                "Look into error.csv first: BOS may have texted these customers already.", "", "Examples:",
                "  refund resend refunds-1a2b3c4d", "  refund resend refunds-1a2b3c4d --line 17 --yes"})
final class ResendCommand implements Callable<Integer> {
    @Parameters(paramLabel = "BATCH", description = "the batch: its folder in data/outbox, or that one's name")
    private String batch;

    @Option(names = "--line", paramLabel = "N", description = "this line of the file only")
    private Long line;

    @Option(names = "--yes", description = "do not ask (for scripts)")
    private boolean yes;

    @Override
    public Integer call() {
        if (!Settings.areComplete()) {
            return ExitCode.USAGE;
        }
        return Session.run(Session.oneShot(),
                () -> Session.bean(ResendJob.class).resend(Path.of(batch).getFileName().toString(),
                        Optional.ofNullable(line), yes));
    }
}
