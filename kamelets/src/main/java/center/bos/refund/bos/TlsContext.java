// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

import center.bos.refund.model.FileTrouble;
import center.bos.refund.model.TextFile;

/** Makes the TLS context of {@code bos.tls.*}; without these keys, that of the Java runtime. */
final class TlsContext {
    private static final Pattern BLOCK = Pattern.compile("-----BEGIN ([A-Z0-9 ]+)-----([^-]+)-----END \\1-----");
    private static final List<String> KEY_ALGORITHMS = List.of("RSA", "EC", "EdDSA");

    private TlsContext() {
    }

    /**
     * The context for these settings.
     *
     * @throws IllegalArgumentException if a file cannot be used; the message names its key
     */
    static SSLContext of(ConnectionSettings.Tls settings) {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(load("bos.tls.trust-store", settings.trustStore(), settings.trustStorePassword()));
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            KeyStore own = withKey("bos.tls.key-store", settings.keyStore(), settings.keyStorePassword());
            keys.init(own, password(settings.keyStorePassword()));
            context.init(own == null ? null : keys.getKeyManagers(), trust.getTrustManagers(), new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("bos.tls: " + e.getMessage(), e);
        }
    }

    private static KeyStore load(String key, Optional<Path> file, Optional<String> password) {
        if (file.isEmpty()) {
            return null;
        }
        try {
            KeyStore store = isPem(file.get())
                    ? fromPem(TextFile.readAscii(file.get()), password(password))
                    : fromPkcs12(file.get(), password(password));
            if (store.size() == 0) {
                throw new IllegalArgumentException(key + ": " + file.get() + " holds no certificate");
            }
            return store;
        } catch (IOException | GeneralSecurityException e) {
            throw new IllegalArgumentException(key + ": " + file.get() + " cannot be used: " + FileTrouble.text(e), e);
        }
    }

    private static KeyStore withKey(String key, Optional<Path> file, Optional<String> password)
            throws GeneralSecurityException {
        KeyStore store = load(key, file, password);
        if (store != null) {
            for (String alias : Collections.list(store.aliases())) {
                if (store.isKeyEntry(alias)) {
                    return store;
                }
            }
            throw new IllegalArgumentException(key + ": " + file.get() + " holds no private key");
        }
        return null;
    }

    private static boolean isPem(Path file) {
        String name = file.toString().toLowerCase(Locale.ROOT);
        return name.endsWith(".pem") || name.endsWith(".crt");
    }

    private static char[] password(Optional<String> password) {
        return password.orElse("").toCharArray();
    }

    private static KeyStore fromPkcs12(Path file, char[] password) throws IOException, GeneralSecurityException {
        try (InputStream in = Files.newInputStream(file)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, password);
            return store;
        }
    }

    /** Certificates without a private key are trusted; with one, they are its chain. */
    private static KeyStore fromPem(String pem, char[] password) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        List<Certificate> certificates = new ArrayList<>();
        PrivateKey key = null;
        for (MatchResult block : BLOCK.matcher(pem).results().toList()) {
            byte[] bytes = Base64.getMimeDecoder().decode(block.group(2));
            if (block.group(1).equals("CERTIFICATE")) {
                certificates.add(CertificateFactory.getInstance("X.509")
                        .generateCertificate(new ByteArrayInputStream(bytes)));
            } else if (block.group(1).equals("PRIVATE KEY")) {
                key = privateKey(bytes);
            } else if (block.group(1).endsWith("PRIVATE KEY")) {
                throw new InvalidKeySpecException("its key is an " + block.group(1)
                        + ": convert it with openssl pkcs8 -topk8 -nocrypt");
            }
        }
        if (key != null) {
            store.setKeyEntry("client", key, password, certificates.toArray(Certificate[]::new));
            return store;
        }
        for (Certificate certificate : certificates) {
            store.setCertificateEntry("ca-" + store.size(), certificate);
        }
        return store;
    }

    private static PrivateKey privateKey(byte[] pkcs8) throws GeneralSecurityException {
        for (String algorithm : KEY_ALGORITHMS) {
            try {
                return KeyFactory.getInstance(algorithm).generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            } catch (InvalidKeySpecException e) {
                // of another kind
            }
        }
        throw new InvalidKeySpecException("the private key is neither RSA, EC nor EdDSA");
    }
}
