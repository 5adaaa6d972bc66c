package center.bos.refund.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import io.smallrye.config.WithName;

/** Everything that is known of BOS Center from the outside: where it is, how to log in, how to read its answers. */
@ConfigMapping(prefix = "bos")
public interface BosConfig {

    /** Base URL of BOS, such as {@code https://api.bos.center}; empty when it is not configured. */
    Optional<String> baseUrl();

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

    /** What each {@code response_code} of RefundOTP means. */
    Codes codes();

    /** Shape of the JSON that is sent. */
    interface Request {
        /** Name of the JSON field that carries the reference id. */
        @WithDefault("referenceid")
        String referenceField();

        /** Whether ids are sent as JSON numbers or as JSON strings. */
        @WithDefault("number")
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
        @WithDefault("600s")
        Duration ttl();

        /** How long before its expiry a token is replaced. */
        @WithDefault("60s")
        Duration refreshMargin();
    }

    /** Limits on the time of one call. */
    interface Timeout {
        /** Time to connect, TLS included. */
        @WithDefault("5s")
        Duration connect();

        /** Time from the request to the last byte of the answer. */
        @WithDefault("20s")
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

    /** Codes by meaning; every code that is not listed is an error. */
    interface Codes {
        /** Codes that say the OTP was sent. */
        @WithDefault("1")
        Set<String> success();

        /** Codes that say nothing was done and a later try may succeed. */
        @WithDefault("5")
        Set<String> retry();

        /** Codes that say the token was not accepted. */
        @WithDefault("6,7,18")
        @WithName("auth")
        Set<String> auth();
    }
}
