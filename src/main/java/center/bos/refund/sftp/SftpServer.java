package center.bos.refund.sftp;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.context.Dependent;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Named;

import center.bos.refund.config.SftpConfig;

/**
 * How this service logs in at the SFTP server. The routes take these by reference, so that no secret stands in an endpoint's
 * URI.
 */
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

    @Produces
    @Dependent
    @Named("sftpUser")
    String user() {
        return config.user().orElse("");
    }

    @Produces
    @Dependent
    @Named("sftpPassword")
    String password() {
        return config.password().orElse("");
    }

    @Produces
    @Dependent
    @Named("sftpPrivateKey")
    String privateKey() {
        return text(config.privateKey());
    }

    @Produces
    @Dependent
    @Named("sftpPassphrase")
    String passphrase() {
        return config.privateKeyPassphrase().orElse("");
    }

    @Produces
    @Dependent
    @Named("sftpKnownHosts")
    String knownHosts() {
        return text(config.knownHosts());
    }

    private static String text(Optional<Path> file) {
        return file.map(Path::toString).orElse("");
    }
}
