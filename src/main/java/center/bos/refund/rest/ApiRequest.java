// SPDX-License-Identifier: Apache-2.0
package center.bos.refund.rest;

import java.util.List;
import java.util.Map;
import java.util.Optional;

import com.fasterxml.jackson.databind.JsonNode;

import io.netty.handler.codec.http.QueryStringEncoder;
import io.vertx.core.http.HttpServerRequest;

/**
 * A request that fits the contract.
 *
 * @param operation its operation id
 * @param caller who asks
 * @param roles the caller's roles: {@code submit}, {@code view}
 * @param parameters path and query parameters, of the types that the contract gives them
 * @param idempotencyKey the caller's key
 * @param mediaType media type of the body, or empty
 * @param json the body if the operation takes only JSON, else null
 * @param http the request itself, with the body if it was not read yet
 */
record ApiRequest(String operation, String caller, List<String> roles, Map<String, JsonNode> parameters,
        Optional<String> idempotencyKey,
        String mediaType, JsonNode json, HttpServerRequest http) {
    static final String ANONYMOUS = "anonymous";

    /** The same request under a key. */
    ApiRequest under(String key) {
        return new ApiRequest(operation, caller, roles, parameters, Optional.of(key), mediaType, json, http);
    }

    /** Whether the caller has no login. */
    boolean isAnonymous() {
        return caller.equals(ANONYMOUS);
    }

    String text(String parameter) {
        return parameters.get(parameter).asText();
    }

    Optional<String> optional(String parameter) {
        return Optional.ofNullable(parameters.get(parameter)).map(JsonNode::asText);
    }

    boolean again() {
        return parameters.containsKey("again") && parameters.get("again").asBoolean();
    }

    int limit() {
        return parameters.get("limit").asInt();
    }

    int offset() {
        return parameters.get("offset").asInt();
    }

    /** The entries of the requested page; found has one more than {@link #limit} if there is a next page. */
    <T> List<T> page(List<T> found) {
        return found.subList(0, Math.min(limit(), found.size()));
    }

    /** The path of the next page, or null on the last. */
    String next(List<?> found) {
        return found.size() > limit() ? next("offset", offset() + limit()) : null;
    }

    /** The path and query of this request with another value of the parameter that says where its page begins. */
    String next(String parameter, Object beginning) {
        QueryStringEncoder next = new QueryStringEncoder(http.path());
        http.params(true).set(parameter, beginning.toString()).forEach(next::addParam);
        return next.toString();
    }
}
