// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;

import center.bos.refund.ledger.Deed;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.Releases;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code refund release}: the second person's word about a batch, or a resend, of more rows than {@code refund.release-above}. */
@Command(name = "release", mixinStandardHelpOptions = true, sortOptions = false, header = {
        "Lets a batch, or a resend, go that has more rows than refund.release-above; it came from another person.",
        ""}, footer = {
                "", "Exit codes: 0 it is done; 2 it does not wait, or comes from you.", "", "Examples:",
                "  refund release refunds-1a2b3c4d",
                "  refund release refunds-1a2b3c4d --refuse --reason 'last month, again'"})
final class ReleaseCommand implements Callable<Integer> {
    @Parameters(paramLabel = "ID", description = "the batch, or the resend as it was named")
    private String of;

    @Option(names = "--refuse", description = "do not let it go: the rows of a batch end REJECTED, those of a resend stay in doubt")
    private boolean refuse;

    @Option(names = "--reason", paramLabel = "TEXT", description = "why; kept with it", defaultValue = "no reason given")
    private String reason;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!Settings.areComplete()) {
            return ExitCode.USAGE;
        }
        String id = Path.of(of).getFileName().toString();
        Optional<RunningService> service = RunningService.find();
        if (service.isEmpty()) {
            return Session.run(Session.oneShot(), () -> withoutService(id));
        }
        RunningService.Answer answer = service.get()
                .post("/releases/" + URLEncoder.encode(id, StandardCharsets.UTF_8).replace("+", "%20")
                        + (refuse ? "/refuse" : "/release"), Map.of("reason", reason));
        if (answer.isRefused()) {
            return refused(answer.detail());
        }
        System.out.println(id + " is " + answer.body().path("decision").asText());
        return ExitCode.DONE;
    }

    private int withoutService(String id) throws Exception {
        Ledger ledger = Session.bean(Ledger.class);
        Deed deed = new Deed(SendJob.PERSON, reason, null);
        Releases.Result result = refuse ? ledger.releases().refuse(id, deed) : ledger.releases().release(id, deed);
        switch (result) {
            case SAME_PERSON :
                return refused("it comes from you: another person must release it");
            case NOT_WAITING :
                return refused("it does not wait for a release, or not any more");
            case UNKNOWN :
                return refused("there is no batch and no resend " + id);
            default :
        }
        System.out.println(id + " is " + (refuse
                ? "refused"
                : "released; refund serve, or refund send with the same file, goes on with it"));
        if (refuse && ledger.batches().find(id).isPresent()) {
            int code = Session.bean(SendJob.class).work(Set.of(id)); // nothing is left to be sent
            return code == ExitCode.SOME_ROWS_FAILED ? ExitCode.DONE : code;
        }
        return ExitCode.DONE;
    }

    private static int refused(String why) {
        System.err.println("refund: " + why);
        return ExitCode.USAGE;
    }
}
