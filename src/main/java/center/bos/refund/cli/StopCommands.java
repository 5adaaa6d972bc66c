// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;

import center.bos.refund.ledger.Deed;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.ledger.Stops;
import center.bos.refund.model.Batch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code refund pause}, {@code resume} and {@code cancel}: what a person does about the wrong file. */
abstract class StopCommands implements Callable<Integer> {
    @Parameters(paramLabel = "BATCH", description = "the batch: its folder in data/outbox, or that one's name")
    private String batch;

    @Option(names = "--reason", paramLabel = "TEXT", description = "why; kept with the batch", defaultValue = "no reason given")
    private String reason;

    private final String verb;
    private final Doing doing;

    /** What the command does where no service runs that is asked to. */
    private interface Doing {
        Optional<Batch> to(Stops stops, String id, Deed deed);
    }

    StopCommands(String verb, Doing doing) {
        this.verb = verb;
        this.doing = doing;
    }

    /** Lets no further call begin. */
    @Command(name = "pause", mixinStandardHelpOptions = true, sortOptions = false, header = {
            "Lets no further call of a batch begin, until it is resumed.", ""}, footer = {"", "Example:",
                    "  refund pause refunds-1a2b3c4d --reason 'wrong file'"})
    static final class Pause extends StopCommands {
        Pause() {
            super("pause", Stops::pause);
        }
    }

    /** Lets calls begin again. */
    @Command(name = "resume", mixinStandardHelpOptions = true, sortOptions = false, header = {
            "Lets the calls of a paused or held batch begin again.", ""}, footer = {"", "Example:",
                    "  refund resume refunds-1a2b3c4d"})
    static final class Resume extends StopCommands {
        Resume() {
            super("resume", Stops::resume);
        }
    }

    /** Ends what was not sent. */
    @Command(name = "cancel", mixinStandardHelpOptions = true, sortOptions = false, header = {
            "Ends the rows of a batch that were not sent, REJECTED, for good, and writes its results.", ""}, footer = {
                    "",
                    "Example:", "  refund cancel refunds-1a2b3c4d --reason 'wrong file'"})
    static final class Cancel extends StopCommands {
        Cancel() {
            super("cancel", Stops::cancel);
        }

        @Override
        int follow(String id) throws Exception {
            int code = Session.bean(SendJob.class).work(Set.of(id)); // nothing is left to be sent
            return code == ExitCode.SOME_ROWS_FAILED ? ExitCode.DONE : code;
        }
    }

    /** What is to be done after that, where no service does it. */
    int follow(String id) throws Exception {
        return ExitCode.DONE;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!Settings.areComplete()) {
            return ExitCode.USAGE;
        }
        String id = Path.of(batch).getFileName().toString();
        Optional<RunningService> service = RunningService.find();
        if (service.isEmpty()) {
            return Session.run(Session.oneShot(), () -> withoutService(id));
        }
        RunningService.Answer answer = service.get().post(RunningService.batchPath(id) + "/" + verb,
                Map.of("reason", reason));
        if (answer.isRefused()) {
            System.err.println("refund: " + answer.detail());
            return ExitCode.USAGE;
        }
        System.out.println(StatusText.of(answer.body()));
        return ExitCode.DONE;
    }

    private int withoutService(String id) throws Exception {
        Ledger ledger = Session.bean(Ledger.class);
        Deed deed = new Deed(System.getProperty("user.name") + " at the command line", reason, null);
        Optional<Batch> before = ledger.batches().find(id);
        if (before.isEmpty() || before.get().state() != Batch.State.OPEN) {
            System.err.println("refund: " + (before.isEmpty()
                    ? "there is no batch " + id + ": name a folder of data/outbox"
                    : "batch " + id + " is over"));
            return ExitCode.USAGE;
        }
        Batch after = doing.to(ledger.stops(), id, deed).orElseThrow();
        System.out.println("Batch " + id + ": " + (after.stop() == null ? "is not stopped" : after.stop().text()));
        return follow(id);
    }
}
