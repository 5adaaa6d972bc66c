// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;

import center.bos.refund.ledger.Deed;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** A person's command on a batch. The service executes it if one runs on the data folder, else this process. */
abstract class DeedCommand implements Callable<Integer> {
    /** As over REST (refund-api.yaml). */
    private static final Pattern REASON = Pattern.compile("[^\\p{Cc}]{1,500}");

    @Parameters(paramLabel = "BATCH", converter = BatchName.class, description = "the batch: its id, which status shows, or its folder in data/outbox")
    private String batch;

    @Option(names = "--reason", paramLabel = "TEXT", description = "why; kept in the audit log", defaultValue = "no reason given")
    private String reason;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (!REASON.matcher(reason).matches()) {
            throw new ParameterException(spec.commandLine(),
                    "--reason must have 1 to 500 characters, without line breaks and other control characters");
        }
        Settings.check();
        Optional<RunningService> service = RunningService.find();
        return service.isPresent()
                ? over(service.get(), batch)
                : Session.run(Session.oneShot(), () -> withoutService(batch));
    }

    abstract int over(RunningService service, String id) throws IOException, InterruptedException;

    abstract int withoutService(String id) throws Exception;

    final String reason() {
        return reason;
    }

    final Deed deed() {
        return new Deed(SendJob.PERSON, reason, null);
    }

    /** Writes the results of a batch that has nothing left to send. */
    static int finish(String id) throws Exception {
        int code = Session.bean(SendJob.class).work(Set.of(id));
        return code == ExitCode.SOME_ROWS_FAILED ? ExitCode.DONE : code;
    }

    static int refused(RunningService.Answer answer) {
        int code = refused(answer.detail());
        return answer.isUnavailable() ? ExitCode.NOT_FINISHED : code;
    }

    static int refused(String why) {
        System.err.println("refund: " + why);
        return ExitCode.USAGE;
    }
}
