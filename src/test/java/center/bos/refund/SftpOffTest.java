// SPDX-License-Identifier: Apache-2.0
package center.bos.refund;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.inject.Inject;

import org.apache.camel.CamelContext;
import org.apache.camel.Route;
import org.junit.jupiter.api.Test;

import center.bos.refund.testkit.BosInTests;
import io.quarkus.test.common.WithTestResource;
import io.quarkus.test.junit.QuarkusTest;

/** Without an SFTP server in the settings there is nothing of it in the process. */
@QuarkusTest
@WithTestResource(BosInTests.class)
class SftpOffTest {
    @Inject
    CamelContext camel;

    @Test
    void withoutAHostNoRouteOfItExists() {
        assertThat(camel.getRoutes()).extracting(Route::getId).contains("file", "refund")
                .noneMatch(id -> id.startsWith("sftp"));
        assertThat(camel.getComponentNames()).doesNotContain("sftp", "erp-sftp");
    }
}
