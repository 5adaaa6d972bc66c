// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.Map;

import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;

/** Gives a {@code @QuarkusTest} a {@link BrokerProcess}; a field of that type is set. */
public class BrokerInTests implements QuarkusTestResourceLifecycleManager {
    private BrokerProcess broker;

    @Override
    public Map<String, String> start() {
        try {
            broker = BrokerProcess.start(Files.createTempDirectory("broker-"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return Map.of("refund.broker.url", broker.url(), "refund.broker.user", BrokerProcess.USER,
                "refund.broker.password", BrokerProcess.PASSWORD);
    }

    @Override
    public void inject(TestInjector injector) {
        injector.injectIntoFields(broker, new TestInjector.MatchesType(BrokerProcess.class));
    }

    @Override
    public void stop() {
        broker.close();
    }
}
