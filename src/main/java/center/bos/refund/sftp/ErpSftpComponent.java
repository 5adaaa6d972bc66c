// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.sftp;

import java.net.URI;
import java.nio.file.Path;
import java.util.Map;

import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.LoggingLevel;
import org.apache.camel.component.file.GenericFileEndpoint;
import org.apache.camel.component.file.remote.SftpComponent;
import org.apache.camel.component.file.remote.SftpConfiguration;
import org.apache.camel.component.file.remote.SftpEndpoint;
import org.apache.camel.component.file.remote.SftpRemoteFile;
import org.apache.camel.spi.annotations.Component;

import center.bos.refund.config.SftpConfig;

/**
 * The Camel component {@code erp-sftp:}, which is Camel's {@code sftp:} with the login and the host key that
 * {@code refund.sftp.*} gives. So no secret stands in an endpoint's URI. A folder that begins with a slash is looked for from
 * the server's root, not from the user's home.
 */
@Singleton
@Component("sftp") // whose options its endpoints have
@Named("erp-sftp")
public class ErpSftpComponent extends SftpComponent {
    private static final int SOCKET_TIMEOUT = 30_000; // ms

    private final SftpConfig config;

    ErpSftpComponent(SftpConfig config) {
        this.config = config;
    }

    @Override
    protected GenericFileEndpoint<SftpRemoteFile> buildFileEndpoint(String uri, String remaining,
            Map<String, Object> parameters) throws Exception {
        SftpEndpoint endpoint = (SftpEndpoint) super.buildFileEndpoint(uri, remaining, parameters);
        endpoint.setMaximumReconnectAttempts(0);
        SftpConfiguration server = endpoint.getConfiguration();
        config.user().ifPresent(server::setUsername);
        config.password().ifPresent(server::setPassword);
        config.privateKey().map(Path::toString).ifPresent(server::setPrivateKeyFile);
        config.privateKeyPassphrase().ifPresent(server::setPrivateKeyPassphrase);
        server.setPreferredAuthentications("publickey,password,keyboard-interactive");
        config.knownHosts().map(Path::toString).ifPresent(server::setKnownHostsFile);
        server.setUseUserKnownHostsFile(false);
        server.setStrictHostKeyChecking("yes");
        server.setJschLoggingLevel(LoggingLevel.OFF);
        server.setSoTimeout(SOCKET_TIMEOUT);
        server.setStepwise(false);
        if (new URI(uri.replaceFirst("\\?.*", "")).getPath().startsWith("//")) { // which Camel's own takes away
            server.setDirectory("/" + server.getDirectory());
            server.setDirectoryName(server.getDirectory());
        }
        return endpoint;
    }
}
