// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.inject.Inject;

import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.eclipse.microprofile.config.ConfigProvider;
import org.junit.jupiter.api.Test;

import center.bos.refund.testkit.BosInTests;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;

/** Without a broker or an SFTP server in the settings there is nothing of them in the process, and nothing is owed to a channel. */
@QuarkusTest
@WithTestResource(BosInTests.class)
class OffByDefaultTest {
    @Inject
    CamelContext camel;

    @Test
    void withoutABrokerNoRouteAndNoChannelOfItExists() {
        assertThat(camel.getRoutes()).extracting(Route::getId).contains("file", "refund")
                .noneMatch(id -> id.startsWith("jms")).doesNotContain("reply", "success", "error");
        assertThat(camel.getComponentNames()).doesNotContain("jms");
        assertThat(ConfigProvider.getConfig().getOptionalValue("refund.channel.success", String.class)).isEmpty();
        assertThat(Thread.getAllStackTraces().keySet()).extracting(Thread::getName)
                .doesNotContain("broker-connection-watch");
    }

    @Test
    void withoutAnSftpServerNoRouteOfItExists() {
        assertThat(camel.getRoutes()).extracting(Route::getId).contains("file", "refund")
                .noneMatch(id -> id.startsWith("sftp"));
        assertThat(camel.getComponentNames()).doesNotContain("sftp", "erp-sftp");
    }
}
