// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.util.Optional;

import jakarta.inject.Singleton;

import org.apache.commons.codec.digest.DigestUtils;

import center.bos.refund.ledger.Deed;
import center.bos.refund.ledger.IdempotencyKeys;
import center.bos.refund.ledger.Ledger;

/** The identity of a request: a new one, or the same for each repetition of an Idempotency-Key. */
@Singleton
record IdempotencyKey(Ledger ledger) {
    private static final String BY = "by";

    /**
     * The identity of a request.
     *
     * @param fresh the identity of a new request
     * @param content what distinguishes requests of the operation; no part has a line break
     * @throws IdempotencyKeys.StandsForAnother if the key belongs to another request
     */
    String identity(ApiRequest request, String fresh, String... content) {
        return keyOf(request, content)
                .map(key -> ledger.idempotencyKeys().take(key, fresh)).orElse(fresh);
    }

    /** The same for new rows, which go into the audit log if pairs that were sent before are sent too. */
    String submitted(ApiRequest request, String fresh, long rows, String by, String... content) {
        return request.again()
                ? ledger.idempotencyKeys().takeAgain(keyOf(request, content).orElse(null), fresh, rows,
                        new Deed(by, null, null))
                : identity(request, fresh, content);
    }

    private static Optional<IdempotencyKeys.Key> keyOf(ApiRequest request, String... content) {
        return key(request,
                String.join("\n", content) + "\n" + request.again() + "\n" + request.optional(BY).orElse(""));
    }

    private static Optional<IdempotencyKeys.Key> key(ApiRequest request, String content) {
        return request.idempotencyKey().map(name -> new IdempotencyKeys.Key(request.caller(), name,
                DigestUtils.sha256Hex(request.operation() + "\n" + content)));
    }

    /**
     * The deed of a person: by whom, why, and under which key.
     *
     * @param of the target of the deed
     * @throws Refusal if the body names another person than the login
     */
    Deed deed(ApiRequest request, String of) throws Refusal {
        String reason = request.json().path("reason").asText(null);
        Optional<String> by = Optional.ofNullable(request.json().path(BY).asText(null));
        return new Deed(person(request, by), reason,
                key(request, of + "\n" + reason + "\n" + by.orElse(null)).orElse(null));
    }

    /**
     * Who submits: the login, or the name that an anonymous caller gives.
     *
     * @throws Refusal if another person than the login is named
     */
    static String submitter(ApiRequest request) throws Refusal {
        return person(request, request.optional(BY));
    }

    private static String person(ApiRequest request, Optional<String> by) throws Refusal {
        if (by.isPresent() && !request.isAnonymous()) {
            throw new Refusal(422, "you are logged in as " + request.caller() + ": leave by out");
        }
        return by.orElse(request.caller());
    }
}
