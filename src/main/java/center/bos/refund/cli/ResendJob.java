package center.bos.refund.cli;

import java.util.Optional;
import java.util.Set;

import jakarta.enterprise.context.ApplicationScoped;

import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.Batch;
import center.bos.refund.model.Source;
import center.bos.refund.results.Resend;

/** Asks, opens IN_DOUBT rows for another call and waits for the results. */
@ApplicationScoped
class ResendJob {
    private final Ledger ledger;
    private final Resend resend;
    private final SendJob sendJob;

    ResendJob(Ledger ledger, Resend resend, SendJob sendJob) {
        this.ledger = ledger;
        this.resend = resend;
        this.sendJob = sendJob;
    }

    int resend(String id, Optional<Long> line, boolean yes) throws Exception {
        Optional<Batch> batch = ledger.batches().find(id).filter(found -> found.source() == Source.FILE);
        if (batch.isEmpty()) {
            return refused("there is no batch " + id + ": name a folder of data/outbox");
        }
        if (batch.get().state() == Batch.State.OPEN && !ledger.lookups().resent(batch.get()).isEmpty()) {
            if (line.isPresent()) {
                return refused("rows of batch " + id + " were opened before and are not done: finish them first,"
                        + " without --line, then resend the line");
            }
            System.err.println("Going on with the batch: its rows were opened before");
            return sendJob.work(Set.of(id));
        }
        try {
            Set<Long> rows = resend.inDoubt(batch.get(), line.map(Set::of).orElse(Set.of()));
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
