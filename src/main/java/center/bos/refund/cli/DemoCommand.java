// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;

import center.bos.refund.csv.CsvFile;
import center.bos.refund.intake.Intake;
import picocli.CommandLine.Command;

/** {@code refund demo}: the whole product against the bundled simulator. */
@Command(name = "demo", mixinStandardHelpOptions = true, header = {
        "Sends examples/refunds.csv to a bundled simulator of BOS. Nobody is texted.", ""}, footer = {"",
                "If the data folder holds anything else, the demo uses a folder demo inside it;",
                "later real work moves there what a demo left.", "",
                "Example:", "  refund demo"})
final class DemoCommand implements Callable<Integer> {
    private static final String EXAMPLE = "examples/refunds.csv";
    /** Because nobody is texted. */
    private static final Map<String, String> NOTHING_WAITS = Map.of("refund.hold", "0s", "refund.hours", "",
            "refund.release-above", "");
    @Override
    public Integer call() throws Exception {
        Set<String> replaced = Rehearsal.replaced();
        replaced.addAll(NOTHING_WAITS.keySet());
        Settings.check(replaced);
        Path data = Rehearsal.dataFolder();
        Path example = Files.createDirectories(data.resolve("examples")).resolve("refunds.csv");
        try (InputStream packaged = DemoCommand.class.getClassLoader().getResourceAsStream(EXAMPLE)) {
            Files.copy(packaged, example, StandardCopyOption.REPLACE_EXISTING);
        }
        Map<String, String> settings = new HashMap<>(Session.oneShot());
        settings.remove("quarkus.http.host-enabled");
        settings.putAll(Rehearsal.settings(data, freePort()));
        settings.putAll(NOTHING_WAITS);
        System.out.println("Sending " + EXAMPLE + " to the bundled simulator of BOS; nobody is texted.");
        CsvFile input = Intake.inspect(example);
        int code = Session.run(settings, () -> Session.bean(SendJob.class).send(List.of(input), false));
        if (code == ExitCode.USAGE) {
            return code;
        }
        Path channels = Path.of("").toAbsolutePath().relativize(Rehearsal.channels(data).toAbsolutePath());
        System.out.println("Each outcome also went to a channel: " + channels.resolve("success.jsonl")
                + " and error.jsonl");
        // some rows end in ERROR on purpose
        return code == ExitCode.SOME_ROWS_FAILED ? ExitCode.DONE : code;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
