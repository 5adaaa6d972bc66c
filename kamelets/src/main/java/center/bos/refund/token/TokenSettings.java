// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.token;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Settings for bearer tokens. */
public interface TokenSettings {
    /** Authorize endpoint. */
    Optional<String> url();

    /** A fixed token, used in place of the authorize endpoint. */
    Optional<String> value();

    /** Client id, sent as {@code X-Client-Id}. */
    Optional<String> clientId();

    /** Client secret, sent as {@code X-Client-Secret}. */
    Optional<String> clientSecret();

    /** PEM file of the RSA public key that signs the authorize call. */
    Optional<Path> publicKey();

    /** Lifetime of a token whose answer carries no expiry. */
    Duration ttl();

    /** How long before its expiry a token is replaced. */
    Duration refreshMargin();
}
