// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.IOException;
import java.util.Map;

import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.Releases;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code refund release}: another person's decision on a batch, or a resend, of more rows than {@code refund.release-above}. */
@Command(name = "release", mixinStandardHelpOptions = true, sortOptions = false, header = {
        "Releases a batch, or a resend, of more rows than refund.release-above that another person submitted.",
        ""}, footer = {
                "", "The ID of a resend is printed by 'refund resend'.", "",
                "Exit codes: 0 done; 2 it does not wait for a release, or you submitted it.", "", "Examples:",
                "  refund release refunds-1a2b3c4d",
                "  refund release refunds-1a2b3c4d --refuse --reason 'last month, again'"})
final class ReleaseCommand extends DeedCommand {
    @Option(names = "--refuse", description = "refuse it: the rows of a batch end REJECTED, those of a resend stay IN_DOUBT")
    private boolean refuse;

    @Override
    int over(RunningService service, String id) throws IOException, InterruptedException {
        RunningService.Answer answer = service.post(
                "/releases/" + RunningService.encoded(id) + (refuse ? "/refuse" : "/release"),
                Map.of("reason", reason()));
        if (answer.isRefused()) {
            return refused(answer);
        }
        System.out.println(id + " is " + answer.body().path("decision").asText());
        return ExitCode.DONE;
    }

    @Override
    int withoutService(String id) throws Exception {
        Ledger ledger = Session.bean(Ledger.class);
        Releases.Result result = refuse
                ? ledger.releases().refuse(id, deed())
                : ledger.releases().release(id, deed());
        switch (result) {
            case SAME_PERSON :
                return refused("it comes from you: another person must release it");
            case NOT_WAITING :
                return refused(
                        "it does not wait for a release: if it did, somebody decided before you (see the audit log)");
            case UNKNOWN :
                return refused("there is no batch and no resend " + id);
            default :
        }
        System.out.println(id + " is " + (refuse
                ? "refused"
                : "released; refund serve, or refund send with the same file, sends it"));
        return refuse && ledger.batches().find(id).isPresent() ? finish(id) : ExitCode.DONE;
    }
}
