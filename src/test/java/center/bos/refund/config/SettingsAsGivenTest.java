// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;

/** What the configuration makes of a value on its way from the file or the environment. */
class SettingsAsGivenTest {
    private static final String HARD = "pa$$w${b}rd $ \\ {{x}} ${";

    @ParameterizedTest
    @ValueSource(strings = {"bos.token.client-secret", "bos.token.value", "bos.proxy.password",
            "bos.tls.trust-store-password", "bos.tls.key-store-password", "refund.broker.password",
            "refund.ledger.password", "refund.sftp.password", "refund.sftp.private-key-passphrase",
            "quarkus.security.users.embedded.users.alice", "quarkus.oidc.credentials.secret"})
    void aSecretArrivesAsItWasGiven(String key) {
        assertThat(fromFile(key, HARD).getValue(key, String.class)).isEqualTo(HARD);
        assertThat(fromEnvironment(key, HARD + "\n").getValue(key, String.class)).isEqualTo(HARD);
    }

    @Test
    void otherSettingsMayNameOthers() {
        SmallRyeConfig config = builder().withSources(
                new PropertiesConfigSource(Map.of("refund.data", "${base}/x", "base", "/srv"), "file", 270)).build();

        assertThat(config.getValue("refund.data", String.class)).isEqualTo("/srv/x");
    }

    @Test
    void aLineBreakAtTheEndIsCutOffButForAChannel() {
        assertThat(fromEnvironment("bos.token.client-id", "me\r\n").getValue("bos.token.client-id", String.class))
                .isEqualTo("me");
        assertThat(fromEnvironment("refund.channel.error", "file:x?appendChars=\n").getValue("refund.channel.error",
                String.class)).endsWith("=\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"HTTPS://bos.example", "Https://bos.example", "https://bos.example"})
    void theSchemeOfAUrlIsOfAnyCase(String url) {
        assertThat(fromEnvironment("bos.base-url", url).getValue("bos.base-url", String.class))
                .isEqualTo("https://bos.example");
    }

    private static SmallRyeConfig fromFile(String key, String value) {
        return builder().withSources(new PropertiesConfigSource(Map.of(key, value), "file", 270)).build();
    }

    private static SmallRyeConfig fromEnvironment(String key, String value) {
        return builder().withSources(new EnvConfigSource(
                Map.of(key.toUpperCase(java.util.Locale.ROOT).replaceAll("[.-]", "_"), value), 300)).build();
    }

    private static SmallRyeConfigBuilder builder() {
        return new SmallRyeConfigBuilder().addDefaultInterceptors().addDiscoveredInterceptors();
    }
}
