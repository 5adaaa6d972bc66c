// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.config;

import java.nio.file.Path;
import java.util.Optional;

import io.smallrye.config.ConfigMapping;

/** The SFTP server that files are fetched from and results are written to; without a host it is off. */
@ConfigMapping(prefix = "refund.sftp")
public interface SftpConfig {

    /** Its name or address. */
    Optional<String> host();

    /** Its port. */
    int port();

    /** User at the server. */
    Optional<String> user();

    /** That user's password. */
    Optional<String> password();

    /** That user's private key, as OpenSSH or PEM writes it. */
    Optional<Path> privateKey();

    /** The private key's passphrase. */
    Optional<String> privateKeyPassphrase();

    /** File with the server's host key, in OpenSSH's form; no other key is accepted. */
    Optional<Path> knownHosts();
}
