// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

import org.eclipse.microprofile.config.Config;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import center.bos.refund.config.DerivedDefaults;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;

/** Settings that are refused before anything starts; {@code SettingsIT} and {@code SendIT} have one of each kind as a process. */
class SettingsTest {
    /** The ordinals that Quarkus gives to the packaged file, and MicroProfile to environment variables. */
    private static final int PACKAGED = 250;
    private static final int ENVIRONMENT = 300;
    private static final Map<String, String> COMPLETE = Map.of("BOS_BASE_URL", "https://api.bos.example",
            "BOS_TOKEN_URL", "https://api.bos.example/authorize", "BOS_TOKEN_CLIENT_ID", "client",
            "BOS_TOKEN_CLIENT_SECRET", "secret");

    @Test
    void theDefaultsAndWhatMustBeSetAreComplete() throws IOException {
        assertThat(new Settings(config("REFUND_RATE", "10"), Set.of()).trouble()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"BOS_BASE_URL | bos.base-url", "BOS_TOKEN_URL | bos.token.url",
            "BOS_TOKEN_CLIENT_ID | bos.token.client-id", "BOS_TOKEN_CLIENT_SECRET | bos.token.client-secret"})
    void oneThatIsMissingIsNamedWithItsVariable(String variable, String key) throws IOException {
        assertThat(trouble(variable, "")).startsWith(key + " is not set (").contains(variable);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"BOS_CODES_RETRY | bos.codes.retry | 5,,44",
            "BOS_CODES_AUTH | bos.codes.auth | 6, 7",
            "BOS_CODES_SUCCESS | bos.codes.success | ''"})
    void codesThatWouldStandForOtherAnswersAreRefused(String variable, String key, String codes) throws IOException {
        assertThat(trouble(variable, codes)).contains(key, "such as 6,7,18");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"REFUND_CONCURRENCY | refund.concurrency | 0",
            "REFUND_CONCURRENCY | refund.concurrency | many", "REFUND_RATE | refund.rate | -1",
            "BOS_TIMEOUT_RESPONSE | bos.timeout.response | 0s", "BOS_TIMEOUT_RESPONSE | bos.timeout.response | 20",
            "REFUND_RETRY_DELAY | refund.retry.delay | 1", "REFUND_SFTP_PORT | refund.sftp.port | 70000",
            "REFUND_SFTP_DELAY | refund.sftp.delay | 10",
            "REFUND_RETRY_DELAY | refund.retry.delay | -1s", "REFUND_DUPLICATE_WINDOW | refund.duplicate-window | soon",
            "REFUND_RELEASE_ABOVE | refund.release-above | none", "BOS_BASE_URL | bos.base-url | api.bos.center",
            "BOS_BASE_URL | bos.base-url | https://api.bos.center/", "REFUND_NODE | refund.node | erp/a",
            "BOS_TOKEN_PUBLIC_KEY | bos.token.public-key | no-such.pem", "REFUND_HTTP_PORT | refund.http.port | abc",
            "REFUND_MANAGEMENT_PORT | refund.management.port | abc", "REFUND_DATA | refund.data | data?x",
            "REFUND_DATA | refund.data | D:\\refund",
            "BOS_REFUND_OTP_PATH | bos.refund-otp.path | api/BOS/RefundOTP",
            "BOS_BASE_URL | bos.base-url | https://api.bos.center:99999",
            "BOS_PROXY_URL | bos.proxy.url | proxy.example:3128"})
    void aValueThatCannotBeIsNamedWithWhatIsNeeded(String variable, String key, String value) throws IOException {
        assertThat(trouble(variable, value)).startsWith(key + " is " + value + ": it needs ");
    }

    @ParameterizedTest
    @CsvSource({"REFUND_LEDGER_USER, refund.ledger.url", "REFUND_BROKER_USER, refund.broker.url",
            "REFUND_SFTP_USER, refund.sftp.host"})
    void aUserOfNoServerIsRefused(String variable, String server) throws IOException {
        assertThat(trouble(variable, "me")).endsWith("is set and " + server + " is not: set both, or neither");
    }

    @Test
    void aKeyOfAFileThatIsNoSettingIsNamed() throws IOException {
        assertThat(unknown(Map.of("refund.ledger.uri", "jdbc:postgresql://db/refunds"), Map.of()).inFiles())
                .hasValueSatisfying(said -> assertThat(said).startsWith("refund.ledger.uri in the file is no setting"));
        assertThat(unknown(Map.of("%prod.bos.baseurl", "https://api.bos.example"), Map.of()).inFiles())
                .hasValueSatisfying(said -> assertThat(said).startsWith("bos.baseurl in the file"));
        assertThat(unknown(Map.of("refund.retention", "400d", "%demo.refund.rate", "10", "quarkus.http.root", "/"),
                Map.of("REFUND_LEDGER_URI", "x")).inFiles()).isEmpty();
    }

    @Test
    void aKeyOfThePackagedFileThatIsNoSettingIsNamedAsInACheckoutItIsTheOneThatIsEdited() throws IOException {
        assertThat(new UnknownKeys(new SmallRyeConfigBuilder().withSources(new PropertiesConfigSource(
                Map.of("refund.relase-above", "1000"), "the file", PACKAGED)).build()).inFiles())
                .hasValueSatisfying(
                        said -> assertThat(said).startsWith("refund.relase-above in the file is no setting"));
    }

    @Test
    void theSettingsAreThoseOfTheFile() throws IOException {
        assertThat(Pattern.compile("(?m)^(?:# )?(?:%[\\w,-]+\\.)?((?:bos|refund)\\.[\\w.-]+)=")
                .matcher(Files.readString(Path.of("application.properties"))).results().map(line -> line.group(1)))
                .containsOnly(UnknownKeys.KNOWN.toArray(String[]::new));
    }

    @Test
    void aVariableThatIsNoSettingIsNamed() throws IOException {
        assertThat(unknown(Map.of(), Map.of("REFUND_LEDGER_URI", "x", "REFUND_SERVICE_HOST", "10.0.0.1", "REFUND_PORT",
                "tcp://10.0.0.1:8080", "REFUND_HTTP_PORT", "80", "REFUND_PORT_8080_TCP", "tcp://10.0.0.1:8080",
                "BOS_TLS_TRUST_STORE_PASSWORD", "x")).inEnvironment()).containsExactly("REFUND_LEDGER_URI");
    }

    private static UnknownKeys unknown(Map<String, String> file, Map<String, String> environment) {
        return new UnknownKeys(new SmallRyeConfigBuilder().withSources(
                new PropertiesConfigSource(file, "the file", PACKAGED + 5),
                new EnvConfigSource(environment, ENVIRONMENT)).build());
    }

    @ParameterizedTest
    @ValueSource(strings = {"postgres://refund:s3cret@db/refunds", "jdbc:postgresql://refund:s3cret@db/refunds",
            "jdbc:mysql://db/refunds?password=s3cret", "jdbc:postgresql://db:port/refunds?password=s3cret"})
    void anAddressOfALedgerThatIsNotOneOfJdbcIsRefusedWithoutItsPassword(String url) throws IOException {
        assertThat(trouble("REFUND_LEDGER_URL", url)).startsWith("refund.ledger.url cannot be read: it needs"
                + " jdbc:postgresql://host:5432/database (user and password go into refund.ledger.user and"
                + " refund.ledger.password)").doesNotContain("s3cret");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"BOS_TIMEOUT_RESPONSE | bos.timeout.response | 20s",
            "BOS_REFUND_OTP_PATH | bos.refund-otp.path | /api/BOS/RefundOTP",
            "REFUND_CONCURRENCY | refund.concurrency | 32", "REFUND_DATA | refund.data | data",
            "REFUND_NODE | refund.node | ''"})
    void oneThatIsEmptyIsNamedWithItsDefault(String variable, String key, String byDefault) throws IOException {
        assertThat(trouble(variable, "")).startsWith(
                key + " is empty: give it a value, or remove it to get its default, " + byDefault);
    }

    private static String trouble(String variable, String value) throws IOException {
        return new Settings(config(variable, value), Set.of()).trouble().orElseThrow();
    }

    private static Config config(String variable, String value) throws IOException {
        Map<String, String> environment = new HashMap<>(COMPLETE);
        environment.put(variable, value);
        return new SmallRyeConfigBuilder().addDefaultInterceptors().addDiscoveredInterceptors()
                .addDiscoveredConverters()
                .withSources(new PropertiesConfigSource(Path.of("application.properties").toUri().toURL(), PACKAGED),
                        new EnvConfigSource(environment, ENVIRONMENT))
                .withSources(new DerivedDefaults()).build();
    }
}
