// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.testkit;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

import javax.crypto.Cipher;

/** The authorize endpoint: checks who asks, gives out tokens and knows which of them are good. */
public final class TokenDesk {

    /** The client id that is good until {@link #credentials} says otherwise. */
    public static final String CLIENT_ID = "test-client";
    /** The client secret that is good until {@link #credentials} says otherwise. */
    public static final String CLIENT_SECRET = "test-secret";

    private static final Duration SIGNATURE_AGE = Duration.ofMinutes(5);

    private final Map<String, Instant> issued = new ConcurrentHashMap<>();
    private final List<TokenRequest> requests = new ArrayList<>();
    private volatile String clientId = CLIENT_ID;
    private volatile String clientSecret = CLIENT_SECRET;
    private volatile PrivateKey signatureKey;
    private volatile Duration lifetime = Duration.ofSeconds(600);
    private volatile boolean relativeExpiry;
    private volatile boolean saysExpiry = true;
    private volatile boolean oneAtATime;
    private volatile Function<TokenRequest, Reply> script = this::decide;

    TokenDesk() {
    }

    /** Asks for these credentials from now on. */
    public TokenDesk credentials(String id, String secret) {
        clientId = id;
        clientSecret = secret;
        return this;
    }

    /** Asks for an X-Cf-Signature made under the public half of that RSA key, at most 5 minutes old. */
    public TokenDesk signedFor(PrivateKey key) {
        signatureKey = key;
        return this;
    }

    /** How long the tokens given out from now on are good. */
    public TokenDesk lifetime(Duration lifetime) {
        this.lifetime = lifetime;
        return this;
    }

    /** Gives the expiry as a point in time, in epoch seconds; this is the default. */
    public TokenDesk absoluteExpiry() {
        relativeExpiry = false;
        saysExpiry = true;
        return this;
    }

    /** Gives the expiry as a number of seconds from now. */
    public TokenDesk relativeExpiry() {
        relativeExpiry = true;
        saysExpiry = true;
        return this;
    }

    /** Lets each new token end the one before. */
    public TokenDesk oneAtATime() {
        oneAtATime = true;
        return this;
    }

    /** Gives a token and does not say when it expires. */
    public TokenDesk withoutExpiry() {
        saysExpiry = false;
        return this;
    }

    /** Answers by that script, which may block, and may hand a request on to {@link #decide}. */
    public TokenDesk reply(Function<TokenRequest, Reply> script) {
        this.script = script;
        return this;
    }

    /** Gives that reply to every request for a token. */
    public TokenDesk reply(Reply reply) {
        return reply(request -> reply);
    }

    /** Goes back to checking the request and giving a token. */
    public TokenDesk replyAsUsual() {
        return reply(this::decide);
    }

    /** Checks a request's credentials and answers with a new token, or with an ERROR and HTTP 200 as the upstream does. */
    public Reply decide(TokenRequest request) {
        if (!clientId.equals(request.clientId()) || !clientSecret.equals(request.clientSecret())) {
            return Reply.tokenError(200, "401", "Invalid client id and client secret combination");
        }
        if (signatureKey != null && !isSigned(request)) {
            return Reply.tokenError(200, "403", "Signature mismatch");
        }
        return grant();
    }

    /** Answers with a new token, whoever asks. */
    public Reply grant() {
        Duration good = lifetime;
        long expiry = relativeExpiry ? good.toSeconds() : Instant.now().plus(good).getEpochSecond();
        String token = issue(good);
        return Reply.json(200, "{\"status\":\"SUCCESS\",\"subCode\":\"200\",\"message\":\"Token generated\","
                + "\"data\":{\"token\":\"" + token + "\"" + (saysExpiry ? ",\"expiry\":" + expiry : "") + "}}");
    }

    /** A new token, good for the lifetime that is set; for tests that give the product a fixed one. */
    public String issue() {
        return issue(lifetime);
    }

    /** Takes that token as good for good. */
    public TokenDesk accept(String token) {
        issued.put(token, Instant.MAX);
        return this;
    }

    /** Makes every token given out so far bad. */
    public void revokeAll() {
        issued.clear();
    }

    /** Every request for a token, in the order of arrival. */
    public List<TokenRequest> requests() {
        synchronized (requests) {
            return List.copyOf(requests);
        }
    }

    /** How many requests for a token have arrived. */
    public int asked() {
        synchronized (requests) {
            return requests.size();
        }
    }

    boolean isGood(String token) {
        Instant expiry = token == null ? null : issued.get(token);
        return expiry != null && Instant.now().isBefore(expiry);
    }

    Reply answer(Request asked) {
        Head head = asked.head();
        TokenRequest request;
        synchronized (requests) {
            request = new TokenRequest(requests.size() + 1, Instant.now(), head.header("X-Client-Id"),
                    head.header("X-Client-Secret"), head.header("X-Cf-Signature"), head.headers(),
                    asked.body());
            requests.add(request);
        }
        return script.apply(request);
    }

    private String issue(Duration good) {
        String token = "tok-" + UUID.randomUUID();
        if (oneAtATime) {
            issued.clear();
        }
        issued.put(token, Instant.now().plus(good));
        return token;
    }

    private boolean isSigned(TokenRequest request) {
        if (request.signature() == null) {
            return false;
        }
        try {
            Cipher cipher = Cipher.getInstance("RSA/ECB/OAEPWithSHA-1AndMGF1Padding");
            cipher.init(Cipher.DECRYPT_MODE, signatureKey);
            String text = new String(cipher.doFinal(Base64.getDecoder().decode(request.signature())), UTF_8);
            int dot = text.lastIndexOf('.');
            return dot > 0 && text.substring(0, dot).equals(request.clientId()) && isFresh(text.substring(dot + 1));
        } catch (GeneralSecurityException | IllegalArgumentException unreadable) {
            return false;
        }
    }

    private static boolean isFresh(String epochSeconds) {
        Instant signed = Instant.ofEpochSecond(Long.parseLong(epochSeconds));
        return Duration.between(signed, Instant.now()).abs().compareTo(SIGNATURE_AGE) <= 0;
    }
}
