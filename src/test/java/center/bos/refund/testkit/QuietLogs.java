// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import org.jboss.logmanager.Level;
import org.jboss.logmanager.LogContext;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Where no application configures its logging, Quarkus takes every record, down to TRACE, and keeps it for an application to come: a
 * test's JMS clients and SFTP server would make a text of each packet.
 */
public final class QuietLogs implements LauncherSessionListener {
    @Override
    public void launcherSessionOpened(LauncherSession session) {
        LogContext.getLogContext().getLogger("").setLevel(Level.INFO);
    }
}
