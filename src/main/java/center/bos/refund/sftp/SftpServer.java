// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.sftp;

import java.nio.file.Files;
import java.nio.file.Path;

import jakarta.enterprise.context.ApplicationScoped;

import center.bos.refund.config.SftpConfig;

/** The settings of the ERP's SFTP server, checked before the routes start. */
@ApplicationScoped
public class SftpServer {
    private final SftpConfig config;

    SftpServer(SftpConfig config) {
        this.config = config;
    }

    /**
     * Checks the settings, where there is a server.
     *
     * @throws IllegalStateException naming the key that is missing or the file that cannot be read
     */
    public void check() {
        if (config.host().isEmpty()) {
            return;
        }
        if (config.user().isEmpty()) {
            throw new IllegalStateException("refund.sftp.user is not set: who this service is at the SFTP server");
        }
        if (config.password().isEmpty() && config.privateKey().isEmpty()) {
            throw new IllegalStateException("refund.sftp.password and refund.sftp.private-key are not set: give one");
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
}
