// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.cli;

import java.io.IOException;
import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;

import org.apache.camel.CamelContext;
import org.eclipse.microprofile.config.Config;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;

import center.bos.refund.access.Callers;
import center.bos.refund.access.LocalLogin;
import center.bos.refund.access.NodeLogins;
import center.bos.refund.config.RefundConfig;
import center.bos.refund.folder.DataFolder;
import center.bos.refund.folder.ServiceAddress;
import center.bos.refund.ledger.Ledger;
import center.bos.refund.metrics.FlowMetrics;
import center.bos.refund.rest.Reception;
import center.bos.refund.sftp.ErpSftpComponent;
import center.bos.refund.throttle.Throttle;
import picocli.CommandLine.Command;

/** {@code refund serve}: the service, until it is stopped. */
@Command(name = "serve", mixinStandardHelpOptions = true, header = {
        "Watches data/inbox for CSV files, REST and JMS, until it is stopped.", ""}, footer = {"",
                "SIGTERM or Ctrl-C: accepts nothing new, lets calls in flight finish, exits with 0. The next start continues.",
                "",
                "Example:", "  BOS_BASE_URL=https://api.bos.center BOS_TOKEN_VALUE=… refund serve"})
final class ServeCommand implements Callable<Integer> {
    private static final Logger LOG = Logger.getLogger(ServeCommand.class);

    @Override
    public Integer call() throws IOException {
        Map<String, String> settings = Map.of();
        if (Rehearsal.isOn()) {
            Settings.check(Rehearsal.replaced());
            settings = Rehearsal.settings(Rehearsal.dataFolder(),
                    ConfigProvider.getConfig().getValue("refund.http.port", Integer.class));
        } else {
            Settings.check();
        }
        return Session.run(settings, () -> {
            Session.bean(ErpSftpComponent.class).check();
            // without its ledger it would take files and never send them, so it does not start
            Session.bean(Ledger.class).batches();
            Session.bean(FlowMetrics.class).register();
            Session.startFlow();
            LOG.infof("The console is at %s/", leaveAddress());
            if (Session.bean(Ledger.class).nodes().isShared()) {
                Session.bean(NodeLogins.class).announce(urlForNodes());
            }
            LOG.infof("Watching %s", Session.bean(DataFolder.class).inbox());
            if (Rehearsal.isOn()) {
                LOG.infof("Each outcome also goes to a channel, a file of JSON lines: %s",
                        Rehearsal.channels(Rehearsal.dataFolder()));
            }
            Session.awaitStop();
            LOG.infof("Stopping: no further call begins, the %d in flight end first",
                    Session.bean(Throttle.class).inFlight());
            ServiceAddress.remove(Session.bean(RefundConfig.class).data());
            Session.bean(Throttle.class).close();
            Session.bean(Reception.class).close();
            Session.bean(CamelContext.class).stop(); // before the HTTP server, which refuses new callers until calls have ended
            return Session.bean(Ledger.class).isReplaced() ? ExitCode.USAGE : ExitCode.DONE;
        });
    }

    /** Writes the address for commands that call the service; returns it. */
    private static String leaveAddress() throws IOException {
        String address = url("127.0.0.1");
        new ServiceAddress(address, Session.bean(LocalLogin.class).password(),
                Session.bean(Callers.class).configured()).write(Session.bean(RefundConfig.class).data());
        return address;
    }

    private static String urlForNodes() throws IOException {
        Optional<String> set = Session.bean(RefundConfig.class).nodeUrl();
        return set.isPresent() ? set.get() : url(InetAddress.getLocalHost().getHostAddress());
    }

    /**
     * The URL of this service.
     *
     * @param own the address of this machine to use if it listens on all of them
     */
    private static String url(String own) {
        Config config = ConfigProvider.getConfig();
        String host = config.getValue("refund.http.host", String.class);
        String reached = host.equals("0.0.0.0") || host.equals("::") ? own : host;
        // with TLS alone there is no other port, or one that redirects
        boolean tls = !config.getOptionalValue("quarkus.http.insecure-requests", String.class).orElse("enabled")
                .equalsIgnoreCase("enabled");
        return (tls ? "https://" : "http://") + (reached.contains(":") ? "[" + reached + "]" : reached) + ":"
                + config.getValue(tls ? "quarkus.http.ssl-port" : "quarkus.http.port", Integer.class);
    }
}
