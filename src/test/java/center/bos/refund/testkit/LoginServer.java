// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.stream.Collectors;

import com.sun.net.httpserver.HttpServer;

/** A small OpenID Connect server: its discovery document, its keys, and tokens. */
public final class LoginServer implements AutoCloseable {
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    private final KeyPair key = SftpHost.rsa();
    private final HttpServer server;

    private LoginServer(HttpServer server) {
        this.server = server;
    }

    /** Starts one on a free port of this machine. */
    public static LoginServer start() {
        try {
            LoginServer login = new LoginServer(
                    HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0));
            login.serve("/.well-known/openid-configuration", """
                    {"issuer": "%1$s", "jwks_uri": "%1$s/keys", "authorization_endpoint": "%1$s/auth",
                     "token_endpoint": "%1$s/token", "response_types_supported": ["code"],
                     "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"]}
                    """.formatted(login.url()));
            RSAPublicKey publicKey = (RSAPublicKey) login.key.getPublic();
            login.serve("/keys", """
                    {"keys": [{"kty": "RSA", "kid": "first", "use": "sig", "alg": "RS256", "n": "%s", "e": "%s"}]}
                    """.formatted(unsigned(publicKey.getModulus()), unsigned(publicKey.getPublicExponent())));
            login.server.start();
            return login;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve(String path, String json) {
        server.createContext(path, exchange -> {
            byte[] body = json.getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "application/json");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
    }

    private static String unsigned(BigInteger number) {
        byte[] bytes = number.toByteArray();
        int from = bytes[0] == 0 ? 1 : 0;
        return BASE64.encodeToString(java.util.Arrays.copyOfRange(bytes, from, bytes.length));
    }

    /** Its address, which is the issuer of its tokens. */
    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** A token for that audience until that time, signed with this server's key. */
    public String token(String audience, Instant until, String... roles) {
        return token(url(), audience, until, key, roles);
    }

    /** A token that looks like this server's and is signed with another key. */
    public String forged(String audience, Instant until, String... roles) {
        return token(url(), audience, until, SftpHost.rsa(), roles);
    }

    /** A token of another issuer, signed with this server's key. */
    public String ofAnotherIssuer(String audience, Instant until, String... roles) {
        return token("http://elsewhere.example", audience, until, key, roles);
    }

    /** A token that says that it needs no signature. */
    public String unsigned(String audience, Instant until, String... roles) {
        return part("{\"alg\":\"none\",\"typ\":\"JWT\"}") + "." + part(claims(url(), audience, until, roles)) + ".";
    }

    private static String token(String issuer, String audience, Instant until, KeyPair key, String... roles) {
        String content = part("{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"first\"}") + "."
                + part(claims(issuer, audience, until, roles));
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(key.getPrivate());
            signature.update(content.getBytes(StandardCharsets.US_ASCII));
            return content + "." + BASE64.encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String claims(String issuer, String audience, Instant until, String... roles) {
        String quoted = List.of(roles).stream().map(role -> '"' + role + '"').collect(Collectors.joining(","));
        return """
                {"iss":"%s","aud":"%s","sub":"erp","preferred_username":"erp","iat":%d,"exp":%d,\
                "realm_access":{"roles":[%s]}}""".formatted(issuer, audience, until.getEpochSecond() - 300,
                until.getEpochSecond(), quoted);
    }

    private static String part(String json) {
        return BASE64.encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
