// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.crash;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;

import org.jboss.byteman.agent.Main;

import center.bos.refund.testkit.RefundProcess;

/** Puts a kill point into a process from outside, so that the product holds no hooks for its tests. */
final class KillAgent {
    private KillAgent() {
    }

    /** Adds the agent that kills at that point, the n-th time, while the folder holds {@link KillPoint#ARMED}. */
    static RefundProcess.Launch at(KillPoint point, int time, Path workDir, RefundProcess.Launch launch)
            throws IOException {
        return inject(point.script(time), workDir, launch);
    }

    /** Adds the agent with that Byteman script. */
    static RefundProcess.Launch inject(String rules, Path workDir, RefundProcess.Launch launch) throws IOException {
        Path script = Files.writeString(workDir.resolve("kill.btm"), rules);
        // not on the boot class path: from there on Java would leave the archive of the application's classes alone
        return launch.jvmArg("-javaagent:" + agentJar() + "=script:" + script.toAbsolutePath());
    }

    private static Path agentJar() {
        try {
            return Path.of(Main.class.getProtectionDomain().getCodeSource().getLocation().toURI());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
