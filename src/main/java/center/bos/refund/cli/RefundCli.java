// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import center.bos.refund.rest.HeadDeadline;
import io.quarkus.runtime.ApplicationLifecycleManager;
import io.quarkus.runtime.annotations.QuarkusMain;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command line. */
@QuarkusMain
@Command(name = "refund", mixinStandardHelpOptions = true, version = "refund 1.0", sortOptions = false, subcommands = {
        DemoCommand.class, SendCommand.class, CheckCommand.class, StatusCommand.class, StopCommands.Pause.class,
        StopCommands.Resume.class, StopCommands.Cancel.class, ReleaseCommand.class, ResendCommand.class,
        ServeCommand.class,
        AuditCommand.class, HashCommand.class, CommandLine.HelpCommand.class}, header = {
                "Asks BOS Center to text a refund OTP to each customer of a list, each at most once.", ""}, footer = {
                        "",
                        "Examples:",
                        "  refund demo                      see it work, against a bundled simulator of BOS",
                        "  refund check refunds.csv         what would be sent, and how long it would take",
                        "  refund send refunds.csv          send it and wait for the results",
                        "  refund serve                     watch data/inbox until it is stopped", "",
                        "Settings are keys in application.properties or environment variables, such as BOS_BASE_URL;",
                        "README.md lists them."})
public final class RefundCli implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Runs one command and exits with its code. */
    public static void main(String... args) {
        // before anything logs; Quarkus' own launcher does it too, and is not there on a flat class path
        System.setProperty("java.util.logging.manager", "org.jboss.logmanager.LogManager");
        System.setProperty(HeadDeadline.PROPERTY, "serviceload");
        int code = run(args);
        if (Session.isStopping()) {
            System.exit(code);
        }
        // System.exit too, except in dev mode, where a reload ends the command and not the process
        ApplicationLifecycleManager.getDefaultExitCodeHandler().accept(code, null);
    }

    static int run(String... args) {
        CommandLine line = new CommandLine(new RefundCli());
        line.setUsageHelpWidth(120);
        line.setExpandAtFiles(false); // the rows of @refunds.csv would be taken for words of the command, and printed
        line.setExecutionExceptionHandler((failure, command, parsed) -> {
            command.getErr().println("refund: " + Failures.text(failure));
            return Failures.mayPass(failure) ? ExitCode.NOT_FINISHED : ExitCode.USAGE;
        });
        return line.execute(args);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(),
                "Name a command: " + String.join(", ", spec.subcommands().keySet()));
    }
}
