// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.token;

import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;

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
     * @param ofAnotherNode whether another node fetched it
     */
    record Newest(AuthorizeAnswer.Grant grant, boolean ofAnotherNode) {
    }

    /**
     * Another node's token in place of one that BOS refused, or a new one, which the others then find.
     *
     * @param refused the token that BOS refused, if that is why a new one is needed
     */
    Newest renew(Optional<String> refused, Authorize authorize) throws TokenUnavailable {
        AtomicReference<Newest> newest = new AtomicReference<>();
        try {
            store.renew(seal.client(), known -> {
                newest.set(refused.flatMap(old -> inPlaceOf(old, known)).orElse(null));
                if (newest.get() != null) {
                    return Optional.empty();
                }
                AuthorizeAnswer.Grant grant = authorize.ask();
                newest.set(new Newest(grant, false));
                return Optional.of(new Sealed(seal.seal(grant.token()), grant.expiresAt().toEpochMilli()));
            });
        } catch (TokenUnavailable e) {
            throw e;
        } catch (IOException e) {
            // nothing is sent without the store; when it is back, the next refusal brings the nodes together
        }
        return newest.get() != null ? newest.get() : new Newest(authorize.ask(), false);
    }

    private Optional<Newest> inPlaceOf(String refused, Sealed known) {
        Instant expiresAt = Instant.ofEpochMilli(known.expiresAt());
        return seal.open(known.text())
                .filter(token -> !token.equals(refused) && expiresAt.isAfter(Instant.now().plus(SHORTEST)))
                .map(token -> new Newest(new AuthorizeAnswer.Grant(token, expiresAt), true));
    }
}
