// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

import io.smallrye.config.ConfigMapping;

/** Everything that is known of BOS Center from the outside: where it is, how to log in, how to read its answers. Defaults stand in {@code application.properties} alone. */
@ConfigMapping(prefix = "bos")
public interface BosConfig {

    /** How a RefundOTP request is written. */
    Request request();

    /** How a bearer token is had. */
    Token token();

    /** How long one answer may take. */
    Timeout timeout();

    /** Whom a connection trusts and how it shows who it is. */
    Tls tls();

    /** The HTTP proxy on the way to BOS and its token endpoint. */
    Proxy proxy();

    /** Shape of the JSON that is sent. */
    interface Request {
        /** Name of the JSON field that carries the reference id. */
        String referenceField();

        /** Whether ids are sent as JSON numbers or as JSON strings. */
        Ids ids();
    }

    /** JSON type of the ids in a request. */
    enum Ids {
        NUMBER, STRING
    }

    /** Settings of the token route. */
    interface Token {
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
