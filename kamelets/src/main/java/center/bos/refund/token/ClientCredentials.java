// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.token;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.spec.X509EncodedKeySpec;
import java.time.Instant;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import javax.crypto.Cipher;

import org.apache.camel.Exchange;
import org.apache.camel.Message;
import org.apache.camel.Processor;

import center.bos.refund.model.TextFile;

/**
 * Sets the headers of the authorize call: {@code X-Client-Id}, {@code X-Client-Secret}, and where a public key is
 * configured {@code X-Cf-Signature}, the Base64 of RSA-OAEP (SHA-1, MGF1) of the client id, a dot and the epoch second.
 */
public class ClientCredentials implements Processor {
    private static final Pattern PUBLIC_KEY = Pattern
            .compile("-----BEGIN PUBLIC KEY-----([^-]+)-----END PUBLIC KEY-----");
    private static final String BARE_KEY = "-----BEGIN RSA PUBLIC KEY-----";
    private static final String TRANSFORMATION = "RSA/ECB/OAEPWithSHA-1AndMGF1Padding";

    private final TokenSettings settings;

    /** Credentials from those settings. */
    public ClientCredentials(TokenSettings settings) {
        this.settings = settings;
    }

    @Override
    public void process(Exchange exchange) throws TokenUnavailable {
        Message message = exchange.getMessage();
        String clientId = settings.clientId().orElse("");
        message.setHeader("X-Client-Id", clientId);
        message.setHeader("X-Client-Secret", settings.clientSecret().orElse(""));
        if (settings.publicKey().isPresent()) {
            message.setHeader("X-Cf-Signature", signature(settings.publicKey().get(), clientId, Instant.now()));
        }
    }

    /**
     * Checks the file of {@code bos.token.public-key} before anything is accepted.
     *
     * @throws IllegalArgumentException if it cannot; the message names the key
     */
    public void check() {
        settings.publicKey().ifPresent(ClientCredentials::publicKey);
    }

    private static String signature(Path pem, String clientId, Instant now) throws TokenUnavailable {
        try {
            Cipher cipher = Cipher.getInstance(TRANSFORMATION);
            cipher.init(Cipher.ENCRYPT_MODE, publicKey(pem));
            byte[] plain = (clientId + "." + now.getEpochSecond()).getBytes(StandardCharsets.UTF_8);
            return Base64.getEncoder().encodeToString(cipher.doFinal(plain));
        } catch (GeneralSecurityException e) {
            throw new TokenUnavailable("bos.token.public-key: " + pem + " cannot be used");
        } catch (IllegalArgumentException e) { // the file was changed
            throw new TokenUnavailable(e.getMessage());
        }
    }

    private static PublicKey publicKey(Path pem) {
        try {
            String text = TextFile.readAscii(pem);
            Matcher block = PUBLIC_KEY.matcher(text);
            if (!block.find()) {
                throw new IllegalArgumentException("bos.token.public-key: " + pem
                        + " holds no RSA public key in PEM form"
                        + (text.contains(BARE_KEY) ? ": convert it with openssl rsa -RSAPublicKey_in -pubout" : ""));
            }
            byte[] key = Base64.getMimeDecoder().decode(block.group(1));
            return KeyFactory.getInstance("RSA").generatePublic(new X509EncodedKeySpec(key));
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("bos.token.public-key: " + pem + " holds no RSA public key in PEM form",
                    e);
        } catch (IOException e) {
            throw new IllegalArgumentException("bos.token.public-key: " + pem + " cannot be read", e);
        }
    }
}
