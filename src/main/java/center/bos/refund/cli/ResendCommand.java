// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

import com.fasterxml.jackson.databind.JsonNode;

import center.bos.refund.config.RefundConfig;
import center.bos.refund.database.LedgerDatabase;
import center.bos.refund.ledger.Batches;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.model.Batch;
import center.bos.refund.model.Source;
import center.bos.refund.results.Resend;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code refund resend}: sends rows in doubt again. */
@Command(name = "resend", mixinStandardHelpOptions = true, sortOptions = false, header = {
        "Sends a batch's IN_DOUBT rows again and writes its results anew.", ""}, footer = {"",
                "Read error.csv first: BOS may have texted these customers already. If a service runs, it sends them.",
                "", "Examples:",
                "  refund resend refunds-1a2b3c4d", "  refund resend refunds-1a2b3c4d --line 17 --yes"})
final class ResendCommand extends DeedCommand {
    @Option(names = "--line", paramLabel = "N", description = "this line of the file only")
    private Long line;

    @Option(names = "--yes", description = "do not ask (for scripts)")
    private boolean yes;

    /** The service sends them; this command waits for the results. */
    @Override
    int over(RunningService service, String id) throws IOException, InterruptedException {
        String path = RunningService.batchPath(id);
        RunningService.Answer found = service.get(path);
        long rows = line == null ? found.body().path("in_doubt").asLong() : isInDoubt(service, path) ? 1 : 0;
        if (found.isRefused() || rows == 0) {
            return found.isRefused()
                    ? refused(found)
                    : refused(line == null
                            ? "no row of batch " + id + " is IN_DOUBT"
                            : "line " + line + " of batch " + id + " is not IN_DOUBT");
        }
        if (!isMeant(rows)) {
            return ExitCode.USAGE;
        }
        RunningService.Answer opened = service.post(path + "/resend",
                line == null
                        ? Map.of("all", true, "reason", reason())
                        : Map.of("lines", List.of(line), "reason", reason()));
        if (opened.isRefused()) {
            return refused(opened);
        }
        if (opened.body().path("release").isTextual()) {
            return waits(opened.body().path("release").asText());
        }
        return awaited(service, path, id);
    }

    private boolean isInDoubt(RunningService service, String path) throws IOException, InterruptedException {
        JsonNode row = service.get(path + "/rows?limit=1&after=" + (line - 1)).body().path("rows").path(0);
        return row.path("line").asLong() == line && row.path("state").asText().equals("IN_DOUBT");
    }

    private static int awaited(RunningService service, String path, String id)
            throws IOException, InterruptedException {
        RunningService.Answer now;
        try {
            now = service.get(path);
            while (now.isUnavailable()
                    || !now.isRefused() && !now.body().path("state").asText().equals("complete")) {
                Thread.sleep(Progress.INTERVAL.toMillis());
                now = service.get(path);
            }
        } catch (IOException e) {
            System.err.println("refund: the service stopped; nothing is lost, its next start continues");
            return ExitCode.NOT_FINISHED;
        }
        if (now.isRefused()) {
            return refused(now);
        }
        System.out.println(StatusCommand.text(now.body()));
        return Session.read(() -> isDone(id) ? ExitCode.DONE : ExitCode.SOME_ROWS_FAILED);
    }

    private static boolean isDone(String id) {
        return LedgerDatabase.read(Session.bean(RefundConfig.class), jdbc -> {
            Optional<Batch> batch = Batches.find(jdbc, id);
            return batch.isPresent() && Batches.isDone(jdbc, batch.get());
        }).orElse(false);
    }

    private boolean isMeant(long rows) {
        String customers = Words.count(rows, "customer");
        return Terminal.allows("Text " + customers + " again, who may have got an OTP already?", customers, yes);
    }

    @Override
    int withoutService(String id) throws Exception {
        Ledger ledger = Session.bean(Ledger.class);
        Resend resend = Session.bean(Resend.class);
        SendJob sendJob = Session.bean(SendJob.class);
        Optional<Batch> batch = ledger.batches().find(id);
        if (batch.isEmpty()) {
            return refused(BatchName.unknown(id));
        }
        if (batch.get().source() != Source.FILE) {
            return refused("batch " + id + " came as a request: start refund serve, which sends its rows again,"
                    + " and repeat the command");
        }
        if (batch.get().state() == Batch.State.OPEN && !ledger.lookups().resent(batch.get()).isEmpty()) {
            if (line != null) {
                return refused("an earlier resend of batch " + id
                        + " is not finished: run the command without --line first, then"
                        + " resend the line");
            }
            System.err.println("Continuing an earlier resend of this batch");
            return sendJob.work(Set.of(id));
        }
        try {
            Set<Long> rows = resend.inDoubt(batch.get(), line == null ? Set.of() : Set.of(line));
            if (!isMeant(rows.size())) {
                return ExitCode.USAGE;
            }
            Optional<String> release = resend.openOrAsk(batch.get(), rows, deed());
            if (release.isPresent()) {
                return waits(release.get());
            }
        } catch (Resend.NotPossible e) {
            return refused(e.getMessage());
        }
        return sendJob.work(Set.of(id));
    }

    private static int waits(String release) {
        System.err.println(
                "refund: these are more rows than refund.release-above and wait for another person: refund release "
                        + release);
        return ExitCode.NOT_FINISHED;
    }
}
