// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.simulator;

import java.time.InstantSource;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

import jakarta.inject.Inject;
import jakarta.inject.Named;
import jakarta.inject.Singleton;

import org.apache.camel.Header;

/** The tokens that the simulator issued and that have not expired. */
@Singleton
@Named("simulatorTokens")
public final class IssuedTokens {
    private static final String SCHEME = "Bearer ";

    private final InstantSource clock;
    private final Map<String, Long> expiries = new ConcurrentHashMap<>();

    /** A bearer token and the epoch second at which it expires. */
    public record Token(String value, long expiry) {
    }

    /** Starts empty, on the system's clock. */
    @Inject
    public IssuedTokens() {
        this(InstantSource.system());
    }

    /** Starts empty, on the given clock. */
    public IssuedTokens(InstantSource clock) {
        this.clock = clock;
    }

    /** Issues a token that is valid for so many seconds; earlier ones stay valid. */
    public Token issue(int seconds) {
        long now = clock.instant().getEpochSecond();
        expiries.values().removeIf(expiry -> expiry <= now);
        var token = new Token(UUID.randomUUID().toString(), now + seconds);
        expiries.put(token.value(), token.expiry());
        return token;
    }

    /** Whether an Authorization header, which may be null, has a valid token. */
    public boolean accepts(@Header("Authorization") String authorization) {
        if (authorization == null || !authorization.startsWith(SCHEME)) {
            return false;
        }
        Long expiry = expiries.get(authorization.substring(SCHEME.length()));
        return expiry != null && expiry > clock.instant().getEpochSecond();
    }
}
