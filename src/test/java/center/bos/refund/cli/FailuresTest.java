// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.camel.FailedToCreateRouteException;
import org.apache.camel.FailedToStartRouteException;
import org.junit.jupiter.api.Test;

class FailuresTest {
    private static final String FILE = "file:/opt/bos-refund/routes/triggers/mine.camel.yaml";

    @Test
    void namesTheRouteThatCannotBeMadeAndItsFile() {
        Throwable why = new IllegalStateException("No bean could be found in the registry for: tokenVerdikt");

        assertThat(
                Failures.text(new RuntimeException(new FailedToCreateRouteException("mine", FILE, "Route(mine)", why))))
                .isEqualTo("route mine (" + FILE + "): No bean could be found in the registry for: tokenVerdikt");
        assertThat(Failures.text(new FailedToCreateRouteException("mine", null, "Route(mine)", why)))
                .startsWith("route mine: No bean");
        assertThat(Failures.text(new FailedToCreateRouteException("Duplicate route ids detected: file")))
                .endsWith("Duplicate route ids detected: file").doesNotContain("null");
    }

    @Test
    void namesTheRouteOnceThatCannotBeStarted() {
        assertThat(Failures.text(new FailedToStartRouteException("mine", "Multiple consumers")))
                .containsOnlyOnce("mine").contains("Multiple consumers");
        assertThat(Failures.text(new FailedToStartRouteException("mine", FILE, new IllegalStateException("no"))))
                .contains("mine").endsWith("no");
    }
}
