// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** How a server is connected to, and for how long it may take. */
public interface ConnectionSettings {

    /** How long one answer may take. */
    Timeout timeout();

    /** Whom a connection trusts and how it shows who it is. */
    Tls tls();

    /** The HTTP proxy on the way to BOS and its token endpoint. */
    Proxy proxy();

    /** Limits on the time of one call. */
    interface Timeout {
        /** Time to connect, TLS included. */
        Duration connect();

        /** Time from the request to the last byte of the answer. */
        Duration response();
    }

    /** Certificates of the connections to BOS and its token endpoint; each file is PKCS12, or PEM where it ends so. */
    interface Tls {
        /** The CAs that are trusted, in place of those of the Java runtime. */
        Optional<Path> trustStore();

        /** Password of the trust store. */
        Optional<String> trustStorePassword();

        /** Certificate chain and private key that are shown to a server that asks for them. */
        Optional<Path> keyStore();

        /** Password of the key store. */
        Optional<String> keyStorePassword();
    }

    /** An HTTP proxy; https goes through it by CONNECT. */
    interface Proxy {
        /** Its URL, such as {@code http://proxy.example:3128}; no proxy where it is not set. */
        Optional<URI> url();

        /** User at the proxy. */
        Optional<String> user();

        /** Password at the proxy. */
        Optional<String> password();
    }
}
