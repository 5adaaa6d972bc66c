// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;

import org.apache.camel.quarkus.core.CamelRuntime;

import io.quarkus.runtime.StartupEvent;

/** Starts the routes in a {@code @QuarkusTest}, as the commands do in a process. */
@ApplicationScoped
public class FlowInTests {
    void start(@Observes StartupEvent event, CamelRuntime runtime) {
        runtime.start(new String[0]);
    }
}
