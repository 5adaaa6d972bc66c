package center.bos.refund.cli;

import java.util.List;
import java.util.Optional;
import java.util.Set;

import jakarta.enterprise.context.ApplicationScoped;

import center.bos.refund.batch.Resend;
import center.bos.refund.ledger.Batch;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.RefundRow;

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
        Optional<Batch> batch = ledger.batches().find(id);
        if (batch.isEmpty()) {
            System.err.println("refund: there is no batch " + id + ": name a folder of data/outbox");
            return ExitCode.USAGE;
        }
        if (!resend.isPossibleFor(batch.get())) {
            System.err.println("refund: batch " + id + " is of node " + batch.get().node() + ": resend it there");
            return ExitCode.USAGE;
        }
        if (batch.get().state() == Batch.State.OPEN) {
            if (!ledger.lookups().resent(id).isEmpty()) {
                System.err.println("Going on with the batch: its rows were opened before");
                return sendJob.work(Set.of(id));
            }
            System.err.println("refund: batch " + id + " is not finished: let it finish first, with send or serve");
            return ExitCode.USAGE;
        }
        List<RefundRow> rows = ledger.batches().inDoubt(id, line);
        if (rows.isEmpty()) {
            System.err.println(
                    "refund: no row of batch " + id + line.map(n -> " at line " + n).orElse("") + " is IN_DOUBT");
            return ExitCode.USAGE;
        }
        String question = "Text " + rows.size() + (rows.size() == 1 ? " customer" : " customers")
                + " again, who may have got an OTP already?";
        System.err.println(yes ? question + " yes" : "");
        if (!yes && !Terminal.confirms(question)) {
            System.err.println("refund: nothing was sent; " + rows.size()
                    + " customers would be texted; --yes says yes where nobody can be asked");
            return ExitCode.USAGE;
        }
        resend.open(id, line, System.getProperty("user.name") + " at the command line");
        return sendJob.work(Set.of(id));
    }
}
