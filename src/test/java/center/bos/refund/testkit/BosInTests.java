// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;

/**
 * Gives a {@code @QuarkusTest} a {@link BosServer} and an empty data folder; fields of these two types are set. More
 * settings are given as arguments.
 */
public class BosInTests implements QuarkusTestResourceLifecycleManager {
    private BosServer bos;
    private Path data;
    private Map<String, String> more = Map.of();

    @Override
    public void init(Map<String, String> args) {
        more = args;
    }

    @Override
    public Map<String, String> start() {
        try {
            bos = BosServer.start();
            data = Files.createTempDirectory("refund-");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        Map<String, String> settings = new HashMap<>(Map.of("bos.base-url", bos.baseUrl(), "bos.token.url",
                bos.tokenUrl(), "bos.token.client-id", TokenDesk.CLIENT_ID, "bos.token.client-secret",
                TokenDesk.CLIENT_SECRET, "bos.token.value", "", "refund.data", data.toString()));
        settings.putAll(more);
        return settings;
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(bos, new TestInjector.MatchesType(BosServer.class));
        injector.injectIntoFields(new DataTree(data), new TestInjector.MatchesType(DataTree.class));
    }

    @Override
    public void stop() {
        bos.close();
        try (Stream<Path> files = Files.walk(data)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
