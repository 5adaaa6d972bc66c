// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.token;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;

import org.apache.camel.CamelContext;
import org.apache.camel.Exchange;
import org.apache.camel.Processor;
import org.apache.camel.ProducerTemplate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import center.bos.refund.model.NotSentException;

/**
 * Caches the bearer token, and gets a new one from the route {@code token-authorize} before it expires. However many calls wait, only
 * one asks; the others use the old token while it is valid. Nodes that share a {@link TokenStore} find each other's newest token
 * there.
 */
public class TokenCache implements Processor {
    private static final Logger LOG = LoggerFactory.getLogger(TokenCache.class);
    private static final Duration PAUSE_AFTER_FAILURE = Duration.ofSeconds(1);

    private final Optional<String> fixedToken;
    private final Duration margin;
    private final ProducerTemplate template;
    private final Optional<TokenShare> share;
    private final ReentrantLock refresh = new ReentrantLock();
    /** The last token that BOS refused, until there is a new one. */
    private String refused;
    private volatile Token current;
    private volatile Failure failure;

    /**
     * A bearer token; {@link #toString()} omits its text.
     *
     * @param issuedAt when it was issued, by the wall clock, for people
     * @param expiresAt when it ends, in monotonic nanoseconds, as the wall clock may be set
     * @param refreshAt when it is to be replaced
     * @param ofAnotherNode whether another node fetched it
     */
    private record Token(String value, Instant issuedAt, long expiresAt, long refreshAt, boolean ofAnotherNode) {
        boolean isValid() {
            return System.nanoTime() - expiresAt < 0;
        }

        boolean isFresh() {
            return System.nanoTime() - refreshAt < 0;
        }

        @Override
        public String toString() {
            return "Token";
        }
    }

    private record Failure(String message, long until) {
    }

    /**
     * An empty cache.
     *
     * @param store the store of other nodes' tokens, if there are other nodes
     * @param context has the route {@code token-authorize}
     */
    public TokenCache(TokenSettings settings, Optional<TokenStore> store, CamelContext context) {
        share = store.flatMap(place -> TokenSeal.of(settings).map(seal -> new TokenShare(place, seal)));
        fixedToken = settings.value();
        margin = settings.refreshMargin();
        template = context.createProducerTemplate();
    }

    /** Puts a valid token into the body. */
    @Override
    public void process(Exchange exchange) throws TokenUnavailable {
        exchange.getMessage().setBody(fixedToken.isPresent() ? fixedToken.get() : token());
    }

    private String token() throws TokenUnavailable {
        Token token = current;
        if (token == null || !token.isValid()) {
            refresh.lock();
        } else if (token.isFresh() || !refresh.tryLock()) {
            return token.value();
        }
        try {
            return refreshed();
        } finally {
            refresh.unlock();
        }
    }

    private String refreshed() throws TokenUnavailable {
        Token token = current;
        if (token != null && token.isFresh()) {
            return token.value();
        }
        boolean valid = token != null && token.isValid();
        Failure last = failure;
        if (last == null || System.nanoTime() - last.until() >= 0) {
            try {
                token = renewed();
                current = token;
                refused = null;
                if (last != null) {
                    LOG.info("The token endpoint gives tokens again");
                }
                failure = null;
                return token.value();
            } catch (TokenUnavailable e) {
                if (last == null) {
                    LOG.warn("No new token: {}", e.getMessage());
                }
                failure = new Failure(e.getMessage(), System.nanoTime() + PAUSE_AFTER_FAILURE.toNanos());
            }
        }
        if (valid) {
            return token.value();
        }
        throw new TokenUnavailable(failure.message());
    }

    private Token renewed() throws TokenUnavailable {
        if (share.isEmpty()) {
            return token(authorize(), false);
        }
        TokenShare.Newest newest = share.get().renew(Optional.ofNullable(refused), this::authorize);
        return token(newest.grant(), newest.ofAnotherNode());
    }

    private AuthorizeAnswer.Grant authorize() throws TokenUnavailable {
        Exchange answer = template.request("direct:token-authorize", exchange -> {
        });
        Exception exception = answer.getException();
        if (exception instanceof TokenUnavailable unavailable) {
            throw unavailable;
        }
        if (exception instanceof NotSentException) {
            throw new TokenUnavailable("token endpoint: " + exception.getMessage());
        }
        if (exception != null) {
            throw new TokenUnavailable("the token endpoint does not answer: " + exception.getClass().getSimpleName());
        }
        AuthorizeAnswer.Grant grant = answer.getMessage().getBody(AuthorizeAnswer.Grant.class);
        if (grant == null) {
            throw new TokenUnavailable("the route token-authorize left no token in the body");
        }
        return grant;
    }

    private Token token(AuthorizeAnswer.Grant grant, boolean ofAnotherNode) {
        long now = System.nanoTime();
        Duration lifetime = Duration.between(Instant.now(), grant.expiresAt());
        // A token with a lifetime below the margin is used for most of it.
        Duration ahead = lifetime.compareTo(margin.multipliedBy(2)) > 0 ? margin : lifetime.dividedBy(4);
        long expiresAt = now + lifetime.toNanos();
        return new Token(grant.token(), Instant.now(), expiresAt, expiresAt - ahead.toNanos(), ofAnotherNode);
    }

    /** When the current token was issued, unless it is fixed. */
    public Optional<Instant> issuedAt() {
        return Optional.ofNullable(current).map(Token::issuedAt);
    }

    /** Why the last request for a new token failed, or empty; the old token may still be valid. */
    public Optional<String> trouble() {
        return Optional.ofNullable(failure).map(Failure::message);
    }

    /**
     * Discards a token that BOS did not accept, unless it was replaced already.
     *
     * @return whether another node's token replaced it, which may be why BOS did not accept it
     */
    public boolean discard(String token) {
        refresh.lock();
        try {
            if (current != null && current.value().equals(token)) {
                current = null;
                refused = token;
                if (share.isPresent()) { // other nodes may have a newer one
                    refreshed();
                }
            }
            return current != null && current.ofAnotherNode();
        } catch (TokenUnavailable e) {
            return false; // the next call asks again
        } finally {
            refresh.unlock();
        }
    }
}
