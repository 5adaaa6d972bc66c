// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.security.interfaces.RSAPublicKey;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;

/**
 * A small OpenID Connect server: its discovery document, its keys, tokens, and a login page with one button for each person.
 * To a browser it is another site than a service at 127.0.0.1.
 */
public final class LoginServer implements AutoCloseable {
    /** Of every client. */
    public static final String CLIENT_SECRET = "a secret of the login server and its clients";

    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();
    private static final String ERP = "erp";

    private final KeyPair key = SftpHost.rsa();
    private final Map<String, String[]> people = new LinkedHashMap<>();
    private final Map<String, Login> codes = new ConcurrentHashMap<>();
    private final HttpServer server;
    private volatile Duration lifetime = Duration.ofMinutes(5);

    private record Login(String person, String client, String redirect, String nonce) {
    }

    private LoginServer(HttpServer server) {
        this.server = server;
    }

    /** Starts one on a free port of this machine. */
    public static LoginServer start() {
        return start(0);
    }

    /** Starts one on that port. */
    public static LoginServer start(int port) {
        try {
            LoginServer login = new LoginServer(
                    HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 0));
            login.serve("/.well-known/openid-configuration", """
                    {"issuer": "%1$s", "jwks_uri": "%1$s/keys", "authorization_endpoint": "%1$s/auth",
                     "token_endpoint": "%1$s/token", "response_types_supported": ["code"],
                     "subject_types_supported": ["public"], "id_token_signing_alg_values_supported": ["RS256"]}
                    """.formatted(login.url()));
            RSAPublicKey publicKey = (RSAPublicKey) login.key.getPublic();
            login.serve("/keys", """
                    {"keys": [{"kty": "RSA", "kid": "first", "use": "sig", "alg": "RS256", "n": "%s", "e": "%s"}]}
                    """.formatted(unsigned(publicKey.getModulus()), unsigned(publicKey.getPublicExponent())));
            login.server.createContext("/auth", login::logIn);
            login.server.createContext("/token", login::redeem);
            login.server.start();
            return login;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void serve(String path, String json) {
        server.createContext(path, exchange -> answer(exchange, 200, "application/json", json));
    }

    private static String unsigned(BigInteger number) {
        byte[] bytes = number.toByteArray();
        int from = bytes[0] == 0 ? 1 : 0;
        return BASE64.encodeToString(Arrays.copyOfRange(bytes, from, bytes.length));
    }

    /** Its address, which is the issuer of its tokens. */
    public String url() {
        return "http://localhost:" + server.getAddress().getPort();
    }

    /** Makes a person who can log in on the page. */
    public LoginServer person(String name, String... roles) {
        people.put(name, roles);
        return this;
    }

    /** The page; who presses the button of a name is sent back with a code. */
    private void logIn(HttpExchange exchange) throws IOException {
        Map<String, String> asked = fields(exchange.getRequestURI().getRawQuery());
        if (exchange.getRequestMethod().equals("POST")) {
            String person = fields(body(exchange)).get("person");
            String code = UUID.randomUUID().toString();
            codes.put(code, new Login(person, asked.get("client_id"), asked.get("redirect_uri"), asked.get("nonce")));
            exchange.getResponseHeaders().set("Location",
                    asked.get("redirect_uri") + "?code=" + code + "&state=" + encoded(asked.get("state")));
            exchange.sendResponseHeaders(303, -1);
            exchange.close();
            return;
        }
        String buttons = people.keySet().stream().map(name -> "<button name=person value=" + name + ">" + name
                + "</button>").collect(Collectors.joining());
        answer(exchange, 200, "text/html",
                "<!DOCTYPE html><title>Login</title><link rel=icon href=data:,><form method=post>"
                        + buttons + "</form>");
    }

    /** Gives the tokens of a code, once, to the client that it is for. */
    private void redeem(HttpExchange exchange) throws IOException {
        Map<String, String> asked = fields(body(exchange));
        Login login = codes.remove(asked.getOrDefault("code", ""));
        String client = login == null
                ? ""
                : "Basic " + Base64.getEncoder()
                        .encodeToString((login.client() + ":" + CLIENT_SECRET).getBytes(StandardCharsets.UTF_8));
        if (login == null || !login.redirect().equals(asked.get("redirect_uri"))
                || !client.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            answer(exchange, 400, "application/json", "{\"error\":\"invalid_grant\"}");
            return;
        }
        Instant until = Instant.now().plus(lifetime);
        String access = token(url(), login.client(), login.person(), null, until, key, people.get(login.person()));
        String id = token(url(), login.client(), login.person(), login.nonce(), until, key);
        answer(exchange, 200, "application/json", """
                {"access_token":"%s","id_token":"%s","token_type":"Bearer","expires_in":300}""".formatted(access, id));
    }

    private static String body(HttpExchange exchange) throws IOException {
        return new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
    }

    private static void answer(HttpExchange exchange, int status, String type, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", type);
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static Map<String, String> fields(String form) {
        return Arrays.stream(form.split("&")).map(field -> field.split("=", 2)).collect(Collectors.toMap(
                field -> field[0], field -> URLDecoder.decode(field[1], StandardCharsets.UTF_8)));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    /** Ends each login so long after it. */
    public LoginServer lasting(Duration time) {
        lifetime = time;
        return this;
    }

    /** A token for that audience until that time, signed with this server's key. */
    public String token(String audience, Instant until, String... roles) {
        return token(url(), audience, ERP, null, until, key, roles);
    }

    /** A token that looks like this server's and is signed with another key. */
    public String forged(String audience, Instant until, String... roles) {
        return token(url(), audience, ERP, null, until, SftpHost.rsa(), roles);
    }

    /** A token of another issuer, signed with this server's key. */
    public String ofAnotherIssuer(String audience, Instant until, String... roles) {
        return token("http://elsewhere.example", audience, ERP, null, until, key, roles);
    }

    /** A token that says that it needs no signature. */
    public String unsigned(String audience, Instant until, String... roles) {
        return part("{\"alg\":\"none\",\"typ\":\"JWT\"}") + "." + part(claims(url(), audience, ERP, null, until, roles))
                + ".";
    }

    private static String token(String issuer, String audience, String person, String nonce, Instant until, KeyPair key,
            String... roles) {
        String content = part("{\"alg\":\"RS256\",\"typ\":\"JWT\",\"kid\":\"first\"}") + "."
                + part(claims(issuer, audience, person, nonce, until, roles));
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(key.getPrivate());
            signature.update(content.getBytes(StandardCharsets.US_ASCII));
            return content + "." + BASE64.encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String claims(String issuer, String audience, String person, String nonce, Instant until,
            String... roles) {
        String quoted = List.of(roles).stream().map(role -> '"' + role + '"').collect(Collectors.joining(","));
        return """
                {"iss":"%1$s","aud":"%2$s","sub":"%3$s","preferred_username":"%3$s","iat":%4$d,"exp":%5$d,%6$s\
                "realm_access":{"roles":[%7$s]}}""".formatted(issuer, audience, person, until.getEpochSecond() - 300,
                until.getEpochSecond(), nonce == null ? "" : "\"nonce\":\"" + nonce + "\",", quoted);
    }

    private static String part(String json) {
        return BASE64.encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
