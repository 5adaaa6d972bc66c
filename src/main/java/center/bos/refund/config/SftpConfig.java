// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.config;

import java.nio.file.Path;
import java.util.Optional;

import io.smallrye.config.ConfigMapping;

/** An SFTP server that files are fetched from and results are put back on; off where it has no host. */
@ConfigMapping(prefix = "refund.sftp")
public interface SftpConfig {

    /** Its name or address. */
    Optional<String> host();

    /** Its port. */
    int port();

    /** Who this service is there. */
    Optional<String> user();

    /** That user's password. */
    Optional<String> password();

    /** That user's private key, as OpenSSH or PEM writes it. */
    Optional<Path> privateKey();

    /** What the private key is encrypted with. */
    Optional<String> privateKeyPassphrase();

    /** The server's host key, in a file as OpenSSH writes it; no other is accepted. */
    Optional<Path> knownHosts();
}
