// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.bos;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Settings for connections to a server: timeouts, TLS, proxy. */
public interface ConnectionSettings {

    /** Timeouts. */
    Timeout timeout();

    /** TLS. */
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
        /** The trusted CAs, in place of those of the Java runtime. */
        Optional<Path> trustStore();

        /** Password of the trust store. */
        Optional<String> trustStorePassword();

        /** Client certificate chain and private key, for servers that require them. */
        Optional<Path> keyStore();

        /** Password of the key store. */
        Optional<String> keyStorePassword();
    }

    /** An HTTP proxy; https goes through it by CONNECT. */
    interface Proxy {
        /** Its URL, such as {@code http://proxy.example:3128}; not set: no proxy. */
        Optional<URI> url();

        /** User at the proxy. */
        Optional<String> user();

        /** Password at the proxy. */
        Optional<String> password();
    }
}
