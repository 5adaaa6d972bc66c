// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;

import jakarta.inject.Singleton;

/**
 * The login of commands on the machine of a running service: a random password for this run, in a file of the data folder that
 * only the service's user may read, who may change the ledger anyway.
 */
@Singleton
public class LocalLogin {
    private static final int BYTES = 32;

    private final String password;

    LocalLogin() {
        byte[] random = new byte[BYTES];
        new SecureRandom().nextBytes(random);
        password = HexFormat.of().formatHex(random);
    }

    /** The password; it is written to the data folder only. */
    public String password() {
        return password;
    }

    /** Whether a password is that one, compared in constant time. */
    boolean isIt(byte[] given) {
        return MessageDigest.isEqual(password.getBytes(StandardCharsets.UTF_8), given);
    }
}
