// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.token;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

import center.bos.refund.token.TokenStore.Sealed;

/**
 * The newest token of the nodes that share a store. At some endpoints a new token voids the one before, so that nodes would void each
 * other's; at others each address needs its own. So a node takes another's token only once BOS refuses its own.
 */
record TokenShare(TokenStore store, TokenSeal seal) {
    /** A token with less time left is not taken. */
    private static final Duration SHORTEST = Duration.ofSeconds(5);

    /** Asks the endpoint. */
    @FunctionalInterface
    interface Authorize {
        AuthorizeAnswer.Grant ask() throws TokenUnavailable;
    }

    /**
     * The newest token.
     *
     * @param grant the token
     * @param ofAnotherNode whether another node fetched it
     */
    record Newest(AuthorizeAnswer.Grant grant, boolean ofAnotherNode) {
    }

    /** The result of one renewal, carried out of its transaction. */
    private static final class Renewed {
        private Newest newest;
        private TokenUnavailable failure;
    }

    /**
     * Another node's token in place of one that BOS refused, or a new one, which the others then find.
     *
     * @param refused the token that BOS refused, if that is why a new one is needed
     */
    Newest renew(Optional<String> refused, Authorize authorize) throws TokenUnavailable {
        Renewed renewed = new Renewed();
        try {
            store.renew(seal.client(), known -> {
                renewed.newest = refused.flatMap(old -> inPlaceOf(old, known)).orElse(null);
                return renewed.newest == null ? asked(authorize, renewed) : Optional.empty();
            });
        } catch (IOException e) {
            // nothing is sent without the store; when it is back, the next refusal brings the nodes together
        }
        if (renewed.failure != null) {
            throw renewed.failure;
        }
        return renewed.newest != null ? renewed.newest : new Newest(authorize.ask(), false);
    }

    private Optional<Newest> inPlaceOf(String refused, Sealed known) {
        Instant expiresAt = Instant.ofEpochMilli(known.expiresAt());
        return seal.open(known.text())
                .filter(token -> !token.equals(refused) && expiresAt.isAfter(Instant.now().plus(SHORTEST)))
                .map(token -> new Newest(new AuthorizeAnswer.Grant(token, expiresAt), true));
    }

    private Optional<Sealed> asked(Authorize authorize, Renewed renewed) {
        try {
            AuthorizeAnswer.Grant grant = authorize.ask();
            renewed.newest = new Newest(grant, false);
            return Optional.of(new Sealed(seal.seal(grant.token()), grant.expiresAt().toEpochMilli()));
        } catch (TokenUnavailable e) {
            renewed.failure = e;
            return Optional.empty();
        }
    }
}
