// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.jms;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import center.bos.refund.config.RefundConfig;
import io.quarkus.runtime.configuration.DurationConverter;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;

/** An address of a broker that cannot be read. */
class BrokerConnectionTest {
    private static RefundConfig config(String url) throws IOException {
        return new SmallRyeConfigBuilder().addDefaultInterceptors().withMapping(RefundConfig.class)
                .withConverter(Duration.class, 200, new DurationConverter())
                .withSources(new PropertiesConfigSource(Path.of("application.properties").toUri().toURL()),
                        new PropertiesConfigSource(Map.of("refund.node", "a", "refund.broker.url", url), "test", 500))
                .build().getConfigMapping(RefundConfig.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"tcp://broker:61617?sslEnabled=true&trustStorePassword=se^cret",
            "(tcp://a:61617,tcp://b:61617)?sslEnabled=true&trustStorePassword=se^cret",
            "amqps://broker:5671?transport.trustStorePassword=se^cret"})
    void itsPasswordIsNotRepeated(String url) throws IOException {
        BrokerConnection connection = new BrokerConnection(config(url), null);

        assertThatThrownBy(connection::connectionFactory)
                .hasMessageStartingWith("refund.broker.url is not a broker's address (Illegal character in query")
                .satisfies(refused -> org.assertj.core.api.Assertions.assertThat(refused)
                        .extracting(org.assertj.core.util.Throwables::getStackTrace).asString()
                        .doesNotContain("se^cret"));
    }
}
