// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

import org.eclipse.microprofile.config.ConfigProvider;

import center.bos.refund.folder.DataFolder;
import io.quarkus.runtime.configuration.ConfigUtils;

/**
 * The profile {@code demo}: the bundled simulator in place of BOS, and a data folder without real work, whatever the environment and
 * {@code application.properties} say.
 */
final class Rehearsal {
    static final String PROFILE = "demo";
    private static final String CLIENT = "demo-client";
    private static final String SECRET = "demo-secret";

    private Rehearsal() {
    }

    /** The keys whose settings it replaces, whatever their values. */
    static Set<String> replaced() {
        Set<String> keys = new HashSet<>(settings(Path.of(""), 0).keySet());
        keys.removeAll(List.of("refund.data", "refund.http.port"));
        return keys;
    }

    /** Whether the process was started under the profile. */
    static boolean isOn() {
        return ConfigUtils.isProfileActive(PROFILE);
    }

    /** The configured data folder if it is new or the demo's own, else a folder inside it. */
    static Path dataFolder() throws IOException {
        Path data = ConfigProvider.getConfig().getValue("refund.data", Path.class);
        Path folder = Files.createDirectories(DataFolder.holdsRealWork(data) ? DataFolder.demo(data) : data);
        Path mark = folder.resolve(DataFolder.DEMO_MARK);
        if (Files.notExists(mark)) {
            Files.createFile(mark);
        }
        return folder;
    }

    /** The folder that holds a file of JSON lines for each channel. */
    static Path channels(Path data) {
        return data.resolve("channels");
    }

    private static String channel(String name) {
        return "file:{{refund.data.uri}}/channels?fileName=" + name
                + ".jsonl&fileExist=Append&appendChars=RAW(\\n)&allowNullBody=false";
    }

    /**
     * Settings that keep a process away from BOS, real channels and real work. The ledger is another one: what the simulator answered
     * does not count as sent to BOS, and rows that were not finished do not go there.
     */
    static Map<String, String> settings(Path data, int port) {
        String url = "http://127.0.0.1:" + port + "/simulator";
        Map<String, String> settings = new HashMap<>(Map.of("quarkus.profile", PROFILE, "refund.data", data.toString(),
                "refund.broker.url", "", "refund.ledger.url",
                "jdbc:sqlite:" + data.resolve(DataFolder.DEMO_LEDGER),
                "refund.http.host", "127.0.0.1", "refund.http.port", Integer.toString(port),
                "refund.channel.success", channel("success"),
                "refund.channel.error", channel("error"), "refund.sftp.host", ""));
        settings.putAll(Map.of("bos.base-url", url, "bos.refund-otp.path", "/api/BOS/RefundOTP", "bos.token.url",
                url + "/authorize", "bos.token.value", "", "bos.token.public-key", "", "bos.token.client-id", CLIENT,
                "bos.token.client-secret", SECRET, "simulator.client-id", CLIENT, "simulator.client-secret", SECRET));
        settings.putAll(Map.of("bos.proxy.url", "", "bos.proxy.user", "", "bos.proxy.password", ""));
        return settings;
    }
}
