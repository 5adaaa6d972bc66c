// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.util.HashMap;
import java.util.Map;

/** {@link BosInTests} with times so short that a test need not wait for them; arguments are settings on top. */
public final class ImpatientBosInTests extends BosInTests {
    private static final Map<String, String> IMPATIENT = Map.of("bos.timeout.response", "2s", "bos.timeout.connect",
            "500ms", "refund.retry.delay", "100ms", "refund.retry.longest", "4s");

    @Override
    public void init(Map<String, String> arguments) {
        Map<String, String> settings = new HashMap<>(IMPATIENT);
        settings.putAll(arguments);
        super.init(settings);
    }
}
