// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.IOException;
import java.util.Map;
import java.util.Optional;

import center.bos.refund.ledger.Deed;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.Stops;
import center.bos.refund.model.Batch;
import picocli.CommandLine.Command;

/** {@code refund pause}, {@code resume} and {@code cancel}: what a person does about the wrong file. */
abstract class StopCommands extends DeedCommand {
    private final String verb;
    private final boolean finishes;
    private final Doing doing;

    /** The action if no service runs. */
    private interface Doing {
        Optional<Batch> to(Stops stops, String id, Deed deed);
    }

    StopCommands(String verb, boolean finishes, Doing doing) {
        this.verb = verb;
        this.finishes = finishes;
        this.doing = doing;
    }

    /** Pauses a batch. */
    @Command(name = "pause", mixinStandardHelpOptions = true, sortOptions = false, header = {
            "Pauses a batch: no further call of it begins until it is resumed.", ""}, footer = {"", "Example:",
                    "  refund pause refunds-1a2b3c4d --reason 'wrong file'"})
    static final class Pause extends StopCommands {
        Pause() {
            super("pause", false, Stops::pause);
        }
    }

    /** Resumes a batch. */
    @Command(name = "resume", mixinStandardHelpOptions = true, sortOptions = false, header = {
            "Resumes a paused or held batch.", ""}, footer = {"", "Example:",
                    "  refund resume refunds-1a2b3c4d"})
    static final class Resume extends StopCommands {
        Resume() {
            super("resume", false, Stops::resume);
        }
    }

    /** Cancels a batch. */
    @Command(name = "cancel", mixinStandardHelpOptions = true, sortOptions = false, header = {
            "Cancels a batch for good: its unsent rows end REJECTED, and its results are written.", ""}, footer = {
                    "",
                    "Example:", "  refund cancel refunds-1a2b3c4d --reason 'wrong file'"})
    static final class Cancel extends StopCommands {
        Cancel() {
            super("cancel", true, Stops::cancel);
        }
    }

    @Override
    int over(RunningService service, String id) throws IOException, InterruptedException {
        RunningService.Answer answer = service.post(RunningService.batchPath(id) + "/" + verb,
                Map.of("reason", reason()));
        if (answer.isRefused()) {
            return refused(answer);
        }
        System.out.println(StatusCommand.text(answer.body()));
        return ExitCode.DONE;
    }

    @Override
    int withoutService(String id) throws Exception {
        Ledger ledger = Session.bean(Ledger.class);
        Optional<Batch> before = ledger.batches().find(id);
        if (before.isEmpty()) {
            return refused(BatchName.unknown(id));
        }
        if (before.get().state() != Batch.State.OPEN) {
            return refused("batch " + id + " is over");
        }
        Batch after = doing.to(ledger.stops(), id, deed()).orElseThrow();
        System.out.println("Batch " + id + ": " + (after.stop() == null ? "is not stopped" : after.stop().text()));
        return finishes ? finish(id) : ExitCode.DONE;
    }
}
