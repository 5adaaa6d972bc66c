// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate that signs itself, with its key, in a PKCS12 file. */
public record SelfSigned(Path keyStore, String password) {
    private static final String LOOPBACK = "SAN=ip:127.0.0.1,dns:localhost";
    private static final String PASSWORD = "changeit";
    /** What each store holds, by its name. */
    private static final Map<String, byte[]> KNOWN = new ConcurrentHashMap<>();

    /** The certificate of the tests of this JVM for 127.0.0.1 and localhost, in that folder. */
    public static SelfSigned forLoopback(Path folder) {
        return known(folder, "loopback", LOOPBACK);
    }

    /** Makes another one for 127.0.0.1 and localhost. */
    public static SelfSigned otherForLoopback(Path folder) {
        return make(folder, "loopback", LOOPBACK);
    }

    /** The certificate of the tests of this JVM for another host, which a client that verifies names must refuse. */
    public static SelfSigned forHost(Path folder, String host) {
        return known(folder, host, "SAN=dns:" + host);
    }

    /** Made by whoever asks first. */
    private static SelfSigned known(Path folder, String name, String san) {
        SelfSigned own = new SelfSigned(folder.resolve(name + ".p12"), PASSWORD);
        try {
            Files.write(own.keyStore(), KNOWN.computeIfAbsent(name, n -> read(make(folder, n, san).keyStore())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return own;
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A context that shows this certificate and trusts that one, which may be this one. */
    public SSLContext contextTrusting(SelfSigned other) {
        try {
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(load(), password.toCharArray());
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), other.trust().getTrustManagers(), new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A context that shows no certificate and trusts this one. */
    public SSLContext trustingContext() {
        try {
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, trust().getTrustManagers(), new SecureRandom());
            return context;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The certificate alone, in PEM. */
    public String pem() {
        try {
            return "-----BEGIN CERTIFICATE-----\n"
                    + Base64.getMimeEncoder(64, new byte[]{'\n'})
                            .encodeToString(load().getCertificate("bos").getEncoded())
                    + "\n-----END CERTIFICATE-----\n";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The certificate and its private key (PKCS8), in PEM. */
    public String pemWithKey() {
        try {
            byte[] key = load().getKey("bos", password.toCharArray()).getEncoded();
            return pem() + "-----BEGIN PRIVATE KEY-----\n"
                    + Base64.getMimeEncoder(64, new byte[]{'\n'}).encodeToString(key)
                    + "\n-----END PRIVATE KEY-----\n";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private TrustManagerFactory trust() throws GeneralSecurityException {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        try {
            trusted.load(null, null);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        trusted.setCertificateEntry("bos", load().getCertificate("bos"));
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        return trust;
    }

    private KeyStore load() throws GeneralSecurityException {
        try (InputStream in = Files.newInputStream(keyStore)) {
            KeyStore store = KeyStore.getInstance("PKCS12");
            store.load(in, password.toCharArray());
            return store;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SelfSigned make(Path folder, String name, String san) {
        Path file = folder.resolve(name + ".p12");
        try {
            Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                    "-J-XX:TieredStopAtLevel=1", "-J-XX:+UseSerialGC", "-genkeypair", "-alias", "bos", "-keyalg", "EC",
                    "-groupname", "secp256r1", "-dname", "CN=" + name,
                    "-ext", san, "-validity", "2", "-storetype", "PKCS12", "-keystore", file.toString(), "-storepass",
                    PASSWORD).redirectErrorStream(true).start();
            String output = new String(keytool.getInputStream().readAllBytes());
            if (keytool.waitFor() != 0) {
                throw new IllegalStateException("keytool: " + output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
        return new SelfSigned(file, PASSWORD);
    }
}
