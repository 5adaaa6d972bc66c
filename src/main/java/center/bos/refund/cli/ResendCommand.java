// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;

import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.Batch;
import center.bos.refund.model.Source;
import center.bos.refund.results.Resend;
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
                () -> resend(Path.of(batch).getFileName().toString()));
    }

    private int resend(String id) throws Exception {
        Ledger ledger = Session.bean(Ledger.class);
        Resend resend = Session.bean(Resend.class);
        SendJob sendJob = Session.bean(SendJob.class);
        Optional<Batch> batch = ledger.batches().find(id).filter(found -> found.source() == Source.FILE);
        if (batch.isEmpty()) {
            return refused("there is no batch " + id + ": name a folder of data/outbox");
        }
        if (batch.get().state() == Batch.State.OPEN && !ledger.lookups().resent(batch.get()).isEmpty()) {
            if (line != null) {
                return refused("rows of batch " + id + " were opened before and are not done: finish them first,"
                        + " without --line, then resend the line");
            }
            System.err.println("Going on with the batch: its rows were opened before");
            return sendJob.work(Set.of(id));
        }
        try {
            Set<Long> rows = resend.inDoubt(batch.get(), line == null ? Set.of() : Set.of(line));
            String question = "Text " + rows.size() + (rows.size() == 1 ? " customer" : " customers")
                    + " again, who may have got an OTP already?";
            if (!Terminal.allows(question, rows.size() + " customers", yes)) {
                return ExitCode.USAGE;
            }
            resend.open(batch.get(), rows, System.getProperty("user.name") + " at the command line");
        } catch (Resend.NotPossible e) {
            return refused(e.getMessage());
        }
        return sendJob.work(Set.of(id));
    }

    private static int refused(String reason) {
        System.err.println("refund: " + reason);
        return ExitCode.USAGE;
    }
}
