// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.access;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.HexFormat;

import jakarta.inject.Singleton;

/**
 * The login of commands that run beside the service: a password of this run alone, which the service leaves in the data folder
 * for who may read it there, and so may change the ledger anyway.
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

    /** The password, for the data folder and nowhere else. */
    public String password() {
        return password;
    }

    /** Whether a password is that one; in a time that does not tell how much of it is right. */
    boolean isIt(byte[] given) {
        return MessageDigest.isEqual(password.getBytes(StandardCharsets.UTF_8), given);
    }
}
