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
            System.err.println("refund: there is no batch " + id + ": name a folder of data/outbox");
            return ExitCode.USAGE;
        }
        if (!resend.isPossibleFor(batch.get())) {
            System.err.println("refund: batch " + id + " is of node " + batch.get().node() + ": resend it there");
            return ExitCode.USAGE;
        }
        if (batch.get().state() == Batch.State.OPEN) {
            if (!ledger.lookups().resent(batch.get()).isEmpty()) {
                if (line.isPresent()) {
                    System.err.println("refund: rows of batch " + id + " were opened before and are not done: finish"
                            + " them first, without --line, then resend the line");
                    return ExitCode.USAGE;
                }
                System.err.println("Going on with the batch: its rows were opened before");
                return sendJob.work(Set.of(id));
            }
            System.err.println("refund: batch " + id + " is not finished: let it finish first, with send or serve");
            return ExitCode.USAGE;
        }
        if (batch.get().state() == Batch.State.REFUSED) {
            System.err.println("refund: batch " + id + " was refused, no row of it was sent: send a mended file");
            return ExitCode.USAGE;
        }
        Set<Long> rows = ledger.batches().inDoubt(id);
        line.map(Set::of).ifPresent(rows::retainAll);
        if (rows.isEmpty()) {
            System.err.println(
                    "refund: no row of batch " + id + line.map(n -> " at line " + n).orElse("") + " is IN_DOUBT");
            return ExitCode.USAGE;
        }
        String question = "Text " + rows.size() + (rows.size() == 1 ? " customer" : " customers")
                + " again, who may have got an OTP already?";
        if (!Terminal.allows(question, rows.size() + " customers", yes)) {
            return ExitCode.USAGE;
        }
        if (!resend.open(id, rows, System.getProperty("user.name") + " at the command line")) {
            System.err.println("refund: batch " + id + " changed at this moment; nothing was sent, look again");
            return ExitCode.USAGE;
        }
        return sendJob.work(Set.of(id));
    }
}
