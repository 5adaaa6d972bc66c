// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.token;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;

import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/** Encrypts tokens (AES-GCM) with a key derived from the client's secret, which every node of a ledger has. */
final class TokenSeal {
    private static final String MAC = "HmacSHA256";
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final int NONCE_BYTES = 12;
    private static final int TAG_BITS = 128;

    private final String client;
    private final SecretKeySpec key;
    private final SecureRandom random = new SecureRandom();

    private TokenSeal(String who, String secret) {
        byte[] bytes = secret.getBytes(StandardCharsets.UTF_8);
        client = HexFormat.of().formatHex(mac(bytes, "client " + who));
        key = new SecretKeySpec(mac(bytes, "key " + who), "AES");
    }

    /** The seal of the configured client; empty if it has no secret, or its token is fixed. */
    static Optional<TokenSeal> of(TokenSettings settings) {
        return settings.value().isPresent()
                ? Optional.empty()
                : settings.clientSecret().filter(secret -> !secret.isBlank()).map(secret -> new TokenSeal(
                        settings.url().orElse("") + " " + settings.clientId().orElse(""), secret));
    }

    /** The client's id in the ledger. */
    String client() {
        return client;
    }

    String seal(String token) {
        byte[] nonce = new byte[NONCE_BYTES];
        random.nextBytes(nonce);
        try {
            byte[] sealed = cipher(Cipher.ENCRYPT_MODE, nonce).doFinal(token.getBytes(StandardCharsets.UTF_8));
            return Base64.getEncoder()
                    .encodeToString(ByteBuffer.allocate(nonce.length + sealed.length).put(nonce).put(sealed).array());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The token; empty if nothing was sealed, or with another secret. */
    Optional<String> open(String sealed) {
        try {
            ByteBuffer bytes = ByteBuffer.wrap(Base64.getDecoder().decode(sealed));
            if (bytes.remaining() <= NONCE_BYTES) {
                return Optional.empty();
            }
            byte[] nonce = new byte[NONCE_BYTES];
            byte[] text = new byte[bytes.get(nonce).remaining()];
            bytes.get(text);
            return Optional.of(new String(cipher(Cipher.DECRYPT_MODE, nonce).doFinal(text), StandardCharsets.UTF_8));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Cipher cipher(int mode, byte[] nonce) throws GeneralSecurityException {
        Cipher cipher = Cipher.getInstance(CIPHER);
        cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
        return cipher;
    }

    private static byte[] mac(byte[] secret, String text) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(new SecretKeySpec(secret, MAC));
            return mac.doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
