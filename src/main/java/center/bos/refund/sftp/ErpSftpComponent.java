// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.sftp;

import java.net.URI;
import java.nio.file.Files;
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
 * The Camel component {@code erp-sftp:}: Camel's {@code sftp:} with login and host key from {@code refund.sftp.*}, so that no
 * endpoint URI holds a secret. A folder with a leading slash is absolute, not below the user's home.
 */
@Singleton
@Component("sftp") // its endpoints have the options of sftp:
@Named("erp-sftp")
public class ErpSftpComponent extends SftpComponent {
    private static final int SOCKET_TIMEOUT = 30_000; // ms

    private final SftpConfig config;

    ErpSftpComponent(SftpConfig config) {
        this.config = config;
    }

    /** Where there is a server, refuses a start without a key that it needs, or with a file that cannot be read. */
    public void check() {
        if (config.host().isEmpty()) {
            return;
        }
        if (config.user().isEmpty()) {
            throw new IllegalStateException("refund.sftp.user is not set: the user at the SFTP server");
        }
        if (config.password().isEmpty() && config.privateKey().isEmpty()) {
            throw new IllegalStateException("refund.sftp.password and refund.sftp.private-key are not set: set one of"
                    + " them");
        }
        readable("refund.sftp.known-hosts", config.knownHosts()
                .orElseThrow(() -> new IllegalStateException("refund.sftp.known-hosts is not set: the file that holds"
                        + " the host key of the SFTP server, as ssh-keyscan writes it and you have checked it")));
        config.privateKey().ifPresent(file -> readable("refund.sftp.private-key", file));
    }

    private static void readable(String key, Path file) {
        if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            throw new IllegalStateException(key + ": " + file + " cannot be read");
        }
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
        if (new URI(uri.replaceFirst("\\?.*", "")).getPath().startsWith("//")) { // which Camel's own component removes
            server.setDirectory("/" + server.getDirectory());
            server.setDirectoryName(server.getDirectory());
        }
        return endpoint;
    }
}
