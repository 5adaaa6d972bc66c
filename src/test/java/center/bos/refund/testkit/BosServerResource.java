package center.bos.refund.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;

/**
 * Points a {@code @QuarkusTest} at a {@link BosServer} of its own, with short times and an empty data folder; each
 * argument of the annotation is a setting on top.
 */
public final class BosServerResource implements QuarkusTestResourceLifecycleManager {
    private BosServer server;
    private Map<String, String> more = Map.of();

    @Override
    public void init(Map<String, String> arguments) {
        more = arguments;
    }

    @Override
    public Map<String, String> start() {
        server = BosServer.start();
        Map<String, String> settings = new HashMap<>(Map.of("bos.base-url", server.baseUrl(), "bos.token.url",
                server.tokenUrl(), "bos.token.value", "", "bos.token.client-id", TokenDesk.CLIENT_ID,
                "bos.token.client-secret", TokenDesk.CLIENT_SECRET, "bos.timeout.response", "1s", "bos.timeout.connect",
                "500ms", "refund.retry.delay", "100ms"));
        try {
            settings.put("refund.data", Files.createTempDirectory("bos-refund-test").toString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        settings.putAll(more);
        return settings;
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(server, new TestInjector.MatchesType(BosServer.class));
    }

    @Override
    public void stop() {
        if (server != null) {
            server.close();
        }
    }
}
