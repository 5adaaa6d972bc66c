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
import java.util.concurrent.Callable;

import org.eclipse.microprofile.config.ConfigProvider;

import center.bos.refund.batch.DataFolder;
import center.bos.refund.batch.Intake;
import center.bos.refund.csv.CsvFile;
import picocli.CommandLine.Command;

/** {@code refund demo}: the whole product against the bundled simulator. */
@Command(name = "demo", mixinStandardHelpOptions = true, header = {
        "Sends examples/refunds.csv to a bundled simulator of BOS. Nobody is texted.", ""}, footer = {"",
                "It keeps away from real work: where the data folder holds any, it uses a folder demo inside it.", "",
                "Example:", "  refund demo"})
final class DemoCommand implements Callable<Integer> {
    private static final String EXAMPLE = "examples/refunds.csv";
    private static final String CLIENT = "demo";
    @Override
    public Integer call() throws Exception {
        Path data = dataFolder(
                Path.of(ConfigProvider.getConfig().getOptionalValue("refund.data", String.class).orElse("data")));
        Path example = Files.createDirectories(data.resolve("examples")).resolve("refunds.csv");
        try (InputStream packaged = DemoCommand.class.getClassLoader().getResourceAsStream(EXAMPLE)) {
            Files.copy(packaged, example, StandardCopyOption.REPLACE_EXISTING);
        }
        Map<String, String> settings = new HashMap<>(Session.ONE_SHOT);
        settings.remove("quarkus.http.host-enabled");
        settings.put("quarkus.profile", "demo");
        settings.put("refund.data", data.toString());
        settings.put("refund.broker.url", "vm://0");
        settings.put("refund.ledger.url", "jdbc:sqlite:" + data.resolve("ledger.db"));
        settings.put("refund.http.host", "127.0.0.1");
        int port = freePort();
        settings.put("refund.http.port", Integer.toString(port));
        settings.put("camel.component.properties.environment-variable-mode", "0"); // Camel asks the environment first
        settings.putAll(simulator("http://127.0.0.1:" + port + "/simulator"));
        System.out.println("Sending " + EXAMPLE + " to the bundled simulator of BOS; nobody is texted.");
        CsvFile input = Intake.inspect(example);
        int code = Session.run(settings, () -> Session.bean(SendJob.class).send(List.of(input), false));
        // that some rows end in ERROR is what it shows
        return code == ExitCode.SOME_ROWS_FAILED ? ExitCode.DONE : code;
    }

    /** Said here too: where the environment names the real BOS, or the real channels, it wins over the profile. */
    private static Map<String, String> simulator(String url) {
        return Map.of("bos.base-url", url, "bos.token.url", url + "/authorize", "bos.token.value", "",
                "bos.token.public-key", "", "bos.token.client-id", CLIENT, "bos.token.client-secret", CLIENT,
                "simulator.client-id", CLIENT, "simulator.client-secret", CLIENT, "refund.channel.success",
                "jms:queue:bos.refund.success", "refund.channel.error", "jms:queue:bos.refund.error");
    }

    /** The data folder where it is new or the demo's own, else a folder inside it. */
    private static Path dataFolder(Path data) throws IOException {
        Path folder = Files.createDirectories(DataFolder.holdsRealWork(data) ? data.resolve("demo") : data);
        Path mark = folder.resolve(DataFolder.DEMO_MARK);
        if (Files.notExists(mark)) {
            Files.createFile(mark);
        }
        return folder;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
